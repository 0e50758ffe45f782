package sched

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// goTimerLoaded is C4: goTimer while twice as many goroutines are busy as there are
// Ps. It is the time slice of 10 ms and more that others have, seen by one who comes
// at his own times.
func goTimerLoaded(s *state, m method, b budget) (series bench.Series, err error) {
	load := newLoad(2 * s.procs)
	defer load.end()
	switch {
	case load.started(s, 5*time.Second):
	case s.stopped.Load():
		return series, nil
	default:
		return series, fmt.Errorf("%d of %d busy goroutines did not begin to run in 5 s", load.idle(), len(load.turns))
	}
	load.mark()
	series, err = goTimer(s, m, b)
	series.Name = fmt.Sprintf("%s/busy=%d", m.name, len(load.turns))
	if idle := load.idle(); idle > 0 {
		series.Note = fmt.Sprintf("%d of %d busy goroutines did not run in the meantime", idle, len(load.turns))
	}
	return series, err
}

// A load is goroutines that never wait.
type load struct {
	turns []turn
	seen  []uint64 // at the latest mark
	stop  atomic.Bool
	group sync.WaitGroup
}

// A turn counts what one has done, alone on its cache lines.
type turn struct {
	n atomic.Uint64
	_ [120]byte
}

func newLoad(n int) *load {
	l := &load{turns: make([]turn, n), seen: make([]uint64, n)}
	for i := range l.turns {
		l.group.Go(func() { l.turns[i].run(&l.stop) })
	}
	return l
}

func (t *turn) run(stop *atomic.Bool) {
	for done := uint64(0); !stop.Load(); done++ {
		if done%1024 == 0 {
			t.n.Add(1)
		}
	}
}

func (l *load) end() {
	l.stop.Store(true)
	l.group.Wait()
}

// mark begins to look who runs from here on.
func (l *load) mark() {
	for i := range l.turns {
		l.seen[i] = l.turns[i].n.Load()
	}
}

// idle is how many have not run since the mark.
func (l *load) idle() (n int) {
	for i := range l.turns {
		if l.turns[i].n.Load() == l.seen[i] {
			n++
		}
	}
	return n
}

// started waits until each has run.
func (l *load) started(s *state, most time.Duration) bool {
	for end := s.now() + int64(most); l.idle() > 0; {
		if s.now() > end || s.stopped.Load() {
			return false
		}
		<-time.After(time.Millisecond)
	}
	return true
}
