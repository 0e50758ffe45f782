package sched

import (
	"runtime"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

const (
	gap  = int64(5 * time.Microsecond) // no interrupt of a quiet machine takes longer
	stay = int64(8 * time.Millisecond) // after which the goroutine lets others run
)

// spinGaps is E: a goroutine that does nothing but read the clock, and sees when it
// could not. It has not waited for anything, so that what is missing was taken by
// the kernel, another process, or whoever else the hypervisor runs.
func spinGaps(s *state, _ method, b budget) (bench.Series, error) {
	var lost, spun int64
	series := s.record(b, func(t *tape) { lost, spun = s.spin(t) })
	if spun > 0 {
		s.value(s.named("LostTime"), "ppm", bench.Headline, 1e6*float64(lost)/float64(spun))
		s.value(s.named("SpinGaps"), "1/s", bench.Diagnostic, float64(series.Missed+len(series.Samples))/(float64(spun)/1e9))
	}
	series.Missed = 0
	return series, nil
}

// spin puts the gaps on a tape, and says how long they were in all and for how long
// it looked. Gaps for which the tape has no more room are counted as missed.
//
// It lets others run before the 10 ms are over after which the runtime would send
// its thread a signal, and does not count the time of that.
func (s *state) spin(t *tape) (lost, spun int64) {
	for begin := s.now(); begin < t.until && !s.stopped.Load(); {
		before := begin
		for before < begin+stay {
			now := s.now()
			if now-before > gap {
				lost += now - before
				if t.taken < len(t.samples) {
					t.put(now - before)
				} else {
					t.missed++
				}
			}
			before = now
		}
		spun += before - begin
		runtime.Gosched()
		begin = s.now()
	}
	return lost, spun
}
