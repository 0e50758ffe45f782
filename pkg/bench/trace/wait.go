package trace

import (
	"time"

	exptrace "golang.org/x/exp/trace"
)

// A waitingSite is what is known of goroutines that became runnable at one place, for
// one cause.
type waitingSite struct {
	sketch
	left     Sum
	migrated int64
	idle     int64 // ns that they waited while a P idled
	open     Sum
	maxAt    int64
}

// becomesRunnable is the start of a wait.
func (a *analyzer) becomesRunnable(g *goroutine) {
	a.settle(a.now)
	a.runnable++
	a.mostRunnable = max(a.mostRunnable, a.runnable)
	g.idle = a.idleTime
}

// leastIdle is how long a P must idle in a wait before it is asked whether that was
// long: to wake a P up takes a tenth of it.
const leastIdle = int64(time.Millisecond)

// waited is its end.
func (a *analyzer) waited(g *goroutine, ev *exptrace.Event, to exptrace.GoState) {
	a.settle(a.now)
	a.runnable--
	d, idle := a.now-g.since, a.idleTime-g.idle
	site := a.waiting(g.cause, g.stack)
	if d > site.max {
		site.maxAt = g.since
	}
	site.add(d)
	site.idle += idle
	if a.mostIdled = max(a.mostIdled, idle); idle >= leastIdle {
		a.idled.add(idle)
	}
	if p := ev.Proc(); g.lastP != none && p != exptrace.NoProc && int32(p) != g.lastP {
		site.migrated++
	}
	a.charge(g, &site.left, d, to)
}

func (a *analyzer) waiting(c cause, id stackID) *waitingSite {
	list := a.waits[c]
	if int(id) >= len(list) {
		list = append(list, make([]*waitingSite, int(id)+1-len(list))...)
		a.waits[c] = list
	}
	if list[id] == nil {
		list[id] = new(waitingSite)
	}
	return list[id]
}

func (s *waitingSite) merge(o *waitingSite) {
	if o.max > s.max {
		s.maxAt = o.maxAt
	}
	s.sketch.merge(&o.sketch)
	s.left.merge(o.left)
	s.open.merge(o.open)
	s.migrated, s.idle = s.migrated+o.migrated, s.idle+o.idle
}
