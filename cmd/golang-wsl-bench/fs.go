package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/fsio"
)

func fsProbe() probe {
	return probe{
		name: "fs", use: "fs DIR [DIR]",
		short: "What files cost in a directory, or in two side by side",
		long: `What files cost in a directory, or in two of them in turns, with the same names in
the same order: how many times as long each operation takes in the second. Then what
a developer waits for: go build of a module of 200 packages, and with --test the
benchmarks of a package of yours. Nothing that is there is touched.`,
		example: "  " + calledAs + " fs --quick ~ /mnt/c/tmp\n  " + calledAs + " fs --go=false .",
		args:    wantArgs(1, 2), deadline: time.Hour,
		flags:   fsFlags,
		inAll:   func(dirs []string) []string { return dirs },
		summary: fsSummary,
		words:   map[string][]string{"only": fsio.Operations()},
		completeArgs: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
}

func fsFlags(flags *pflag.FlagSet) func(choice) (bench.Probe, error) {
	o := fsio.Options{}
	flags.StringSliceVar(&o.Only, "only", nil, "operations to measure")
	goCommand := flags.Bool("go", true, "build a module in each place, if go is on PATH")
	flags.IntVar(&o.Packages, "packages", 0, "of that module (200, quick 40)")
	flags.StringVar(&o.Test.Package, "test", "", "directory of a package with benchmarks to run in each place")
	flags.StringVar(&o.Test.Bench, "bench", "", "which of its benchmarks, as go test -bench has it (all)")
	flags.DurationVar(&o.Timeout, "timeout", 0, "how long one operation may take before the place hangs (30s)")
	return func(c choice) (bench.Probe, error) {
		o := o
		o.Quick = c.quick
		for _, dir := range c.args {
			abs, err := filepath.Abs(dir)
			if err != nil {
				return nil, err
			}
			o.Dirs = append(o.Dirs, abs)
		}
		if _, err := exec.LookPath("go"); *goCommand && err == nil {
			o.Go = runGo
		}
		return fsio.New(o), nil
	}
}

// runGo is a fsio.Runner.
func runGo(ctx context.Context, c fsio.Command) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", c.Args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = c.Dir, append(os.Environ(), c.Env...), time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, err
}

// fsSummary is what the places are on, and how many times as long the second takes:
// the middle of the runs, and its interval over them where there are enough.
func fsSummary(runs []*bench.Run, style bench.Style) string {
	var b strings.Builder
	for i, letter := range []string{"a", "b"} {
		if runs[0].Get("fs-"+letter) != "" {
			fmt.Fprintf(&b, "place=%s, the %s directory: %s\n", letter, []string{"first", "second"}[i], placeText(runs[0], "fs-"+letter))
		}
	}
	var names []string
	all := make(map[string][]float64)
	for _, run := range runs {
		for _, r := range fsio.Ratios(run) {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
			all[r.Name] = append(all[r.Name], r.Median)
		}
	}
	if len(names) == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "\nTimes as long in the second (%s) as in the first (%s):\n", runs[0].Get("fs-b"), runs[0].Get("fs-a"))
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, name := range names {
		fmt.Fprintf(table, "  %s\t%s\n", name, ratioText(all[name]))
	}
	table.Flush()
	return b.String()
}

// placeText is the file system of a place, and what it does not do as others do.
func placeText(run *bench.Run, key string) string {
	parts := []string{fmt.Sprintf("%s (%s)", run.Get(key), run.Get(key+"-options"))}
	for _, k := range run.Env {
		what, ok := strings.CutPrefix(k.Name, key+"-")
		if none, absent := strings.CutPrefix(k.Value, "none: "); ok && absent {
			parts = append(parts, fmt.Sprintf("no %s: %s", what, none))
		}
	}
	if run.Get(key+"-chmod") == "ignored" {
		parts = append(parts, "chmod says that it works, and changes nothing")
	}
	if stays := run.Get(key + "-drop"); strings.HasPrefix(stays, "ignored") {
		parts = append(parts, "no cold reads, as files stay in memory")
	}
	return strings.Join(parts, "; ")
}

// ratioText takes the ratios of runs as samples, in millionths.
func ratioText(ratios []float64) string {
	var sorted bench.Sorted
	for _, r := range ratios {
		sorted = append(sorted, int64(r*1e6))
	}
	slices.Sort(sorted)
	text := fmt.Sprintf("%.3g", float64(sorted.Quantile(0.5))/1e6)
	if lo, hi, ok := sorted.Interval(0.5, 0.95); ok {
		text += fmt.Sprintf("\t%.3g to %.3g", float64(lo)/1e6, float64(hi)/1e6)
	}
	return text
}
