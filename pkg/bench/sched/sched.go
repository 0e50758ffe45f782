// Package sched measures how long Go lets a goroutine wait.
//
//	run, err := bench.Once(ctx, sched.New(sched.Options{Quick: true}))
//	for _, s := range run.Series {
//		if s.Role == bench.Headline {
//			fmt.Println(s.Name, s.Quantile(0.5), s.Quantile(0.99), s.Unit)
//		}
//	}
//
// CrossP is what people mean by scheduling latency: a goroutine is woken, and
// another P has to run it. KernelTimer is the least that a timer of this machine is
// late, GoTimer what the runtime adds, GoTimer with busy goroutines what is left of
// it under load, and LostTime how much of a CPU somebody else has taken.
//
// Names end in the number of Ps and of CPUs that may be used, because with one of
// either it is another experiment. While a probe measures, the garbage collector is
// off, and the program should do nothing else.
package sched

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Options are what to measure and for how long. The zero value is all of it, with
// samples enough for intervals: 40 s at most where little else runs.
type Options struct {
	Quick bool // about 8 s: fewer samples, a shorter warm-up, nothing with the collector on
	// Only are the methods to measure, by the names of [Methods]: "B3". The floors are
	// measured with any. Empty is all.
	Only []string
}

// New is a probe named "sched". It measures nothing yet.
func New(o Options) bench.Probe { return &probe{o, methods()} }

// Methods are the names of what is measured, in the order in which it is.
func Methods() (ids []string) {
	for _, m := range methods() {
		if !slices.Contains(ids, m.id) {
			ids = append(ids, m.id)
		}
	}
	return ids
}

type probe struct {
	options Options
	methods []method
}

// Name is that of [bench.Probe].
func (*probe) Name() string { return "sched" }

// Measure is that of [bench.Probe]. What cannot exist here is no error: a key of the
// run says why it was left out.
func (p *probe) Measure(ctx context.Context, run *bench.Run) error {
	for _, id := range p.options.Only {
		if !slices.Contains(Methods(), id) {
			return fmt.Errorf("no method is named %q: they are %s", id, strings.Join(Methods(), " "))
		}
	}
	s, err := newState(run, p.options.Quick)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { s.stopped.Store(true) })()
	s.gogc = debug.SetGCPercent(-1)
	defer debug.SetGCPercent(s.gogc)
	runtime.GC() // what is left of it would otherwise run while we measure
	if err := s.floors(); err != nil {
		return err
	}
	for _, m := range p.methods {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(p.options.Only) > 0 && !slices.Contains(p.options.Only, m.id) {
			continue
		}
		if err := s.measure(m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return ctx.Err()
}
