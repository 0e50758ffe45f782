package httploop

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// spin is for how long the pacer looks at the clock before each deadline, where the
// kernel wakes it that early. It is less than a timer is late, so that it costs
// nearly no CPU time, of which the server needs all.
const spin = int64(20 * time.Microsecond)

// A pacer says when each request is due: the first at start, and then rate each
// second, however late the last one was.
type pacer struct {
	start, rate int64 // ns since the run began; requests each second
	now         func() int64
	wait        func(deadline int64) error // returns some time before it or after it
	stopped     *atomic.Bool
	late        []int64 // by how many ns each was sent late
	warm        int     // so many at first are not counted in missed
	missed      int     // requests that could not be sent when they were due
	counted     int     // the number of the last of those, from 1
}

// due is when a request is due. It is made of the number and the rate each time, so
// that nothing adds up.
func (p *pacer) due(i int) int64 { return p.start + int64(i)*int64(time.Second)/p.rate }

// run calls send for each request, at its time or as soon as that can be. It
// allocates nothing. It returns how many have been sent: all, unless it was stopped.
func (p *pacer) run(send func(i int)) (sent int, err error) {
	for i := range p.late {
		if p.stopped.Load() {
			return i, nil
		}
		due := p.due(i)
		now := p.now()
		if now >= due {
			p.miss(i)
		} else if now < due-spin {
			if err := p.wait(due - spin); err != nil {
				return i, err
			}
			now = p.now()
		}
		for now < due {
			now = p.now()
		}
		p.late[i] = now - due
		send(i)
	}
	return len(p.late), nil
}

// miss counts a request that could not be sent when it was due. There may be two
// reasons for one.
func (p *pacer) miss(i int) {
	if i >= p.warm && p.counted != i+1 {
		p.missed, p.counted = p.missed+1, i+1
	}
}

// A kernelClock waits by CLOCK_MONOTONIC.
type kernelClock struct {
	apart int64 // what CLOCK_MONOTONIC says when the run is 0 ns old
	until unix.Timespec
}

func newKernelClock(now func() int64) *kernelClock {
	c, least := new(kernelClock), int64(math.MaxInt64)
	for range 10 { // the reading that took least is the best
		before := now()
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &c.until)
		after := now()
		if after-before < least {
			least, c.apart = after-before, c.until.Nano()-(before+after)/2
		}
	}
	return c
}

// wait sleeps until a deadline, in ns since the run began. The runtime is told of the
// system call, because others need the P: a thread that slept with it would take one
// of two from the client.
//
// Who is to send the last request is in the queue of this very P, and would stay
// there until another P steals it. Gosched lets it run: p50 at 1,000 requests a second
// was a quarter less with it.
func (c *kernelClock) wait(deadline int64) error {
	runtime.Gosched()
	c.until = unix.NsecToTimespec(deadline + c.apart)
	for {
		err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &c.until, nil)
		if err == nil {
			return nil
		}
		if err != unix.EINTR {
			return fmt.Errorf("clock_nanosleep until %v: %w", time.Duration(deadline), err)
		}
	}
}

// exact has do run on a thread that nothing else uses, and that timers wake as
// exactly as the kernel can: without slack. That is of the thread only, and is put
// back. Where it cannot be had the pacer is later, which its lateness shows.
func exact(do func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
		defer func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }()
	}
	do()
}
