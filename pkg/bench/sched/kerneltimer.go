package sched

import (
	"fmt"
	"math"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// kernelTimer is C3: how late the kernel wakes a thread, as cyclictest(8) has it. The
// runtime is not asked: it does not learn of the system call, and the P stays.
func kernelTimer(s *state, m method, b budget) (series bench.Series, err error) {
	locked(func() {
		p := s.pace(m, s.newKernelTimer().wait)
		series = s.record(b, func(t *tape) {
			if errFill := p.fill(t); errFill != nil {
				err = errFill
			}
		})
	})
	return series, err
}

// A kernelClock waits by CLOCK_MONOTONIC.
type kernelClock struct {
	apart int64 // what CLOCK_MONOTONIC says when the run is 0 ns old
	until unix.Timespec
}

func (s *state) newKernelTimer() *kernelClock {
	c, least := new(kernelClock), int64(math.MaxInt64)
	for range 10 { // the reading that took least is the best
		before := s.now()
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &c.until)
		after := s.now()
		if after-before < least {
			least, c.apart = after-before, c.until.Nano()-(before+after)/2
		}
	}
	return c
}

// wait returns when the deadline has passed, in ns since the run began. A signal,
// such as those with which the runtime preempts, does not end it.
func (c *kernelClock) wait(deadline int64) error {
	c.until = unix.NsecToTimespec(deadline + c.apart)
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME,
			uintptr(unsafe.Pointer(&c.until)), 0, 0, 0)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return fmt.Errorf("clock_nanosleep until %v: %w", time.Duration(deadline), errno)
		}
	}
}
