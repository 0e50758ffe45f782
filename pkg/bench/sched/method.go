package sched

import (
	"errors"
	"runtime"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A method is one way to make a goroutine wait and to see for how long.
type method struct {
	id, name    string // "B3"; "CrossP/park=50us", without the Ps and CPUs
	role        bench.Role
	note        string
	full, quick budget // a quick budget of nothing leaves the method out
	sample      func(s *state, m method, b budget) (bench.Series, error)
	interval    time.Duration // of deadlines, or for which a goroutine is parked
}

// A budget is how many samples to take, and for how long at most.
type budget struct {
	samples int
	time    time.Duration
}

// warmUp is what comes before the samples and is thrown away: 2,000 samples or a
// second, whichever is first; a tenth of either for a quick probe.
func (s *state) warmUp() budget {
	if s.quick {
		return budget{200, time.Second / 10}
	}
	return budget{2000, time.Second}
}

const quickNote = "warm-up of 200 samples or 0.1 s only"

// methods are in the order in which they are measured: first those that nothing of
// ours disturbs. 99.9 % needs 3,700 samples to have an interval, 99 % 370.
func methods() []method {
	return []method{
		{
			id: "A1", name: "Gosched", role: bench.Diagnostic, sample: gosched,
			full: budget{40_000, time.Second}, quick: budget{4000, time.Second / 4},
		},
		{
			id: "B1", name: "SameP", role: bench.Diagnostic, sample: sameP,
			full: budget{40_000, time.Second}, quick: budget{4000, time.Second / 4},
		},
		{
			id: "A2", name: "Gosched/thread=locked", role: bench.Diagnostic, sample: goschedLocked, note: bimodal,
			full: budget{40_000, 2 * time.Second}, quick: budget{8000, time.Second / 3},
		},
		{
			id: "B3", name: "CrossP/park=50us", role: bench.Headline, sample: crossP, interval: 50 * time.Microsecond,
			full: budget{20_000, 5 * time.Second}, quick: budget{5000, 1200 * time.Millisecond},
		},
		{
			id: "B3", name: "CrossP/park=2ms", role: bench.Headline, sample: crossP, interval: 2 * time.Millisecond,
			full: budget{2000, 5 * time.Second}, quick: budget{500, 1600 * time.Millisecond},
		},
		{
			id: "B3", name: "CrossP/park=50us/gc=on", role: bench.Diagnostic, sample: crossPCollected, interval: 50 * time.Microsecond,
			full: budget{10_000, 2 * time.Second},
		},
		{
			id: "C3", name: "KernelTimer/every=1ms", role: bench.Headline, sample: kernelTimer, interval: time.Millisecond,
			full: budget{5000, 5 * time.Second}, quick: budget{1000, time.Second},
		},
		{
			id: "C1", name: "GoTimer/every=1ms", role: bench.Headline, sample: goTimer, interval: time.Millisecond,
			full: budget{5000, 5 * time.Second}, quick: budget{1000, time.Second},
		},
		{
			id: "C4", name: "GoTimer/every=10ms", role: bench.Headline, sample: goTimerLoaded, interval: 10 * time.Millisecond,
			full: budget{500, 5 * time.Second}, quick: budget{150, 1500 * time.Millisecond},
		},
		{
			id: "E", name: "SpinGap", role: bench.Diagnostic, sample: spinGaps, note: "of gaps longer than 5 us",
			full: budget{100_000, 2 * time.Second}, quick: budget{100_000, 700 * time.Millisecond},
		},
		{
			id: "D", name: "SchedLatencies", role: bench.Diagnostic, sample: schedLatencies, note: ofTheRuntime,
			full: budget{0, 3 * time.Second}, quick: budget{0, 700 * time.Millisecond},
		},
	}
}

// measure adds what a method finds to the run.
func (s *state) measure(m method) error {
	b := m.full
	if s.quick {
		b = m.quick
	}
	if b == (budget{}) {
		return nil
	}
	series, err := m.sample(s, m, b)
	if reason, ok := errors.AsType[leftOut](err); ok {
		if key := "sched-without-" + m.id; s.run.Get(key) == "" {
			s.run.Env = append(s.run.Env, bench.Key{Name: key, Value: string(reason)})
		}
		return nil
	}
	if err != nil || len(series.Samples)+series.Count == 0 {
		return err
	}
	if series.Name == "" {
		series.Name = m.name
	}
	series.Name = s.named(series.Name)
	series.Unit, series.Role, series.Batch = "ns", m.role, max(series.Batch, 1)
	series.Note = join(m.note, series.Note)
	if s.quick && len(series.Samples) > 0 {
		series.Note = join(series.Note, quickNote)
	}
	s.run.Add(series)
	return nil
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// leftOut is why something cannot be measured here.
type leftOut string

// Error is the reason.
func (e leftOut) Error() string { return string(e) }

// otherP says why there is no other P that could run a goroutine.
func (s *state) otherP() error {
	if s.procs == 1 {
		return leftOut("GOMAXPROCS is 1: there is no other P that could be woken")
	}
	if s.cpus == 1 {
		return leftOut("only one CPU may be used: no other P runs while the waker does")
	}
	return nil
}

// locked has do run on a thread that nothing else uses.
func locked(do func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	do()
}
