package trace

import (
	"strings"

	exptrace "golang.org/x/exp/trace"
)

// stops are the times when the world was stopped. There is one at a time.
type stops struct {
	by map[string]*stopReason

	reason   string // of the one now; empty is none
	began    int64
	standing int64 // when no other P ran; 0 is not yet
}

type stopReason struct {
	whole    sketch
	stopping sketch
	maxAt    int64
}

const (
	stopPrefix = "stop-the-world ("
	startTrace = "start trace" // the reason of the stop with which a trace begins
)

// check sees whether all but the P that stops the world have stopped.
func (s *stops) check(active int, now int64) {
	if s.reason != "" && s.standing == 0 && active <= 1 {
		s.standing = now
	}
}

func (a *analyzer) stop(ev *exptrace.Event, name string) {
	reason := strings.TrimSuffix(strings.TrimPrefix(name, stopPrefix), ")")
	s := &a.stops
	a.settle(a.now)
	if ev.Kind() != exptrace.EventRangeEnd {
		a.stopped = true
		s.reason, s.began, s.standing = reason, a.now, 0
		if reason == startTrace {
			a.assumeIdle(ev.Proc(), a.now)
		}
		s.check(a.active, a.now)
		return
	}
	a.stopped = false
	if s.reason == "" {
		return
	}
	r := s.by[reason]
	if r == nil {
		r = new(stopReason)
		s.by[reason] = r
	}
	if d := a.now - s.began; d > r.whole.max {
		r.maxAt = s.began
	}
	r.whole.add(a.now - s.began)
	if s.standing == 0 {
		s.standing = a.now
	}
	r.stopping.add(s.standing - s.began)
	s.reason = ""
}
