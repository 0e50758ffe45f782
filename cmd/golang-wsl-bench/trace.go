package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

func (a *app) traceCommand() *cobra.Command {
	var asJSON bool
	var rows int
	cmd := &cobra.Command{
		Use:   "trace FILE",
		Short: "Where system calls block, and what the scheduler did, by a trace",
		Long: `Say from an execution trace where system calls block and what the scheduler did: a
verdict in five lines, then system calls by place in the code, how long goroutines
waited to run and why, and what stopped the world. Of a trace that runtime/trace,
go test -trace or /debug/pprof/trace has written, with Go 1.22 or later. - is stdin.`,
		Example: "  go test -trace trace.out ./pkg/x && " + calledAs + " trace trace.out\n" +
			"  " + calledAs + " trace --json trace.out",
		Args: wantArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := a.analyze(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(a.std.out).Encode(report)
			}
			_, err = io.WriteString(a.std.out, tracePage(report, a.style(), rows))
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().IntVar(&rows, "top", 10, "places in the code that each table shows; --json has all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole report as JSON")
	return cmd
}

// softLimit is how much memory the collector of this process is to make do with: what
// is alive is far less, but by itself it would let that double.
const softLimit = 400 << 20

// analyze reads a file, with a bar on a terminal.
func (a *app) analyze(ctx context.Context, name string) (*trace.Report, error) {
	if a.env("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit)
	}
	f, size := a.std.in, int64(-1)
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		f = file
	}
	var o trace.Options
	if bar := a.bar(progressbar.OptionShowBytes(true)); bar != nil {
		bar.ChangeMax64(size)
		_ = bar.RenderBlank() // the clock of its rate begins
		defer func() { _ = bar.Clear() }()
		o.Progress = func(read int64) { _ = bar.Set64(read) }
	}
	report, err := trace.Analyze(ctx, f, o)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return report, nil
}
