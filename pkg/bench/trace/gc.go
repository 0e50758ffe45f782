package trace

import (
	"strings"

	exptrace "golang.org/x/exp/trace"
)

// A collector is what the garbage collector did.
type collector struct {
	marks     sketch
	marking   int64 // since when it marks; 0 is not
	assists   sketch
	assisting int64 // ns that goroutines ran and assisted
	workers   int64 // ns that its own goroutines ran
}

// span is a range of time with a name.
func (a *analyzer) span(ev *exptrace.Event) {
	r := ev.Range()
	ends := ev.Kind() == exptrace.EventRangeEnd
	switch {
	case r.Name == "GC mark assist":
		a.assist(r.Scope.Goroutine(), ends)
	case r.Name == "GC concurrent mark phase":
		if !ends && a.gc.marking == 0 {
			a.gc.marking = a.now
		} else if ends && a.gc.marking != 0 {
			a.gc.marks.add(a.now - a.gc.marking)
			a.gc.marking = 0
		}
	case strings.HasPrefix(r.Name, stopPrefix):
		a.stop(ev, r.Name)
	}
}

// assist is a goroutine that allocates and must help to mark first. It may lose its P
// meanwhile.
func (a *analyzer) assist(id exptrace.GoID, ends bool) {
	i, ok := a.index[id]
	if !ok {
		return
	}
	g := &a.gs[i]
	if !ends {
		if !g.assists {
			g.assists, g.assistBegan, g.assistRuns = true, a.now, a.now
		}
		return
	}
	if g.assists {
		g.assists = false
		a.gc.assists.add(a.now - g.assistBegan)
		if g.state == exptrace.GoRunning {
			a.gc.assisting += a.now - g.assistRuns
		}
	}
}

// label names what a goroutine does now: only the workers of the collector have any.
func (a *analyzer) label(ev *exptrace.Event) {
	l := ev.Label()
	if l.Resource.Kind != exptrace.ResourceGoroutine || !strings.HasPrefix(l.Label, "GC (") {
		return
	}
	if i, ok := a.index[l.Resource.Goroutine()]; ok {
		a.gs[i].worker = true
	}
}
