package trace

import (
	"fmt"

	exptrace "golang.org/x/exp/trace"
)

// A machine is the Ps, and how many goroutines wait for one.
type machine struct {
	procs        []proc // by number
	gomaxprocs   int
	mostProcs    int
	starts       int64 // of Ps that idled
	idle, active int   // Ps, now
	runnable     int   // goroutines, now
	mostRunnable int
	stopped      bool // the world is

	settled   int64  // until when the following are known
	idleTime  int64  // ns with a P that idled, the world not being stopped
	wasted    int64  // of it, with a goroutine that was runnable
	idled     sketch // how much of it was in each wait, where that was leastIdle
	mostIdled int64  // in one
}

type procState uint8

const (
	unknown procState = iota
	idling
	active
)

type proc struct {
	state  procState
	caller int32 // 1 + place in analyzer.gs of who is in a system call with it; 0 is nobody
}

// settle adds up the time since the last change. It comes before each.
func (m *machine) settle(now int64) {
	if m.idle > 0 && !m.stopped {
		m.idleTime += now - m.settled
		if m.runnable > 0 {
			m.wasted += now - m.settled
		}
	}
	m.settled = now
}

func (m *machine) procAt(id int32) *proc {
	if int(id) >= len(m.procs) {
		m.procs = append(m.procs, make([]proc, int(id)+1-len(m.procs))...)
	}
	return &m.procs[id]
}

// setProcs is a change of GOMAXPROCS. The Ps beyond it idle for ever, which does not
// count.
func (m *machine) setProcs(n int, now int64) {
	m.settle(now)
	m.gomaxprocs, m.mostProcs = n, max(m.mostProcs, n)
	m.idle = 0
	for id, p := range m.procs {
		if id < n && p.state == idling {
			m.idle++
		}
	}
}

// assumeIdle is when tracing starts, with the world stopped: Ps that are not heard of
// idle until they are.
func (m *machine) assumeIdle(except exptrace.ProcID, now int64) {
	m.settle(now)
	for id := range int32(m.gomaxprocs) {
		if p := m.procAt(id); p.state == unknown && exptrace.ProcID(id) != except {
			p.state = idling
			m.idle++
		}
	}
}

// mostPs is more than any machine has CPUs.
const mostPs = 1 << 16

// possible reports whether there can be so many Ps. The reader does not ask.
func (a *analyzer) possible(n uint64) bool {
	if n > mostPs {
		a.failed = fmt.Errorf("it has %d Ps", n)
	}
	return n <= mostPs
}

// proc takes a P from one state to the next.
func (a *analyzer) proc(ev *exptrace.Event, t *exptrace.StateTransition) {
	from, to := t.Proc()
	id := t.Resource.Proc()
	if !a.possible(uint64(id)) || from == to {
		return
	}
	p := a.procAt(int32(id))
	if to == exptrace.ProcIdle && p.caller != 0 {
		a.loses(p, id, ev)
	}
	a.settle(a.now)
	old := p.state
	switch p.state = unknown; to {
	case exptrace.ProcIdle:
		p.state = idling
	case exptrace.ProcRunning:
		p.state = active
		if from == exptrace.ProcIdle {
			a.starts++
		}
	}
	a.active += count(p.state == active) - count(old == active)
	if int(id) < a.gomaxprocs {
		a.idle += count(p.state == idling) - count(old == idling)
	}
	a.stops.check(a.active, a.now)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
