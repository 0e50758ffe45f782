package trace

import (
	exptrace "golang.org/x/exp/trace"
)

// A loss is how a goroutine lost its P in a system call.
type loss uint8

const (
	unseen    loss = iota // the trace does not say when
	handedOff             // the goroutine gave it away as it entered
	bySysmon              // after a while without progress
	byStop                // for a stop of the world, or of all Ps
	losses
)

// A syscallSite is what is known of the system calls made at one place.
type syscallSite struct {
	sketch
	left   Sum
	lost   [losses]int64
	before int64 // ns until the P was lost, of those that lost it
	after  int64 // ns without
	open   Sum
	maxAt  int64
}

func (a *analyzer) syscall(id stackID) *syscallSite {
	if int(id) >= len(a.syscalls) {
		a.syscalls = append(a.syscalls, make([]*syscallSite, int(id)+1-len(a.syscalls))...)
	}
	if a.syscalls[id] == nil {
		a.syscalls[id] = new(syscallSite)
	}
	return a.syscalls[id]
}

// calls is the start of a system call.
func (a *analyzer) calls(g *goroutine, i int32, ev *exptrace.Event) {
	g.lostAt, g.loss, g.callP = 0, unseen, none
	if p := ev.Proc(); p != exptrace.NoProc {
		g.callP = int32(p)
		a.procAt(g.callP).caller = i + 1
	}
}

// loses is a P that is taken from whoever entered a system call with it.
func (a *analyzer) loses(p *proc, id exptrace.ProcID, ev *exptrace.Event) {
	g := &a.gs[p.caller-1]
	p.caller = 0
	g.lostAt, g.callP = a.now, none
	switch ev.Proc() {
	case id:
		g.loss = handedOff
	case exptrace.NoProc:
		g.loss = bySysmon
	default:
		g.loss = byStop
	}
}

// returned is the end of a system call.
func (a *analyzer) returned(g *goroutine, i int32, to exptrace.GoState) {
	if g.callP != none {
		if p := a.procAt(g.callP); p.caller == i+1 {
			p.caller = 0
		}
	}
	d := a.now - g.since
	site := a.syscall(g.stack)
	if d > site.max {
		site.maxAt = g.since
	}
	site.add(d)
	switch {
	case g.lostAt != 0:
		site.lost[g.loss]++
		site.before += g.lostAt - g.since
		site.after += a.now - g.lostAt
	case to == exptrace.GoRunnable:
		site.lost[unseen]++
	}
	a.charge(g, &site.left, d, to)
}
