package fsio

import (
	"sync/atomic"
	"time"
)

// A pulse tells whether the goroutine that measures is alive. A file system that
// hangs cannot be interrupted; one can only stop waiting for it.
type pulse struct {
	beats    atomic.Int64 // of operations
	at       atomic.Pointer[spot]
	patience atomic.Int64 // how long a beat may take, in ns
	stopped  atomic.Bool  // there is no more time
}

// A spot is where the goroutine is.
type spot struct {
	op    string
	place *place
}

func (p *pulse) enter(op string, at *place) {
	p.at.Store(&spot{op, at})
	p.beats.Add(1)
}

// tick is how often a pulse is felt. What is counted are ticks, not time: a machine
// that was asleep, and a process that was stopped, were not hanging.
const tick = 50 * time.Millisecond

// watch waits for the goroutine, for as long as it is alive. It is stuck where the
// error is not its own.
func (p *pulse) watch(done <-chan error) (stuck bool, err error) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last, still := p.beats.Load(), time.Duration(0)
	for {
		select {
		case err := <-done:
			return false, err
		case <-ticker.C:
		}
		if beats := p.beats.Load(); beats != last {
			last, still = beats, 0
			continue
		}
		if still += tick; still >= time.Duration(p.patience.Load()) {
			at := p.at.Load()
			return true, &Error{at.op, at.place.dir, hung{still}}
		}
	}
}

// hung is ErrHung with how long it was waited for.
type hung struct{ after time.Duration }

func (h hung) Error() string { return ErrHung.Error() + " after " + h.after.String() }

func (h hung) Is(target error) bool { return target == ErrHung }
