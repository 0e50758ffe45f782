package gc

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// report makes a report of what was read.
func (r *reader) report(report *Report) {
	first, last := r.readings[0], r.readings[len(r.readings)-1]
	report.Source, report.Wall = FromRuntime, last.at-first.at
	report.Settings, report.Procs = last.settings(), int(last.procs)
	report.NumGC, report.PauseTotal = int(last.numGC-first.numGC), last.pauseTotal-first.pauseTotal
	report.Lost, report.Cycles = r.lost, r.cycles()
	report.CPU = last.cpuSince(first)
	for _, reading := range r.readings {
		report.Heap = append(report.Heap, Point{reading.at, reading.live, reading.goal, reading.mapped})
	}
}

// settings are those that the runtime obeys, whoever made them.
func (r reading) settings() Settings {
	s := Settings{GOGC: "off", GOMEMLIMIT: "off"}
	if r.gogc != math.MaxUint64 {
		s.GOGC = strconv.FormatUint(r.gogc, 10)
	}
	if r.memory != math.MaxInt64 {
		s.GOMEMLIMIT = strconv.FormatUint(r.memory, 10)
	}
	return s
}

// cycles are the pauses with what was read around each.
func (r *reader) cycles() []Cycle {
	cycles := make([]Cycle, len(r.pauses))
	forced, old := r.readings[0].forced, time.Duration(0)
	for i := 0; i < len(r.pauses); {
		at := r.pauses[i].reading
		before, after := r.readings[at-1], r.readings[at]
		n := 0 // cycles between the two readings
		for ; i+n < len(r.pauses) && r.pauses[i+n].reading == at; n++ {
			p := r.pauses[i+n]
			c := Cycle{N: int(p.n - r.readings[0].numGC), At: p.end, Pause: p.length, Goal: before.goal}
			c.Trigger, c.Evidence = before.trigger(p.end-old, n)
			cycles[i+n], old = c, p.end
		}
		// A cycle that was forced is counted there when it is over, and so may be in
		// the metrics of one reading and in the pauses of the next.
		if asked := min(int(after.forced-forced), n); asked > 0 {
			markForced(cycles[i:i+n], asked)
			forced += uint64(asked)
		}
		cycles[i+n-1].Live = after.live
		i += n
	}
	return cycles
}

// trigger is the likeliest one of a cycle that nobody forced, after so many others
// since the reading.
func (r reading) trigger(gap time.Duration, others int) (Trigger, string) {
	if gap >= forcedPeriod && early(r.heap, r.goal) {
		return periodic(gap, r.heap, r.goal)
	}
	trigger, why := r.limits().byGoal(basis{live: r.live, stacks: r.stacks, globals: r.globals, goal: r.goal})
	if trigger == MemoryLimit {
		why += fmt.Sprintf(", %s of it mapped", size(r.mapped))
	}
	if others > 0 {
		why += fmt.Sprintf("; it is cycle %d since that was read", others+1)
	}
	return trigger, why
}

// markForced says of some cycles between two readings that they were forced: how
// many is known, but of which ones only if it is all.
func markForced(cycles []Cycle, asked int) {
	for i := range cycles[:asked] {
		c := &cycles[i]
		c.Trigger = Forced
		c.Evidence = fmt.Sprintf("%d of %d cycles between two readings were forced", asked, len(cycles))
		if asked < len(cycles) {
			c.Evidence += "; which of them is not known"
		}
	}
}
