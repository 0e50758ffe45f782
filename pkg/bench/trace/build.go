package trace

import (
	"cmp"
	"slices"
	"strings"
	"time"

	exptrace "golang.org/x/exp/trace"
)

func ns(d int64) time.Duration { return time.Duration(d) }

// report is what is known at the end of the trace.
func (a *analyzer) report() *Report {
	a.settle(a.now)
	a.leaveOpen()
	r := &Report{
		Schema: Schema, Events: a.events, Duration: ns(a.now - a.start),
		GOMAXPROCS: a.mostProcs, Goroutines: a.seen,
		Syscalls: a.syscallReport(), Scheduler: a.schedulerReport(), LongRuns: a.longRuns(), Stops: a.stopReport(),
		GC: GC{
			Cycles: a.gc.marks.latency(), Assists: a.gc.assists.latency(),
			Assist: ns(a.gc.assisting), Workers: ns(a.gc.workers),
		},
		Running: ns(a.running), Ps: Ps{Starts: a.starts},
	}
	for _, s := range r.Syscalls.Sites {
		r.OtherStacks += s.Stack.others(s.Latency)
		r.Ps.Lost.HandedOff += s.Lost.HandedOff
		r.Ps.Lost.Retaken += s.Lost.Retaken
		r.Ps.Lost.Stopped += s.Lost.Stopped
		r.Ps.Lost.Unseen += s.Lost.Unseen
	}
	for _, s := range r.Scheduler.Sites {
		r.OtherStacks += s.Stack.others(s.Latency)
	}
	if !a.wall.IsZero() {
		r.Started = &a.wall
	}
	return r
}

// leaveOpen charges what has not ended with the trace.
func (a *analyzer) leaveOpen() {
	for i := range a.gs {
		g := &a.gs[i]
		d := ns(a.now - g.since)
		switch g.state {
		case exptrace.GoSyscall:
			a.syscall(g.stack).open.add(d)
		case exptrace.GoRunnable:
			a.waiting(g.cause, g.stack).open.add(d)
		case exptrace.GoRunning:
			a.ran(g, nil, "the trace ends", exptrace.GoRunning)
		}
	}
}

func (s *Sum) add(d time.Duration) {
	s.Count++
	s.Total += d
}

func (s *Sum) merge(o Sum) {
	s.Count += o.Count
	s.Total += o.Total
}

func (a *analyzer) syscallReport() Syscalls {
	var all sketch
	list := Syscalls{Sites: []SyscallSite{}}
	for id, s := range a.syscalls {
		if s == nil {
			continue
		}
		site := SyscallSite{
			Stack: a.stacks.list[id], Latency: s.latency(), MaxAt: a.at(s.maxAt),
			Lost:  Lost{HandedOff: s.lost[handedOff], Retaken: s.lost[bySysmon], Stopped: s.lost[byStop], Unseen: s.lost[unseen]},
			WithP: ns(s.before), Without: ns(s.after), LeftOut: s.left, Open: s.open,
		}
		for _, n := range s.lost {
			site.LostP += n
		}
		all.merge(&s.sketch)
		list.LostP += site.LostP
		list.LeftOut.merge(s.left)
		list.Open.merge(s.open)
		list.Sites = append(list.Sites, site)
	}
	list.Latency = all.latency()
	slices.SortFunc(list.Sites, func(x, y SyscallSite) int {
		return cmp.Or(cmp.Compare(y.Total+y.Open.Total, x.Total+x.Open.Total), cmp.Compare(y.Count, x.Count), x.Stack.compare(y.Stack))
	})
	return list
}

func (a *analyzer) schedulerReport() Scheduler {
	var all waitingSite
	list := Scheduler{Backlog: a.mostRunnable, Causes: []Cause{}, Sites: []Wakeup{}}
	for c := range causes {
		var sum waitingSite
		for id, s := range a.waits[c] {
			if s != nil {
				sum.merge(s)
				list.Sites = append(list.Sites, Wakeup{a.cause(c, s), a.stacks.list[id]})
			}
		}
		if sum.count > 0 || sum.open.Count > 0 {
			list.Causes = append(list.Causes, a.cause(c, &sum))
		}
		all.merge(&sum)
	}
	list.LeftOut, list.Open, list.Migrations = all.left, all.open, all.migrated
	list.Latency = all.latency()
	list.Idle = a.idleWaits(ns(all.idle), list.P50)
	slices.SortFunc(list.Causes, func(x, y Cause) int {
		return cmp.Or(cmp.Compare(y.Total, x.Total), strings.Compare(x.Cause, y.Cause))
	})
	slices.SortFunc(list.Sites, func(x, y Wakeup) int {
		return cmp.Or(cmp.Compare(y.Total, x.Total), cmp.Compare(y.Count, x.Count), strings.Compare(x.Cause.Cause, y.Cause.Cause), x.Stack.compare(y.Stack))
	})
	return list
}

func (a *analyzer) cause(c cause, s *waitingSite) Cause {
	return Cause{
		Cause: c.String(), Latency: s.latency(), MaxAt: a.at(s.maxAt), Migrated: s.migrated,
		WhileIdle: ns(s.idle), LeftOut: s.left, Open: s.open,
	}
}

func (a *analyzer) idleWaits(total, median time.Duration) IdleWaits {
	limit := max(10*median, ns(leastIdle))
	return IdleWaits{
		Total: total, Together: ns(a.wasted), IdleTime: ns(a.idleTime),
		Limit: limit, Long: a.idled.above(int64(limit)), Max: ns(a.mostIdled),
	}
}

func (a *analyzer) stopReport() []Stop {
	list := []Stop{}
	for reason, s := range a.stops.by {
		list = append(list, Stop{Reason: reason, Latency: s.whole.latency(), MaxAt: a.at(s.maxAt), Stopping: s.stopping.latency()})
	}
	slices.SortFunc(list, func(x, y Stop) int {
		return cmp.Or(cmp.Compare(y.Total, x.Total), strings.Compare(x.Reason, y.Reason))
	})
	return list
}

// at is a time as counted from the start of the trace.
func (a *analyzer) at(t int64) time.Duration {
	if t == 0 {
		return 0
	}
	return ns(t - a.start)
}
