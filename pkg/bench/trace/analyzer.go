package trace

import (
	"time"

	exptrace "golang.org/x/exp/trace"
)

// An analyzer is what is known so far. Times are those of the trace, in nanoseconds.
type analyzer struct {
	events           int64
	failed           error // what no trace can say; nothing is done any more
	now, start, sync int64
	wall             time.Time // of start; zero where the trace does not say

	stacks *stacks
	index  map[exptrace.GoID]int32
	recent [1024]int32 // what index has for ids with these last bits, perhaps
	gs     []goroutine // alive, and those that are free for others
	free   []int32
	ghosts map[exptrace.GoID][]contribution

	syscalls []*syscallSite         // by stackID
	waits    [causes][]*waitingSite // by stackID
	seen     int64                  // goroutines
	running  int64                  // ns that goroutines ran

	machine
	long  longRuns
	stops stops
	gc    collector
}

func newAnalyzer(o Options) *analyzer {
	if o.LongRun == 0 {
		o.LongRun = 20 * time.Millisecond
	}
	return &analyzer{
		gs:     make([]goroutine, 1), // of which the first is nobody
		stacks: newStacks(), index: make(map[exptrace.GoID]int32),
		ghosts: make(map[exptrace.GoID][]contribution),
		long:   longRuns{limit: int64(o.LongRun)}, stops: stops{by: make(map[string]*stopReason)},
	}
}

func (a *analyzer) event(ev *exptrace.Event) {
	if a.failed != nil {
		return
	}
	a.events++
	a.now = int64(ev.Time())
	switch ev.Kind() {
	case exptrace.EventStateTransition:
		t := ev.StateTransition()
		switch t.Resource.Kind {
		case exptrace.ResourceGoroutine:
			a.goroutine(ev, &t)
		case exptrace.ResourceProc:
			a.proc(ev, &t)
		}
	case exptrace.EventRangeBegin, exptrace.EventRangeActive, exptrace.EventRangeEnd:
		a.span(ev)
	case exptrace.EventLabel:
		a.label(ev)
	case exptrace.EventMetric:
		if m := ev.Metric(); m.Name == "/sched/gomaxprocs:threads" && a.possible(m.Value.Uint64()) {
			a.setProcs(int(m.Value.Uint64()), a.now)
		}
	case exptrace.EventSync:
		a.generation(ev)
	}
}

// generation is at the start of each, and at the end of the trace.
func (a *analyzer) generation(ev *exptrace.Event) {
	if a.start == 0 {
		a.start = a.now
	}
	a.sync = a.now
	a.stacks.forget()
	if clock := ev.Sync().ClockSnapshot; clock != nil && a.wall.IsZero() {
		a.wall = clock.Wall.Add(time.Duration(a.start - int64(clock.Trace))).UTC()
	}
}
