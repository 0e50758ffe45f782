package trace

import (
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

// waited is its end.
func (a *analyzer) waited(g *goroutine, ev *exptrace.Event, to exptrace.GoState) {
	a.settle(a.now)
	a.runnable--
	d, idle := a.now-g.since, a.idleTime-g.idle
	site, all := a.waiting(g.cause, g.stack), &a.byCause[g.cause]
	if d > site.max {
		site.maxAt = g.since
	}
	if d > all.max {
		all.maxAt = g.since
	}
	site.add(d)
	all.add(d)
	site.idle += idle
	all.idle += idle
	a.idled.add(idle)
	if p := ev.Proc(); g.lastP != none && p != exptrace.NoProc && int32(p) != g.lastP {
		site.migrated++
		all.migrated++
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
