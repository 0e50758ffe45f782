package sched

import (
	"math"
	"math/bits"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// What a clock can tell: steps of 100 ns are those of Hyper-V's page, and an
// operation shorter than 20 steps is not timed alone, but 50 steps of it together.
const (
	coarse      = 100
	tooShort    = 20
	batchLength = 50
)

// batched times an operation that takes less than the clock can tell: each sample is
// the mean of a batch. does is how many operations one call is.
func (s *state) batched(b budget, op func(), does int) bench.Series {
	calls := s.batch(op)
	series := s.record(b, func(t *tape) { s.fill(t, op, calls, does) })
	series.Batch = calls * does
	return series
}

// fill has a sample begin where the last one ended, so that each costs one reading
// of the clock.
func (s *state) fill(t *tape, op func(), calls, does int) {
	half := int64(calls*does) / 2
	for before := s.now(); !s.over(t, before); {
		for range calls {
			op()
		}
		now := s.now()
		t.put((now - before + half) / int64(calls*does))
		before = now
	}
}

// batch is how many calls a sample must be of: a power of two, so that two runs of
// one machine have the same.
func (s *state) batch(op func()) int {
	took := s.cost(op)
	if s.step < coarse && took >= float64(tooShort*s.step) {
		return 1
	}
	calls := math.Ceil(float64(batchLength*s.step) / max(took, 1))
	return 1 << bits.Len(uint(calls)-1)
}

// cost is what a call takes, in ns: the least mean of ten batches, as something may
// come between.
func (s *state) cost(op func()) float64 {
	const calls = 256
	least := int64(1 << 62)
	for range 10 {
		begin := s.now()
		for range calls {
			op()
		}
		least = min(least, s.now()-begin)
	}
	return float64(least) / calls
}
