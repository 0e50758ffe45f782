package main

import (
	"encoding/json"
	"errors"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// An outcome is what a process that has measured writes to its stdout.
type outcome struct {
	Run *bench.Run `json:"run"`
	// Page is what the probe has to say about this run that is no sample, as text.
	Page string `json:"page,omitempty"`
	// Error is why it is not whole. It is not on stderr, which may be shown.
	Error string        `json:"error,omitempty"`
	Errno syscall.Errno `json:"errno,omitempty"` // of the error, if there is one
}

// A runError is an [outcome.Error].
type runError struct {
	text  string
	errno syscall.Errno
}

func (e *runError) Error() string { return e.text }

func (e *runError) Unwrap() error {
	if e.errno == 0 {
		return nil
	}
	return e.errno
}

// A pager is a probe that has more to say than a run can hold.
type pager interface {
	Page(style bench.Style) string
}

// onceCommand is what [launcher] calls: it measures once, in this process.
func (a *app) onceCommand() *cobra.Command {
	group := &cobra.Command{
		Use: "run-once PROBE", Short: "Measure once and print the run as JSON", Hidden: true,
		Args: wantCommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, p := range a.probes {
		cmd := &cobra.Command{Use: p.use, Short: p.short, Args: p.args}
		make := p.flags(cmd.Flags())
		c := choice{stderr: a.std.err}
		cmd.Flags().StringVar(&c.config, "config", "", "which of its configurations")
		cmd.Flags().BoolVar(&c.quick, "quick", false, "take seconds")
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			c.args = args
			probe, err := make(c)
			if err != nil {
				return err
			}
			return a.once(cmd, probe)
		}
		group.AddCommand(cmd)
	}
	return group
}

// once writes a run also where there is an error: what there is of it.
func (a *app) once(cmd *cobra.Command, probe bench.Probe) error {
	watch := a.watch
	watch.Env = a.keys()
	run, err := watch.Once(cmd.Context(), probe)
	out := outcome{Run: run}
	if p, ok := probe.(pager); ok {
		out.Page = p.Page(a.style())
	}
	if err != nil {
		out.Error = oneLine(err.Error())
		_ = errors.As(err, &out.Errno)
	}
	return json.NewEncoder(a.std.out).Encode(out)
}

// keys are what a package must not read by itself.
func (a *app) keys() []bench.Key {
	machine := wsl.Machine{Root: os.DirFS("/"), Env: a.env}
	var st syscall.Statfs_t
	if err := syscall.Statfs("/", &st); err == nil {
		machine.RootType = int64(st.Type)
	}
	keys := []bench.Key{{Name: "kind", Value: string(wsl.KindOf(machine))}}
	if v := a.env("GODEBUG"); v != "" {
		keys = append(keys, bench.Key{Name: "godebug", Value: v})
	}
	return keys
}
