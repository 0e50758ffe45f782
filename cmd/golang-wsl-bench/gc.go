package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
)

func gcProbe() probe {
	return probe{
		name: "gc", use: "gc [-- COMMAND [ARG...]]",
		short: "What the garbage collector does, and why",
		long: `What the garbage collector does: cycles, pauses, its share of the CPU, the heap, and
what began each cycle. Of three built-in workloads, or of any program of Go since 1.18,
which runs with GODEBUG=gctrace=1, as often as there are runs. What the program writes
goes to stderr. Go commands that it runs have an empty GOCACHE for the time: yours would
keep the lines of gctrace. --json has each cycle, with the evidence for what began it.`,
		example: "  " + calledAs + " gc --quick\n  " + calledAs + " gc --runs 1 -- prometheus --version",
		args:    wantArgs(0, -1), deadline: 10 * time.Minute,
		flags: func(flags *pflag.FlagSet) func(choice) (bench.Probe, error) {
			flags.StringSlice("workload", gc.Workloads(), "built-in ones to measure")
			return func(c choice) (bench.Probe, error) {
				if len(c.args) > 0 {
					return gcReport{gc.Of(gcProgram(c))}, nil
				}
				return gcReport{gc.New(gc.Options{Workload: c.config, Quick: c.quick})}, nil
			}
		},
		configs: func(flags *pflag.FlagSet, args []string) []string {
			if len(args) > 0 {
				return []string{gcName(args[0])}
			}
			names, _ := flags.GetStringSlice("workload")
			return names
		},
		speaks: func(args []string) bool { return len(args) > 0 },
		words:  map[string][]string{"workload": gc.Workloads()},
	}
}

// gcName is a program in the names of metrics, which have no white space.
func gcName(command string) string {
	return strings.Join(strings.Fields(filepath.Base(command)), "_")
}

// gcProgram runs a command as gc.Program wants it, in the process group that it is
// measured by, so that it ends with that.
//
// GODEBUG is handed down to all that it starts. A go command among them, were it by way
// of make, would have compilers write gctrace, keep that in its build cache with what
// they have compiled, and write it again with each build to come: lines that are none
// of this run, in each later one as well. So that there is a cache for each run.
func gcProgram(c choice) gc.Program {
	return gc.Program{
		Name:     gcName(c.args[0]),
		Stderr:   c.stderr,
		Settings: gc.Settings{GOGC: os.Getenv("GOGC"), GOMEMLIMIT: os.Getenv("GOMEMLIMIT")},
		Start: func(ctx context.Context, stderr io.Writer) error {
			cache, err := os.MkdirTemp("", "golang-wsl-bench-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(cache)
			cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
			godebug := strings.TrimPrefix(os.Getenv("GODEBUG")+",gctrace=1", ",")
			cmd.Env = append(os.Environ(), "GODEBUG="+godebug, "GOCACHE="+cache)
			cmd.Stdout, cmd.Stderr = c.stderr, stderr
			cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
			cmd.WaitDelay = grace / 2
			if err = cmd.Run(); errors.As(err, new(*exec.ExitError)) {
				err = fmt.Errorf("%s: %w", c.args[0], err)
			}
			return err
		},
	}
}

// gcReport is the probe with its report as a page: cycles and the heap over time are
// no samples.
type gcReport struct{ *gc.Probe }

func (p gcReport) Page(style bench.Style) string {
	r := p.Report()
	if r == nil || r.Source == "" { // it has not begun
		return ""
	}
	var b strings.Builder
	count := r.Count()
	var why []string
	for _, t := range gc.Triggers() {
		if count[t] > 0 {
			why = append(why, fmt.Sprintf("%s %d", t, count[t]))
		}
	}
	fmt.Fprintf(&b, "%d cycles: %s\n", r.NumGC, strings.Join(why, ", "))
	if r.Lost > 0 || r.Unreadable > 0 {
		fmt.Fprintf(&b, "not all are known: %d cycles and %d lines are missing\n", r.Lost, r.Unreadable)
	}
	for _, t := range gc.Triggers() {
		if i := slices.IndexFunc(r.Cycles, func(c gc.Cycle) bool { return c.Trigger == t }); i >= 0 {
			fmt.Fprintf(&b, "  %s, as in cycle %d: %s\n", t, r.Cycles[i].N, r.Cycles[i].Evidence)
		}
	}
	b.WriteString(heapLine(r.Heap, style))
	b.WriteString(memoryLine(r.Pressure, style))
	return b.String()
}

// memoryLine says how short of memory the machine was meanwhile.
func memoryLine(p *gc.Pressure, style bench.Style) string {
	if p == nil || len(p.Samples) == 0 {
		return ""
	}
	last := p.Samples[len(p.Samples)-1]
	used, limit, least := last, cmp.Or(last.High, last.Max), last.Available
	for _, m := range p.Samples {
		if m.Current > used.Current {
			used, limit = m, cmp.Or(m.High, m.Max)
		}
		least = min(least, m.Available)
	}
	var parts []string
	if used.Current > 0 {
		text := "its control group used " + style.Number(float64(used.Current), "B")
		if limit > 0 {
			text += " of " + style.Number(float64(limit), "B")
		}
		parts = append(parts, text)
	}
	if least > 0 {
		parts = append(parts, style.Number(float64(least), "B")+" were available at least")
	}
	if !slices.Contains(p.Absent, "proc/pressure/memory") {
		parts = append(parts, fmt.Sprintf("tasks waited for memory for %s", style.Number(float64(last.Some), "ns")))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Events)) {
		if n := p.Events[name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d times", name, n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "memory: " + strings.Join(parts, ", ") + "\n"
}

// heapLine draws the live heap over time, and says what it was at most.
func heapLine(points []gc.Point, style bench.Style) string {
	var live, goal uint64
	for _, p := range points {
		live, goal = max(live, p.Live), max(goal, p.Goal)
	}
	if live == 0 {
		return ""
	}
	signs := []rune("▁▂▃▄▅▆▇█")
	if style.ASCII {
		signs = []rune("_.-=+*%#")
	}
	columns := make([]uint64, min(60, len(points)))
	for i, p := range points {
		c := &columns[i*len(columns)/len(points)]
		*c = max(*c, p.Live)
	}
	var b strings.Builder
	for _, v := range columns {
		b.WriteRune(signs[int(v*uint64(len(signs)-1)/live)])
	}
	text := fmt.Sprintf("live heap: %s at most %s", b.String(), style.Number(float64(live), "B"))
	if goal > 0 {
		text += ", its goal " + style.Number(float64(goal), "B")
	}
	return text + "\n"
}
