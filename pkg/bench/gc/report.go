package gc

import (
	"time"
)

// A Report is what a [bench.Run] has no place for: the cycles one by one, and the
// heap and the memory of the machine over time.
type Report struct {
	Source   string        `json:"source"`             // [FromRuntime] or [FromTrace]
	Workload string        `json:"workload,omitempty"` // of the built-in ones
	Wall     time.Duration `json:"wall_ns"`            // of a foreign program: until its last cycle ended
	Settings Settings      `json:"settings"`
	Procs    int           `json:"procs"` // GOMAXPROCS
	// NumGC is how many cycles there were. Where there are fewer in Cycles, the
	// others are Lost.
	NumGC      int           `json:"num_gc"`
	PauseTotal time.Duration `json:"pause_total_ns"`
	Cycles     []Cycle       `json:"cycles"`
	Lost       int           `json:"lost,omitempty"`
	Unreadable int           `json:"unreadable_lines,omitempty"`
	Mixed      bool          `json:"mixed,omitempty"` // lines of several programs: see [Trace]
	Heap       []Point       `json:"heap"`
	CPU        *CPU          `json:"cpu,omitempty"` // nil: no cycle has ended, so that the runtime had nothing to add up
	Pressure   *Pressure     `json:"pressure,omitempty"`
	Checksum   uint64        `json:"checksum,omitempty"` // of the built-in workload, so that none of it is for nothing
}

// Where a [Report] is from.
const (
	FromRuntime = "runtime/metrics"
	FromTrace   = "gctrace"
)

// A Cycle is one garbage collection. Sizes of gctrace are whole MiB, rounded down.
type Cycle struct {
	N int `json:"n"` // counted from 1 by the runtime
	// At is when the cycle began, since the program did (gctrace), or when its last
	// pause ended, since the measurement began (runtime/metrics).
	At      time.Duration `json:"at_ns"`
	Pause   time.Duration `json:"pause_ns"`       // the world stood still: both pauses of the cycle together
	Goal    uint64        `json:"goal,omitempty"` // of the heap, in bytes, when the cycle began; 0: none
	Live    uint64        `json:"live,omitempty"` // what it left, in bytes; 0: not read before the next cycle
	Trigger Trigger       `json:"trigger"`        // the likeliest
	// Evidence is one line that says why.
	Evidence string  `json:"evidence"`
	Phases   *Phases `json:"phases,omitempty"` // gctrace only
}

// Phases are the other numbers of a line of gctrace.
type Phases struct {
	Percent int `json:"percent"` // CPU time of the collector since the program began
	// Clock: sweep termination (stopped), mark (concurrent), mark termination (stopped).
	Clock [3]time.Duration `json:"clock_ns"`
	// CPU: sweep termination, assists, background, idle, mark termination.
	CPU     [5]time.Duration `json:"cpu_ns"`
	Start   uint64           `json:"start"` // bytes of the heap when it began
	End     uint64           `json:"end"`   // and when marking ended
	Stacks  uint64           `json:"stacks"`
	Globals uint64           `json:"globals"`
	Procs   int              `json:"procs"`
}

// A Point is the heap at one moment, in bytes.
type Point struct {
	At    time.Duration `json:"at_ns"`
	Live  uint64        `json:"live"`            // what the last cycle left
	Goal  uint64        `json:"goal,omitempty"`  // what the next one is to be over at; 0: none
	Total uint64        `json:"total,omitempty"` // all memory that the runtime has mapped; gctrace does not tell
}

// CPU is where the CPU time of all GOMAXPROCS went, in percent. The runtime adds it
// up when a cycle ends: it is from the last cycle before the measurement to the last
// one in it.
type CPU struct {
	GC         float64 `json:"gc"` // all of the following
	Assist     float64 `json:"assist"`
	Background float64 `json:"background"` // the workers that are there for it
	Idle       float64 `json:"idle"`       // workers on processors that had nothing else to do
	Pause      float64 `json:"pause"`
}

// noGoals has 0 for a goal that is none.
func (r *Report) noGoals() {
	for i := range r.Cycles {
		if r.Cycles[i].Goal >= noGoal {
			r.Cycles[i].Goal = 0
		}
	}
	for i := range r.Heap {
		if r.Heap[i].Goal >= noGoal {
			r.Heap[i].Goal = 0
		}
	}
}

// Count is how many cycles of Cycles had each trigger.
func (r *Report) Count() map[Trigger]int {
	count := make(map[Trigger]int)
	for _, c := range r.Cycles {
		count[c.Trigger]++
	}
	return count
}
