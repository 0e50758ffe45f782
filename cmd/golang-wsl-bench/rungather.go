package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// A runPlan is what is to be run, and how.
type runPlan struct {
	words      []string
	vs, vsRev  string
	setup      string // run in the directory of each side before anything is measured
	limits     sandbox.Limits
	settings   sandbox.Settings // ASLR "" is decided by what is compared
	noSandbox  bool
	runs       int
	warmup     int // rounds; -1 is as many as it takes
	quick      bool
	ignoreExit bool
	profile    bool
	deadline   time.Duration
	prepare    preparation
}

// A gathering is a plan that is being carried out.
type gathering struct {
	app     *app
	plan    *runPlan
	cwd     string
	scratch string
	journal *sandbox.Journal
	box     *sandbox.Box // nil is none
	units   map[bench.Config]*unit
	ev      *evidence
	serial  int // of processes
	undo    []func() error
}

// gather runs the programs and returns all that came of it, also where that was ended
// early: then the error says so, and the set is partial. It prints progress only.
func (a *app) gather(ctx context.Context, plan *runPlan) (ev *evidence, err error) {
	g := &gathering{app: a, plan: plan, units: make(map[bench.Config]*unit), ev: &evidence{
		set: &bench.Set{Schema: bench.Schema}, prepared: new(prepare.Report),
	}}
	defer func() {
		g.lookAgain(ctx)
		err = errors.Join(err, g.close())
	}()
	for _, step := range []func(context.Context) error{g.open, g.place, g.exclude, g.build, g.enclose, g.tryOnce, g.prepare, g.measure} {
		if err := step(ctx); err != nil {
			return g.ev, err
		}
	}
	return g.ev, g.judge()
}

// close undoes all that was done, the last first.
func (g *gathering) close() error {
	var errs []error
	for _, undo := range slices.Backward(g.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}

// open has a guardian look after a directory for what is made on the way.
func (g *gathering) open(context.Context) (err error) {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if g.cwd, err = os.Getwd(); err != nil {
		return err
	}
	if g.journal, err = sandbox.StartGuard(guardArgs(exe), os.Stderr); err != nil {
		return err
	}
	g.undo = append(g.undo, g.journal.Done)
	temp, err := filepath.Abs(os.TempDir())
	if err != nil {
		return err
	}
	g.scratch = filepath.Join(temp, fmt.Sprintf("golang-wsl-bench-%d-%d", os.Getpid(), time.Now().UnixNano()))
	if err := g.announce(g.scratch, func() error { return os.RemoveAll(g.scratch) }); err != nil {
		return err
	}
	return os.Mkdir(g.scratch, 0o700)
}

// announce has a directory removed in any case: by remove at the end, by the guardian
// where that is not called any more.
func (g *gathering) announce(dir string, remove func() error) error {
	undone, err := g.journal.Dir(dir)
	if err != nil {
		return err
	}
	g.undo = append(g.undo, func() error {
		err := remove()
		if err == nil {
			undone()
		}
		return err
	})
	return nil
}

// place finds out what is compared, and where each side runs.
func (g *gathering) place(ctx context.Context) (err error) {
	p := g.plan
	if g.ev.sides, err = sides(p.words, p.vs, g.app.env); err != nil {
		return err
	}
	list := g.ev.sides
	for i := range list {
		list[i].dir = g.cwd
	}
	if p.vsRev != "" {
		if len(list) > 1 {
			return &usageError{"--vs and --vs-rev exclude each other", "either two commands, or one at two revisions"}
		}
		there, err := g.app.checkout(ctx, p.vsRev, g.cwd, g.scratch, func(dir string) error {
			return g.announce(dir, func() error { return os.RemoveAll(dir) })
		})
		if err != nil {
			return err
		}
		g.undo = append(g.undo, there.remove)
		here, other := list[0], list[0]
		here.name, here.note = "A", g.app.treeNote(ctx, g.cwd)
		other.name, other.dir, other.rev = "B", there.dir(), there.rev
		other.note = fmt.Sprintf("%s, %.12s", p.vsRev, there.rev)
		g.ev.sides = []side{here, other}
	}
	return g.setUp(ctx)
}

// setUp runs what the user wants to have run before.
func (g *gathering) setUp(ctx context.Context) error {
	if g.plan.setup == "" {
		return nil
	}
	done := make(map[string]bool)
	for _, s := range g.ev.sides {
		if done[s.dir] {
			continue
		}
		done[s.dir] = true
		words := []string{"/bin/sh", "-c", g.plan.setup}
		if output, err := g.app.runAside(ctx, s.dir, words); err != nil {
			return &buildError{[]string{"--setup", g.plan.setup}, err, output}
		}
	}
	return nil
}

// build makes of the sides what is run. What only one of them has is measured all the
// same.
func (g *gathering) build(ctx context.Context) error {
	for _, s := range g.ev.sides {
		if s.isGoTest(g.app.env) {
			g.app.tellStep("building what " + shell.Line(s.words) + " runs")
		}
		list, err := g.app.units(ctx, s, g.scratch)
		g.app.tellStep("")
		if err != nil {
			return err
		}
		for _, u := range list {
			u.hash = u.sum() // the file is gone when the numbers are shown
			g.units[u.config] = u
			g.ev.units = append(g.ev.units, u)
		}
	}
	return nil
}

// enclose opens the sandbox.
func (g *gathering) enclose(ctx context.Context) error {
	if g.plan.noSandbox {
		return nil
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if g.plan.settings.ASLR == "" {
		g.plan.settings.ASLR = g.usualASLR()
	}
	g.plan.settings.Counters = g.plan.prepare.counters
	g.box, err = sandbox.Open(ctx, sandbox.Options{
		Limits: g.plan.limits, Settings: g.plan.settings, Shim: shimArgs(exe), Journal: g.journal,
	})
	if err != nil {
		return err
	}
	g.ev.sandbox = g.box.Report()
	g.undo = append(g.undo, g.box.Close)
	return nil
}

// usualASLR is off where one program is compared with itself under other arguments:
// its code is then in the same place in all runs, and one thing less differs. Else it
// is on, so that many runs have many places, and what is measured is not one of them.
func (g *gathering) usualASLR() string {
	var of [2]string
	for i, s := range g.ev.sides {
		for _, u := range g.ev.units {
			if u.config.Name == s.name {
				of[min(i, 1)] += u.hash + " "
			}
		}
	}
	if len(g.ev.sides) == 2 && of[0] == of[1] {
		return "off"
	}
	return "on"
}

// measure warms up, and has all units run in turn.
func (g *gathering) measure(ctx context.Context) error {
	bar := g.app.progress()
	defer bar.finish()
	if err := g.warmUp(ctx, bar); err != nil {
		return err
	}
	plan := bench.Plan{Runs: g.plan.runs, Launch: g.launch, Progress: bar.tell}
	if g.plan.quick {
		plan.Retries = -1
	}
	for _, u := range g.ev.units {
		plan.Configs = append(plan.Configs, u.config)
	}
	warm, failed := g.ev.set.Runs, g.ev.set.Failed
	set, err := bench.Collect(ctx, plan)
	set.Runs, set.Failed = append(warm, set.Runs...), append(failed, set.Failed...)
	g.ev.set = set
	if err == nil {
		err = noWholeRun(set)
	}
	if err == nil && g.plan.profile {
		bar.finish()
		err = g.profiles(ctx)
	}
	return err
}

// judge compares A and B, where there are two.
func (g *gathering) judge() error {
	if len(g.ev.sides) == 2 {
		g.ev.comparison, g.ev.refused = bench.Versus(g.ev.set)
	}
	return nil
}
