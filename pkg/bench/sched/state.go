package sched

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A state is what the methods of one run share.
type state struct {
	run         *bench.Run
	base        time.Time
	step        int64 // between two readings of the clock that differ, in ns
	procs, cpus int   // that may be used
	gogc        int   // as it was, in %
	quick       bool
	stopped     atomic.Bool // there is no more time
}

func newState(run *bench.Run, quick bool) (*state, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("ask which CPUs may be used: %w", err)
	}
	return &state{
		run: run, base: time.Now(), quick: quick,
		procs: runtime.GOMAXPROCS(0), cpus: set.Count(),
	}, nil
}

// now is one reading of CLOCK_MONOTONIC, in ns since the run began.
func (s *state) now() int64 { return int64(time.Since(s.base)) }

// named is a name with what makes it another experiment.
func (s *state) named(name string) string {
	return fmt.Sprintf("%s/procs=%d/cpus=%d", name, s.procs, s.cpus)
}

// value adds a number to the run.
func (s *state) value(name, unit string, role bench.Role, number float64) {
	s.run.AddValue(bench.Value{Name: name, Unit: unit, Role: role, Number: number})
}

// A tape is where samples go. Its memory is there before the first, so that no page
// fault is measured.
type tape struct {
	samples []int64 // all of them, whether taken or not
	taken   int
	missed  int
	until   int64 // after which no sample is begun, in ns since the run began
}

func newTape(most int) *tape {
	t := &tape{samples: make([]int64, most)}
	for i := range t.samples {
		t.samples[i] = -1 // touched; it is zero already, but not there
	}
	return t
}

// record runs a loop that fills a tape twice: what the first has found is thrown away.
func (s *state) record(b budget, loop func(*tape)) bench.Series {
	warm := s.warmUp()
	t := newTape(max(b.samples, warm.samples))
	full := t.samples
	t.samples, t.until = full[:warm.samples], s.now()+int64(warm.time)
	loop(t)
	t.samples, t.taken, t.missed, t.until = full[:b.samples], 0, 0, s.now()+int64(b.time)
	loop(t)
	return bench.Series{Samples: t.samples[:t.taken], Missed: t.missed}
}

// over reports whether a loop has to end, at a reading of the clock that it has.
func (s *state) over(t *tape, now int64) bool {
	return t.taken == len(t.samples) || now >= t.until || s.stopped.Load()
}

// put adds a sample.
func (t *tape) put(ns int64) {
	t.samples[t.taken] = ns
	t.taken++
}
