package gc

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Trigger is why a cycle began.
type Trigger string

// Triggers, in the order in which one rules out the next.
const (
	Forced      Trigger = "forced"       // runtime.GC or debug.FreeOSMemory
	Periodic    Trigger = "periodic"     // none for two minutes: the runtime's monitor asks for one
	MemoryLimit Trigger = "memory-limit" // GOMEMLIMIT has made the goal smaller
	HeapGoal    Trigger = "heap-goal"    // the heap grew as far as GOGC allows
)

// Triggers are all of them.
func Triggers() []Trigger { return []Trigger{HeapGoal, MemoryLimit, Forced, Periodic} }

// forcedPeriod is forcegcperiod of the runtime.
const forcedPeriod = 2 * time.Minute

// Settings are the two variables of the environment that the collector obeys, as
// they are written there: "50", "off", "512MiB". Empty is what the runtime does
// without.
type Settings struct {
	GOGC       string `json:"gogc,omitempty"`
	GOMEMLIMIT string `json:"gomemlimit,omitempty"`
}

// limits are Settings as numbers.
type limits struct {
	percent uint64 // GOGC
	off     bool   // GOGC=off
	memory  uint64 // math.MaxInt64: none
}

// limits reads the variables as the runtime does. A program does not start with a
// GOMEMLIMIT that it cannot read; a GOGC of that kind it takes for 100.
func (s Settings) limits() (limits, error) {
	l := limits{percent: 100, memory: math.MaxInt64}
	if s.GOGC == "off" {
		l.off = true
	} else if n, err := strconv.ParseInt(s.GOGC, 10, 32); err == nil {
		l.percent, l.off = uint64(max(n, 0)), n < 0
	}
	if s.GOMEMLIMIT == "" || s.GOMEMLIMIT == "off" {
		return l, nil
	}
	memory, ok := parseBytes(s.GOMEMLIMIT)
	if !ok {
		return l, fmt.Errorf("GOMEMLIMIT=%q: no number of bytes such as 512MiB", s.GOMEMLIMIT)
	}
	l.memory = memory
	return l, nil
}

// parseBytes reads what the runtime does: digits and B, KiB, MiB, GiB or TiB.
func parseBytes(text string) (uint64, bool) {
	shift := 0
	for i, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			text, shift = number, 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(text, "B"), 10, 63)
	return n << shift, err == nil && n<<shift>>shift == n && n<<shift <= math.MaxInt64
}

// A basis is what the runtime made the goal of a cycle from, or the least that it
// can have been.
type basis struct {
	live, stacks, globals uint64 // as the cycle before left them
	goal                  uint64
	step                  uint64 // the goal is less than that above: gctrace rounds down
}

// minimum is the least goal with GOGC=100.
const minimum = 4 << 20

// asked is the goal by GOGC alone (gcControllerState.commit in mgcpacer.go). The
// runtime may take a larger one, never a smaller one, unless the memory is limited.
func (l limits) asked(b basis) uint64 {
	if l.off {
		return math.MaxUint64
	}
	return max(b.live+(b.live+b.stacks+b.globals)*l.percent/100, minimum*l.percent/100)
}

func (l limits) limited() bool { return l.memory < math.MaxInt64 }

// byGoal is the trigger of a cycle that nobody asked for, with the evidence.
func (l limits) byGoal(b basis) (Trigger, string) {
	asked := l.asked(b)
	gogc := "GOGC=off asks for none"
	if !l.off {
		gogc = fmt.Sprintf("GOGC=%d asks for %s after %s live", l.percent, size(asked), size(b.live))
	}
	switch clamped := b.goal+b.step < asked; {
	case clamped && l.limited():
		return MemoryLimit, fmt.Sprintf("%s; %s; GOMEMLIMIT=%s", goalText(b.goal), gogc, size(l.memory))
	case clamped:
		return HeapGoal, fmt.Sprintf("%s; %s; no GOMEMLIMIT is known, so that the program has changed one of them", goalText(b.goal), gogc)
	}
	return HeapGoal, fmt.Sprintf("%s; %s", goalText(b.goal), gogc)
}

// noGoal is less than the runtime has for a goal where there is none.
const noGoal = 1 << 60

func goalText(goal uint64) string {
	if goal >= noGoal {
		return "no goal"
	}
	return "goal " + size(goal)
}

// explain says of each cycle of a trace why it began.
func (t *Trace) explain(l limits) {
	for i := range t.Cycles {
		c := &t.Cycles[i]
		b := basis{goal: c.Goal, step: 1<<20 - 1}
		gap := time.Duration(0)
		if i > 0 && t.Cycles[i-1].N == c.N-1 && !t.Mixed {
			old := t.Cycles[i-1]
			b.live, b.stacks, b.globals = old.Live, old.Phases.Stacks, old.Phases.Globals
			gap = c.At - old.At
		}
		switch {
		case c.Trigger == Forced:
			c.Evidence = `the line ends with "(forced)": runtime.GC or debug.FreeOSMemory`
		case c.Trigger == Periodic:
			c.Evidence = fmt.Sprintf(`"GC forced" is before the line, %s after the cycle before`, gap.Round(time.Millisecond))
		case gap >= forcedPeriod && early(c.Phases.Start+b.step, c.Goal):
			c.Trigger, c.Evidence = periodic(gap, c.Phases.Start, c.Goal)
		default:
			c.Trigger, c.Evidence = l.byGoal(b)
		}
	}
}

// early reports whether a heap is so far from its goal that it began no cycle: the
// runtime begins one at 45/64 of the way from live to goal, or later.
func early(heap, goal uint64) bool { return heap < goal/64*45 }

func periodic(gap time.Duration, heap, goal uint64) (Trigger, string) {
	return Periodic, fmt.Sprintf("%s after the cycle before, with a heap of %s and a goal of %s",
		gap.Round(time.Millisecond), size(heap), size(goal))
}

// size is a number of bytes as GOMEMLIMIT has it, to three digits.
func size(n uint64) string {
	v, units := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for len(units) > 1 && v >= 1024 {
		v, units = v/1024, units[1:]
	}
	if v < 100 && v != math.Trunc(v) {
		return strconv.FormatFloat(v, 'g', 3, 64) + units[0]
	}
	return strconv.FormatFloat(math.Trunc(v), 'f', -1, 64) + units[0]
}
