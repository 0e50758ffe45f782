package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A measurement is the flags that all commands have which measure.
type measurement struct {
	runs, procs int
	quick, json bool
	pictures    bool
	out         string
	deadline    time.Duration
	echo        bool // what is measured is a program of the user's, and may speak
}

const (
	usualRuns = 10 // what benchmarking asks for, and Compare
	quickRuns = 1  // a first look, which takes 4 to 20 s for each
	leastRuns = 6  // that have an interval of 95 %
)

func (m *measurement) addFlags(cmd *cobra.Command, deadline time.Duration) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&m.quick, "quick", false, "one short run of each, some 10 s; a first look")
	flags.IntVar(&m.runs, "runs", 0, fmt.Sprintf("clean runs, each a process (%d)", usualRuns))
	flags.IntVar(&m.procs, "procs", 0, "GOMAXPROCS of the processes that measure")
	flags.StringVarP(&m.out, "output", "o", "", "write the runs to a file, .json as JSON; - is stdout")
	flags.BoolVar(&m.json, "json", false, "print the runs as JSON, with all samples, and no table")
	flags.BoolVar(&m.pictures, "histograms", false, "a picture of every headline, not only of the first")
	flags.DurationVar(&m.deadline, "deadline", deadline, "how long one run may take")
	_ = cmd.MarkFlagFilename("output")
}

// check completes what was asked for, or says what is wrong with it.
func (m *measurement) check() error {
	if m.runs < 0 || m.procs < 0 || m.deadline <= 0 {
		return &usageError{"--runs, --procs and --deadline are more than nothing", ""}
	}
	if m.json && m.out == "-" {
		return &usageError{"--json and -o - exclude each other", "both are for stdout"}
	}
	if m.runs == 0 {
		m.runs = usualRuns
		if m.quick {
			m.runs = quickRuns
		}
	}
	return checkOutput(m.out)
}

// measure runs the tasks in turn, and shows and writes what came of it, also where it
// was ended early.
func (a *app) measure(ctx context.Context, m *measurement, tasks []task) error {
	if err := m.check(); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	l := &launcher{
		exe: exe, tasks: make(map[bench.Config]task), procs: m.procs, quick: m.quick, deadline: m.deadline,
		pages: make(map[*bench.Run]string), why: make(map[bench.Config]error),
	}
	if m.echo {
		l.stderr = a.std.err
	}
	set, err := a.collect(ctx, m, l, tasks)
	if err != nil && !slices.ContainsFunc(set.Runs, hasNumbers) {
		return err // it has measured nothing: there is nothing to show or to keep
	}
	if werr := errors.Join(a.write(m.out, set), a.show(set, l, m)); werr != nil {
		return werr
	}
	if set.Partial && m.out != "" && m.out != "-" {
		a.say(m.out + " has what there was until then, and says so")
	}
	return err
}

// collect has those tasks done first that are done once, then the others in turn.
func (a *app) collect(ctx context.Context, m *measurement, l *launcher, tasks []task) (*bench.Set, error) {
	bar := a.progress()
	defer bar.finish()
	once := bench.Plan{Runs: 1, Retries: -1, Launch: l.run, Progress: bar.tell}
	turns := bench.Plan{Runs: m.runs, Launch: l.run, Progress: bar.tell}
	if m.quick {
		turns.Retries = -1 // who is in a hurry is told of disturbances, and decides
	}
	for _, t := range tasks {
		l.tasks[t.config] = t
		if t.once {
			once.Configs = append(once.Configs, t.config)
		} else {
			turns.Configs = append(turns.Configs, t.config)
		}
	}
	set, err := bench.Collect(ctx, once)
	if ctx.Err() != nil {
		return set, err
	}
	finish := func([]*bench.Run) {}
	if !m.quick { // which is over before an answer of Windows tells anything
		finish = rateByWindows(ctx)
	}
	rest, rerr := bench.Collect(ctx, turns)
	rest.Runs, rest.Failed = append(set.Runs, rest.Runs...), append(set.Failed, rest.Failed...)
	finish(rest.Runs)
	if err = errors.Join(err, rerr); err == nil {
		err = l.noWholeRun(rest)
	}
	return rest, err
}

// noWholeRun is why a configuration has parts of runs only: that is no result.
func (l *launcher) noWholeRun(set *bench.Set) error {
	for _, f := range set.Failed {
		config := bench.Config{Probe: f.Probe, Name: f.Config}
		if of := set.Of(f.Probe, f.Config); slices.ContainsFunc(of.Runs, func(r *bench.Run) bool { return !r.Partial }) {
			continue
		}
		err := l.why[config]
		if err == nil {
			err = errors.New(f.Error)
		}
		if strings.HasPrefix(err.Error(), "measure ") {
			return err
		}
		return fmt.Errorf("measure %s: %w", config, err)
	}
	return nil
}

func noWholeRun(set *bench.Set) error { return new(launcher).noWholeRun(set) }

// show prints the answer: a table and pictures, or JSON.
func (a *app) show(set *bench.Set, l *launcher, m *measurement) (err error) {
	switch {
	case m.json:
		err = bench.WriteJSON(a.std.out, set)
	case m.out != "-":
		_, err = io.WriteString(a.std.out, a.page(set, l, m))
	}
	return err
}
