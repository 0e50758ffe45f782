package sched

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// crossP is B3: a goroutine that has been parked for a while is woken by one that
// keeps its P, so that another P must take it. A thread is woken for that, looks for
// work, and before it takes what another P is about to run it sleeps for 3 us
// (runqgrab in proc.go), to which the kernel adds the timer slack. The longer the
// park, the deeper the CPU has gone to sleep.
func crossP(s *state, m method, b budget) (bench.Series, error) {
	if err := s.otherP(); err != nil {
		return bench.Series{}, err
	}
	w := &wake{state: s, park: int64(m.interval), post: make(chan int64)}
	done := make(chan struct{})
	go w.sleeper(done)
	series := s.record(b, w.waker)
	close(w.post)
	<-done
	return series, nil
}

// A wake is what the two goroutines share.
type wake struct {
	*state
	park int64      // for how long the sleeper is parked, at least
	post chan int64 // when it was woken
	late int64      // of the latest; written before woken, read after
	// woken is how often the sleeper has been.
	woken atomic.Int64
}

func (w *wake) sleeper(done chan<- struct{}) {
	for posted := range w.post {
		w.late = w.now() - posted
		w.woken.Add(1)
	}
	close(done)
}

// own is for how long the waker keeps its P: who runs for 10 ms is preempted, and
// the sleeper would run on the P of the waker.
const own = int64(6 * time.Millisecond)

// waker gives up its P only when that is due, before it parks the sleeper: Gosched
// wakes the thread that is to go to sleep. What follows is no sample.
func (w *wake) waker(t *tape) {
	now := w.now()
	for yielded := now; !w.over(t, now); now = w.now() {
		yields := now-yielded > own
		if yields {
			runtime.Gosched()
			yielded = w.now()
		}
		late := w.once()
		if !yields {
			t.put(late)
		}
	}
}

// once lets the sleeper sleep, wakes it and says how late it was.
func (w *wake) once() int64 {
	for parked := w.now() + w.park; w.now() < parked; {
	}
	seen := w.woken.Load()
	w.post <- w.now()
	for w.woken.Load() == seen {
	}
	return w.late
}

// crossPCollected is B3 while the collector runs: a goroutine allocates enough for
// tens of cycles in a second, and little CPU time else.
func crossPCollected(s *state, m method, b budget) (bench.Series, error) {
	if err := s.otherP(); err != nil {
		return bench.Series{}, err
	}
	gogc := s.gogc
	if gogc < 0 {
		gogc = 100 // it is off, and this is what it is like when it is on
	}
	debug.SetGCPercent(gogc)
	defer debug.SetGCPercent(-1)
	before := cycles()
	stop, done := make(chan struct{}), make(chan struct{})
	go allocate(stop, done)
	series, err := crossP(s, m, b)
	close(stop)
	<-done
	series.Note = fmt.Sprintf("%d collections in the meantime", cycles()-before)
	return series, err
}

// allocate makes 128 MB a second of garbage, in large pieces: they cost little but
// the collections.
func allocate(stop <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	var garbage [4][]byte
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-tick.C:
			garbage[i%len(garbage)] = make([]byte, 256<<10)
		}
	}
}

// cycles is how often the collector has run.
func cycles() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
