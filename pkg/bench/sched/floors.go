package sched

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// floors are the least that can be measured here. They come first: what batches are
// needed follows from them.
func (s *state) floors() error {
	s.step = s.clockStep()
	s.value("ClockStep", "ns", bench.Floor, float64(s.step))
	var last int64
	s.value("ClockCost/reads=1", "ns", bench.Floor, s.cost(func() { last = s.now() }))
	s.value("ClockCost/reads=2", "ns", bench.Floor, s.cost(func() { last = -s.now(); last += s.now() }))
	s.value("LoopCost", "ns", bench.Floor, s.cost(func() {}))
	s.value("SampleCost", "ns", bench.Floor, s.sampleCost())
	s.value("TimerQuantum", "ns", bench.Floor, float64(s.timerQuantum()))
	late, err := s.kernelTimerFloor()
	if err != nil {
		return err
	}
	s.value("KernelTimerFloor", "ns", bench.Floor, float64(late))
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("ask for the timer slack: %w", err)
	}
	s.value("TimerSlack", "ns", bench.Floor, float64(slack))
	return nil
}

// clockStep is the least between two readings that differ. Where the clock is finer
// than a reading takes, it is what a reading takes.
func (s *state) clockStep() int64 {
	step, before := int64(1<<62), s.now()
	for range 10_000 {
		now := s.now()
		if now > before {
			step = min(step, now-before)
		}
		before = now
	}
	return step
}

// sampleCost is what the loop of Gosched and SameP takes for a sample besides the
// operations in it, in ns: that very loop, around nothing.
func (s *state) sampleCost() float64 {
	t := newTape(4096)
	least := int64(1 << 62)
	for range 10 {
		t.taken, t.until = 0, 1<<62
		begin := s.now()
		s.fill(t, func() {}, 1, 1)
		if t.taken == len(t.samples) { // or it was ended early
			least = min(least, s.now()-begin)
		}
	}
	if least == 1<<62 {
		return 0
	}
	return float64(least) / float64(len(t.samples))
}

// timerQuantum is for how long a Go timer of 10 us lets its goroutine wait where
// nothing else runs: 1 ms and more where the runtime waits in epoll_wait(2), which
// counts in milliseconds (golang/go#53824).
//
// The first timers are no samples. sysmon, which looks every 20 us after goroutines
// were busy and more and more seldom when none is, would have them fire earlier.
func (s *state) timerQuantum() int64 {
	timer := time.NewTimer(0)
	<-timer.C
	var took [25]int64
	for i := range 2 * len(took) {
		begin := s.now()
		timer.Reset(10 * time.Microsecond)
		<-timer.C
		took[i%len(took)] = s.now() - begin
	}
	slices.Sort(took[:])
	return took[len(took)/2]
}

// kernelTimerFloor is the least that the kernel is late, slack and all.
func (s *state) kernelTimerFloor() (least int64, err error) {
	least = 1 << 62
	locked(func() {
		timer := s.newKernelTimer()
		for range 100 {
			deadline := s.now() + int64(200*time.Microsecond)
			if err = timer.wait(deadline); err != nil {
				return
			}
			least = min(least, s.now()-deadline)
		}
	})
	return least, err
}
