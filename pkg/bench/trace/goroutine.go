package trace

import (
	exptrace "golang.org/x/exp/trace"
)

// A cause is why a goroutine became runnable.
type cause uint8

const (
	created cause = iota
	unblocked
	preempted
	yielded
	syscallExit
	stoppedOther
	atStart // it was when the trace began
	causes
)

func (c cause) String() string {
	return [causes]string{"created", "unblocked", "preempted", "yielded", "syscall exit", "other", "before the trace"}[c]
}

const none = -1 // in place of the number of a P

// A goroutine is one that is alive.
type goroutine struct {
	id    exptrace.GoID
	since int64 // when its state began
	state exptrace.GoState
	ran   bool    // it has run in the trace
	cause cause   // of its being runnable
	stack stackID // at which its state began
	entry stackID // of which the last frame is where it began
	lastP int32   // on which it ran
	idle  int64   // machine.idleTime when it became runnable

	callP  int32 // which it had at its system call
	lostAt int64 // when it lost that; 0 is not
	loss   loss

	assists     bool // the collector, now
	assistBegan int64
	assistRuns  int64 // since when it does so and runs
	worker      bool  // of the collector

	callback bool           // it came from C, and its id may come again
	early    contribution   // until it is known whether it runs
	counted  []contribution // by go tool trace, of a callback
}

// A contribution is what go tool trace may leave out at last.
type contribution struct {
	left *Sum
	sum  Sum
}

func (c contribution) leaveOut() {
	if c.left != nil {
		c.left.Count += c.sum.Count
		c.left.Total += c.sum.Total
	}
}

// goroutine takes a goroutine from one state to the next.
func (a *analyzer) goroutine(ev *exptrace.Event, t *exptrace.StateTransition) {
	from, to := t.Goroutine()
	if from == to {
		return // at the start of a generation each says where it is
	}
	i := a.find(t.Resource.Goroutine(), from)
	g := &a.gs[i]
	switch from {
	case exptrace.GoRunning:
		a.ran(g, ev, t.Reason, to)
	case exptrace.GoRunnable:
		a.waited(g, ev, to)
	case exptrace.GoSyscall:
		a.returned(g, i, to)
	}
	g.state, g.since = to, a.now
	switch to {
	case exptrace.GoRunning:
		a.runs(g, ev)
	case exptrace.GoRunnable:
		g.cause = causeOf(from, t.Reason)
		if g.cause != syscallExit {
			g.stack = a.stacks.of(ev.Stack(), ev.Goroutine(), to) // that of who woke it
		}
		a.becomesRunnable(g)
	case exptrace.GoSyscall:
		g.stack = a.stacks.of(ev.Stack(), g.id, to)
		g.callback = g.callback || from == exptrace.GoNotExist
		a.calls(g, i, ev)
	case exptrace.GoNotExist:
		a.remove(g, i, from)
	}
	if from == exptrace.GoNotExist || from == exptrace.GoUndetermined {
		g.entry = a.stacks.of(t.Stack, ev.Goroutine(), from)
	}
}

// find is the place of a goroutine in a.gs, a new one where it is not known.
func (a *analyzer) find(id exptrace.GoID, from exptrace.GoState) int32 {
	recent := &a.recent[uint64(id)%uint64(len(a.recent))]
	if from != exptrace.GoNotExist && from != exptrace.GoUndetermined {
		if a.gs[*recent].id == id {
			return *recent
		}
		if i, ok := a.index[id]; ok {
			*recent = i
			return i
		}
	}
	*recent = a.enter(id)
	return *recent
}

// enter makes room for a goroutine.
func (a *analyzer) enter(id exptrace.GoID) int32 {
	a.seen++
	if again, ok := a.ghosts[id]; ok {
		// go tool trace knows only the last goroutine of each id.
		for _, c := range again {
			c.leaveOut()
		}
		delete(a.ghosts, id)
	}
	g := goroutine{id: id, lastP: none, callP: none}
	if n := len(a.free); n > 0 {
		i := a.free[n-1]
		a.free, a.gs[i], a.index[id] = a.free[:n-1], g, i
		return i
	}
	i := int32(len(a.gs))
	a.gs = append(a.gs, g)
	a.index[id] = i
	return i
}

func (a *analyzer) remove(g *goroutine, i int32, from exptrace.GoState) {
	if from == exptrace.GoSyscall {
		a.ghosts[g.id] = append(g.counted, g.early)
	}
	delete(a.index, g.id)
	a.gs[i] = goroutine{}
	a.free = append(a.free, i)
}

func causeOf(from exptrace.GoState, reason string) cause {
	switch from {
	case exptrace.GoNotExist:
		return created
	case exptrace.GoWaiting:
		return unblocked
	case exptrace.GoSyscall:
		return syscallExit
	case exptrace.GoUndetermined:
		return atStart
	}
	switch reason {
	case "preempted":
		return preempted
	case "runtime.Gosched":
		return yielded
	}
	return stoppedOther
}

// runs is the start of a run.
func (a *analyzer) runs(g *goroutine, ev *exptrace.Event) {
	if !g.ran {
		g.early.leaveOut()
		g.ran, g.early = true, contribution{}
	}
	if p := ev.Proc(); p != exptrace.NoProc {
		g.lastP = int32(p)
	}
	g.assistRuns = a.now
}

// ran is its end.
func (a *analyzer) ran(g *goroutine, ev *exptrace.Event, reason string, to exptrace.GoState) {
	d := a.now - g.since
	a.running += d
	if g.worker {
		a.gc.workers += d
	}
	if g.assists {
		a.gc.assisting += a.now - g.assistRuns
	}
	if d >= a.long.limit {
		var stack stackID
		if ev != nil { // nil is the end of the trace
			stack = a.stacks.id(ev.Stack())
		}
		a.long.add(a, g, stack, ending(to, reason))
	}
}

func ending(to exptrace.GoState, reason string) string {
	switch to {
	case exptrace.GoRunning, exptrace.GoRunnable:
		return reason
	case exptrace.GoSyscall:
		return "syscall"
	case exptrace.GoNotExist:
		return "exit"
	}
	return "blocked: " + reason
}

// charge says which spans go tool trace leaves out: those that end before the
// goroutine first runs or when it does so. Where it never does, it counts them.
func (a *analyzer) charge(g *goroutine, left *Sum, d int64, to exptrace.GoState) {
	span := contribution{left, Sum{1, ns(d)}}
	switch {
	case g.ran && g.callback:
		g.count(span)
	case g.ran:
	case to == exptrace.GoRunning:
		span.leaveOut()
	default:
		g.early.leaveOut() // there is one at most: from a system call to waiting
		g.early = span
	}
}

// count keeps what go tool trace counts of a callback, one sum for each place.
func (g *goroutine) count(span contribution) {
	for i := range g.counted {
		if c := &g.counted[i]; c.left == span.left {
			c.sum.Count += span.sum.Count
			c.sum.Total += span.sum.Total
			return
		}
	}
	g.counted = append(g.counted, span)
}
