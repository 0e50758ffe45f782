package sched

import (
	"errors"
	"math"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const ms = int64(1_000_000)

// A fakeClock has only the time that somebody lets pass.
type fakeClock struct {
	ns    int64
	stall map[int64]int64 // by deadline: for how much longer than that the wait takes
}

func (c *fakeClock) pace(t *tape) *pace {
	return &pace{
		every: ms, now: func() int64 { return c.ns },
		wait: func(deadline int64) error { c.ns = deadline + c.stall[deadline]; return nil },
		over: func(*tape, int64) bool { return t.taken == len(t.samples) },
	}
}

// Somebody stops the program for 50 ms. Fifty deadlines pass, and fifty samples are
// late: 50 ms, 49, 48. To count from when the last was seen would give one.
func TestAStallIsAsManyLateSamplesAsDeadlines(t *testing.T) {
	clock, tape := &fakeClock{stall: map[int64]int64{100 * ms: 50 * ms}}, newTape(300)
	require.NoError(t, clock.pace(tape).fill(tape))
	require.Equal(t, 50, tape.missed)
	late := slices.DeleteFunc(slices.Clone(tape.samples), func(ns int64) bool { return ns == 0 })
	require.Len(t, late, 50)
	for i, ns := range late {
		require.Equal(t, int64(50-i)*ms, ns)
	}
	require.Equal(t, 50*ms, tape.samples[99])
	require.Equal(t, 300*ms, clock.ns, "the schedule has not moved")
}

func TestPunctualDeadlinesAreNotMissed(t *testing.T) {
	clock, tape := new(fakeClock), newTape(20)
	require.NoError(t, clock.pace(tape).fill(tape))
	require.Zero(t, tape.missed)
	require.Equal(t, make([]int64, 20), tape.samples)
}

func TestAWaitThatFailsEndsTheSamples(t *testing.T) {
	tape, broken := newTape(20), errors.New("no clock")
	p := new(fakeClock).pace(tape)
	p.wait = func(int64) error { return broken }
	require.ErrorIs(t, p.fill(tape), broken)
	require.Zero(t, tape.taken)
}

// An operation shorter than 20 steps is timed in batches of 50 steps or more; with
// the 100 ns of Hyper-V's clock any is.
func TestBatchesFollowTheClock(t *testing.T) {
	s, err := newState(nil, true)
	require.NoError(t, err)
	spin := func(ns int64) func() {
		return func() {
			for end := s.now() + ns; s.now() < end; {
			}
		}
	}
	s.step = 1
	require.Equal(t, 1, s.batch(spin(1000)))
	for _, step := range []int64{20, 100, 1000} {
		s.step = step
		calls := s.batch(spin(100))
		require.Equal(t, calls&-calls, calls, "a power of two")
		require.Greater(t, calls*300, int(50*step), "an operation is 300 ns at most: the batch is long enough")
		require.LessOrEqual(t, calls*100, int(100*step), "and not twice as long as needed")
	}
	s.step = 99
	require.Equal(t, 1, s.batch(spin(2500)))
	s.step = 100
	require.Equal(t, 2, s.batch(spin(2500)), "a coarse clock")
}

func TestBatchesAreMeans(t *testing.T) {
	s, err := newState(nil, true)
	require.NoError(t, err)
	s.step = 1 << 20
	ops := 0
	series := s.batched(budget{10, 1 << 40}, func() { ops++ }, 2)
	require.Len(t, series.Samples, 10)
	require.GreaterOrEqual(t, series.Batch, 2*1024)
	// One takes 2 ns, 30 with the race detector, and more where others share the CPU's
	// threads; a thousand of them take 2,000.
	require.Less(t, series.Quantile(0), int64(1000), "of one operation, not of the batch")
}

func TestQuantilesOfBuckets(t *testing.T) {
	h := &metrics.Float64Histogram{
		Buckets: []float64{math.Inf(-1), 0, 1e-6, 2e-6, 4e-6, math.Inf(1)},
		Counts:  []uint64{0, 50, 45, 4, 1},
	}
	s := summary(h)
	require.Equal(t, 100, s.Count)
	for q, ns := range map[float64]int64{0.5: 1000, 0.95: 2000, 0.99: 4000, 1: 4000} {
		require.Equal(t, ns, s.Quantile(q), q)
	}
	require.Zero(t, summary(&metrics.Float64Histogram{Buckets: []float64{0, 1}, Counts: []uint64{0}}).Count)
}

// The runtime sends its threads signals, to preempt what they run.
func TestSignalsDoNotEndAWait(t *testing.T) {
	s, err := newState(nil, true)
	require.NoError(t, err)
	locked(func() {
		timer, thread, stop := s.newKernelTimer(), unix.Gettid(), make(chan struct{})
		go func() {
			for tick := time.Tick(time.Millisecond); ; {
				select {
				case <-stop:
					return
				case <-tick:
					_ = unix.Tgkill(unix.Getpid(), thread, unix.SIGURG)
				}
			}
		}()
		defer close(stop)
		for range 5 {
			deadline := s.now() + 20*ms
			require.NoError(t, timer.wait(deadline))
			// The two clocks are read one after the other: 10 us are the error of that.
			require.Greater(t, s.now(), deadline-10_000)
		}
	})
}
