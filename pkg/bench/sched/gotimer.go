package sched

import (
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// goTimer is C1: how late a timer of Go fires. The runtime waits for timers in
// epoll_wait(2), in whole milliseconds, so that this is rather the runtime than the
// machine: KernelTimer is the machine.
//
// The timer has a channel. time.Sleep waits on the same heap of timers in the same
// call, and saves one hand-off of the channel: 0.1 us of some 500.
func goTimer(s *state, m method, b budget) (series bench.Series, err error) {
	timer := time.NewTimer(0)
	<-timer.C
	p := s.pace(m, func(deadline int64) error {
		timer.Reset(time.Duration(deadline - s.now()))
		<-timer.C
		return nil
	})
	series = s.record(b, func(t *tape) { err = p.fill(t) })
	return series, err
}

// pace is deadlines by the clock of the run.
func (s *state) pace(m method, wait func(int64) error) *pace {
	return &pace{every: int64(m.interval), now: s.now, wait: wait, over: s.over}
}
