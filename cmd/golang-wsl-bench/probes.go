package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// allProbes are the kinds of measurement, in the order in which "all" has them.
func allProbes() []probe {
	return []probe{schedProbe(), gcProbe(), fsProbe(), netProbe(), syscallsProbe()}
}

// A probe is a kind of measurement, and its command.
type probe struct {
	name, use            string // "fs", and how it is called: "fs DIR [DIR]"
	short, long, example string
	args                 cobra.PositionalArgs
	deadline             time.Duration // of one process
	// flags adds what can be chosen. The function that it returns makes the probe, in
	// the process that is to measure.
	flags func(*pflag.FlagSet) func(choice) (bench.Probe, error)
	// configs are the names of what is measured in processes of their own. nil is one
	// without a name.
	configs func(flags *pflag.FlagSet, args []string) []string
	// once says that there is nothing to repeat: it has answers, and no samples.
	once bool
	// inAll are the arguments that it has in "all", where directories were given.
	inAll func(dirs []string) []string
	// speaks reports whether a program of the user's is measured, which may write.
	speaks func(args []string) bool
	// summary is what clean runs say together that is no row of a table.
	summary func(runs []*bench.Run, style bench.Style) string
	// command measures without repeating; nil is probeCommand's.
	command func(a *app) *cobra.Command
	// words are those that a flag may have, and check what else is wrong with flags.
	words        map[string][]string
	check        func(*pflag.FlagSet) error
	completeArgs cobra.CompletionFunc
}

// A choice is how a process is to measure.
type choice struct {
	config string // one of probe.configs
	args   []string
	quick  bool
	stderr io.Writer // for what a program that is measured writes
}

// probeCommand is the command that measures with several processes.
func (a *app) probeCommand(p probe) *cobra.Command {
	if p.command != nil {
		return p.command(a)
	}
	m := new(measurement)
	cmd := &cobra.Command{Use: p.use, Short: p.short, Long: p.long, Example: p.example, Args: p.args}
	m.addFlags(cmd, p.deadline)
	own := p.ownFlags()
	cmd.Flags().AddFlagSet(own)
	for flag, words := range p.words {
		_ = cmd.RegisterFlagCompletionFunc(flag, fixed(words))
	}
	cmd.ValidArgsFunction = p.completeArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m.echo = p.speaks != nil && p.speaks(args)
		if err := checkWords(own, p.words); err != nil {
			return err
		}
		if p.check != nil {
			if err := p.check(own); err != nil {
				return err
			}
		}
		return a.measure(cmd.Context(), m, p.tasks(own, args))
	}
	return cmd
}

// ownFlags are the flags that only this probe has.
func (p probe) ownFlags() *pflag.FlagSet {
	set := pflag.NewFlagSet(p.name, pflag.ContinueOnError)
	p.flags(set)
	return set
}

// A task is what one process measures, and how it is called for that.
type task struct {
	config bench.Config
	args   []string
	once   bool
}

// tasks are those of a probe: the flags that were set are handed on as they are.
func (p probe) tasks(own *pflag.FlagSet, args []string) (list []task) {
	names := []string{""}
	if p.configs != nil {
		names = p.configs(own, args)
	}
	for _, name := range names {
		call := append([]string{"run-once", p.name, "--config", name}, setFlags(own)...)
		call = append(append(call, "--"), args...)
		list = append(list, task{bench.Config{Probe: p.name, Name: name}, call, p.once})
	}
	return list
}

func setFlags(flags *pflag.FlagSet) (args []string) {
	flags.VisitAll(func(f *pflag.Flag) { // Visit knows only what the set itself has parsed
		if !f.Changed {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			args = append(args, fmt.Sprintf("--%s=%s", f.Name, v))
		}
	})
	return args
}

// allCommand measures everything, and each in turn.
func (a *app) allCommand() *cobra.Command {
	m := new(measurement)
	cmd := &cobra.Command{
		Use:   "all [DIR [DIR]]",
		Short: "Measure all of it, each in turn",
		Long: `Measure all of it, each in turn, so that what changes on the machine over the minutes
meets all of them alike. Files are measured in DIR, or in two of them side by side;
where none is named, in the current directory. 10 runs of each take three quarters of
an hour where little else runs, an hour with a second directory, and half as much again
where runs are disturbed and repeated. Ctrl-C ends it with what there is until then.`,
		Example: "  " + calledAs + " all -o run.txt\n  " + calledAs + " all --quick ~ /mnt/c/tmp",
		Args:    wantArgs(0, 2),
	}
	m.addFlags(cmd, time.Hour)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{"."}
		}
		var tasks []task
		for _, p := range a.probes {
			var own []string
			if p.inAll != nil {
				own = p.inAll(slices.Clone(args))
			}
			tasks = append(tasks, p.tasks(p.ownFlags(), own)...)
		}
		return a.measure(cmd.Context(), m, tasks)
	}
	cmd.ValidArgsFunction = completeDirs
	return cmd
}

func completeDirs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
