package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/perf"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// preparation is what may be done to the machine before something is measured on it.
type preparation struct {
	wait     time.Duration
	governor string
	awake    bool
	counters bool
}

// usualWait is enough for the load of a build to be forgotten: it falls to a third in a
// minute.
const usualWait = time.Minute

func (p *preparation) add(flags *pflag.FlagSet) {
	flags.DurationVar(&p.wait, "wait", usualWait, "for others to leave the machine alone")
	flags.StringVar(&p.governor, "governor", "", "as root: that of the CPUs meanwhile: performance")
	flags.BoolVar(&p.awake, "awake", false, "as root: keep the CPUs from deep sleep meanwhile")
	flags.BoolVar(&p.counters, "counters", false, "count cycles, switches and faults, by perf_event_open")
}

// lockName is one for the machine, so that benchmarks of all users take turns.
const lockName = "golang-wsl-bench"

// exclude waits until no other benchmark runs on this machine, before anything is built
// that would disturb it.
func (g *gathering) exclude(ctx context.Context) error {
	f, release, waited, err := prepare.Exclude(ctx, prepare.Options{Lock: lockName, Wait: g.waits(), Progress: g.tellWaiting})
	g.app.tellStep("")
	if release != nil {
		g.undo = append(g.undo, release)
	}
	g.ev.prepared.Findings, g.ev.prepared.Waited = []prepare.Finding{f}, waited
	return err
}

// waits is for how long: who wants a first look is told what disturbs, and does not wait.
func (g *gathering) waits() time.Duration {
	if g.plan.quick {
		return 0
	}
	return g.plan.prepare.wait
}

// tellWaiting says once what is waited for, and on a terminal how long still.
func (g *gathering) tellWaiting(w prepare.Waiting) {
	if w.Waited < time.Second {
		g.app.say(fmt.Sprintf("%s; waiting, up to %s", w, w.Limit))
	}
	g.app.tellStep(fmt.Sprintf("%s; waiting %s of %s", w, w.Waited.Round(time.Second), w.Limit))
}

// prepare looks at the machine, does what was asked for, and has it undone in the end.
func (g *gathering) prepare(ctx context.Context) error {
	p := g.plan.prepare
	g.ev.before = g.snapshot(ctx)
	o := prepare.Options{
		Facts: prepare.Facts{Snapshot: g.ev.before, CPUs: g.plan.limits.CPUs},
		Found: g.ev.prepared.Findings, Wait: g.waits(), Governor: p.governor, Awake: p.awake,
		Journal: g.journal, Progress: g.tellWaiting,
	}
	if p.counters {
		o.Counters, o.Missing = perf.Probe()
	}
	if !g.plan.quick {
		o.Clocks = &prepare.Clocks{Outside: outsideClock}
	}
	report, undo, err := prepare.Prepare(ctx, o)
	g.app.tellStep("")
	g.undo = append(g.undo, undo)
	report.Waited += g.ev.prepared.Waited
	g.ev.prepared = report
	return err
}

// outsideClock is that of Windows.
func outsideClock(ctx context.Context) (bench.Clock, string, func(), error) {
	clock, err := openWindowsClock(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	return clock.now, "the clock of Windows", clock.close, nil
}

// snapshot is what the machine is now. One program is looked at: the first that is
// measured.
func (g *gathering) snapshot(ctx context.Context) *snapshot.Snapshot {
	var dirs []string
	for _, s := range g.ev.sides {
		if !slices.Contains(dirs, s.dir) {
			dirs = append(dirs, s.dir)
		}
	}
	m := g.app.machine(append(dirs, g.scratch)...)
	if len(g.ev.units) > 0 {
		m.Binary = g.ev.units[0].path
	}
	return snapshot.Take(ctx, m)
}

// lookAgain takes the snapshot that says what has changed meanwhile.
func (g *gathering) lookAgain(ctx context.Context) {
	if g.ev.before != nil {
		g.ev.after = g.snapshot(context.WithoutCancel(ctx))
	}
}

// explain says what would be done to the machine.
func (p *preparation) explain(quick bool) string {
	var b strings.Builder
	if !quick && p.wait > 0 {
		fmt.Fprintf(&b, "wait: up to %s, until no other benchmark runs and the load is below %g for each CPU\n", p.wait, prepare.LoadLimit)
	}
	if p.governor != "" {
		fmt.Fprintf(&b, "governor: %s, undone at the end\n", p.governor)
	}
	if p.awake {
		b.WriteString("CPUs: kept from deep sleep, until the end\n")
	}
	if p.counters {
		b.WriteString("count: what perf_event_open has here\n")
	}
	return b.String()
}

// preparedFoot says what may have disturbed all of the runs, and what was changed.
func preparedFoot(r *prepare.Report) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Verdict == prepare.Warn || f.Verdict == prepare.Fail {
			fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.Text)
		}
	}
	for _, c := range r.Changes {
		if c.Restored {
			continue
		}
		fmt.Fprintf(&b, "  %s: it was %q, and is NOT so again: %s\n", c.What, c.Old, c.Error)
	}
	if b.Len() == 0 {
		return ""
	}
	return "\nbefore it was measured:\n" + b.String()
}
