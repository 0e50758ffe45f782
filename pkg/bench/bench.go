// Package bench measures how Go really runs on a machine, and keeps what a stranger
// needs to believe it.
//
//	probe := sched.New(sched.Options{Quick: true}) // one of the packages below
//	run, err := bench.Once(ctx, probe)
//	for _, s := range run.Series {
//		fmt.Println(s.Name, s.Quantile(0.99), s.Unit)
//	}
//	for _, m := range run.Marks {
//		fmt.Println("disturbed:", m)
//	}
//
// # Runs, not samples
//
// The samples of one run are no replicates of each other: two runs of the same
// program differ by far more than the interval within one says. A [Run] is what one
// process has measured, and the unit of replication; [Collect] has ten processes and
// more take turns, and comparisons are between quantiles of runs.
//
// Probes print nothing, change nothing on the machine and allocate nothing while
// they sample.
package bench

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// A Probe measures one thing, once, in this process.
type Probe interface {
	Name() string // "sched"
	// Measure fills in Series and Values of a run. Where ctx ends first, the run has
	// what there is so far, and the error is that of ctx.
	Measure(ctx context.Context, run *Run) error
}

// A Run is what one process has measured.
type Run struct {
	Probe   string        `json:"probe"`
	Config  string        `json:"config,omitempty"` // what sets it apart from other runs of the probe
	Begin   time.Time     `json:"begin"`
	Wall    time.Duration `json:"wall_ns"`
	Series  []Series      `json:"series"`
	Values  []Value       `json:"values"`
	Env     []Key         `json:"env"`
	Marks   []Mark        `json:"marks"`             // what disturbed it; empty for a clean run
	Partial bool          `json:"partial,omitempty"` // it was ended early
	// Detail is what the probe has found that is no number of its own: of gc the
	// cycles one by one. Its package says what it has; no comparison looks at it, and
	// the benchmark format does not keep it.
	Detail json.RawMessage `json:"detail,omitempty"`
}

// Role is what a number is good for.
type Role string

const (
	Headline   Role = "headline"   // what people mean by the name
	Diagnostic Role = "diagnostic" // explains others; not to be compared between machines
	Control    Role = "control"    // must not move when the thing measured does
	Floor      Role = "floor"      // the least that could be measured here
)

// A Series is the samples of one quantity, in the order in which they were taken,
// without the warm-up.
type Series struct {
	Name    string  `json:"name"` // as the benchmark format has it: "CrossP/park=50us/procs=2"
	Unit    string  `json:"unit"` // "ns"
	Role    Role    `json:"role"`
	Samples []int64 `json:"samples,omitempty"`
	// Batch is how many operations each sample is the mean of; more than 1 where one
	// takes less than the clock can tell.
	Batch  int    `json:"batch"`
	Missed int    `json:"missed,omitempty"` // deadlines that had passed before they were waited for; they are samples, too
	Note   string `json:"note,omitempty"`   // what a reader must know: "bimodal: ..."
	// Count and Quantiles are what is left where the samples were not kept: the
	// benchmark format has no more.
	Count     int        `json:"count,omitempty"`
	Quantiles []Quantile `json:"quantiles,omitempty"`
}

// A Quantile is one number of a series: a part Q of all samples is not above Value.
type Quantile struct {
	Q     float64 `json:"q"` // 0.99; the maximum is 1
	Value int64   `json:"value"`
}

// A Value is a quantity that a run has one of.
type Value struct {
	Name   string  `json:"name"` // "ClockStep"
	Unit   string  `json:"unit"` // "ns", "ppm", "req/s", "B/s"
	Role   Role    `json:"role"`
	Number float64 `json:"number"`
	Higher bool    `json:"higher_is_better,omitempty"`
}

// A Key is a fact about the machine or the program that decides whether two runs can
// be compared: "clocksource", "tsc".
type Key struct {
	Name  string `json:"name"` // lower case, as a configuration line of the benchmark format
	Value string `json:"value"`
}

// A Mark says that something else disturbed a run.
type Mark struct {
	Cause string  `json:"cause"` // "run-delay", "steal", "throttled"
	Value float64 `json:"value"`
	Limit float64 `json:"limit"` // above which it is a disturbance
	Unit  string  `json:"unit"`  // "%", "us"
}

// Add appends the samples of one quantity.
func (r *Run) Add(s Series) { r.Series = append(r.Series, s) }

// AddValue appends a single number.
func (r *Run) AddValue(v Value) { r.Values = append(r.Values, v) }

// Get is what Env says of a name, or "".
func (r *Run) Get(name string) string {
	i := slices.IndexFunc(r.Env, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return ""
	}
	return r.Env[i].Value
}
