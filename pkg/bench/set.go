package bench

import (
	"math"
	"slices"
)

// A Set is runs that belong together: those of one [Collect], or of one file.
type Set struct {
	Schema  int       `json:"schema"` // of the JSON form: 1
	Runs    []*Run    `json:"runs"`   // as they ended, disturbed and partial ones among them
	Failed  []Failure `json:"failed,omitempty"`
	Partial bool      `json:"partial,omitempty"` // it was ended early
}

// Schema is the version of the written forms of a [Set].
const Schema = 1

// A Failure is a process that did not measure.
type Failure struct {
	Probe  string `json:"probe,omitempty"`
	Config string `json:"config,omitempty"`
	Error  string `json:"error"`
}

// Clean reports whether nothing disturbed the run and nobody ended it. Only such
// runs are compared.
func (r *Run) Clean() bool { return len(r.Marks) == 0 && !r.Partial }

// Of is the set of the runs of one probe and configuration.
func (s *Set) Of(probe, config string) *Set {
	of := &Set{Schema: s.Schema, Partial: s.Partial}
	for _, r := range s.Runs {
		if r.Probe == probe && r.Config == config {
			of.Runs = append(of.Runs, r)
		}
	}
	for _, f := range s.Failed {
		if f.Probe == probe && f.Config == config {
			of.Failed = append(of.Failed, f)
		}
	}
	return of
}

// Warmup is the cause of a mark on a run that was there for the machine to become what
// it is in the runs after it: pages in memory, a CPU at its speed. Its Value is the
// number of the run, from 1.
const Warmup = "warm-up"

// WarmsUp reports whether the run is a warm-up. Such a run is neither clean nor was it
// disturbed.
func (r *Run) WarmsUp() bool {
	return slices.ContainsFunc(r.Marks, func(m Mark) bool { return m.Cause == Warmup })
}

// Count is how many runs there are of each kind. A partial one counts as that only, and
// one that warms up as nothing.
func (s *Set) Count() (clean, disturbed, partial int) {
	for _, r := range s.Runs {
		switch {
		case r.WarmsUp():
		case r.Partial:
			partial++
		case len(r.Marks) > 0:
			disturbed++
		default:
			clean++
		}
	}
	return clean, disturbed, partial
}

// clean are the runs that count, in the order in which they began.
func (s *Set) clean() (runs []*Run) {
	for _, r := range s.Runs {
		if r.Clean() {
			runs = append(runs, r)
		}
	}
	slices.SortStableFunc(runs, func(a, b *Run) int { return a.Begin.Compare(b.Begin) })
	return runs
}

const (
	muchMore   = 5  // times what is usual
	fewPerSec  = 10 // is usual at least: a machine at rest has none, and 5 times none is none
	enoughRuns = 3  // to say what is usual
)

// markSwitches marks the runs in which the kernel took the CPU away far more often
// than is usual in runs of the same kind: 5 times the median. What is usual for a
// probe that keeps all CPUs busy is a storm for one that sleeps. It may be called
// again.
func markSwitches(runs []*Run) {
	var rates []float64
	for _, r := range runs {
		if v, ok := r.value(watched + Nivcsw); ok && !r.WarmsUp() {
			rates = append(rates, v)
		}
	}
	if len(rates) < enoughRuns {
		return
	}
	slices.Sort(rates)
	limit := muchMore * math.Max(rates[(len(rates)-1)/2], fewPerSec)
	for _, r := range runs {
		r.Marks = slices.DeleteFunc(r.Marks, func(m Mark) bool { return m.Cause == Nivcsw })
		if v, ok := r.value(watched + Nivcsw); ok && v > limit {
			r.Marks = append(r.Marks, Mark{Cause: Nivcsw, Value: v, Limit: limit, Unit: "1/s"})
		}
	}
}

// value is a number of the run by its name.
func (r *Run) value(name string) (float64, bool) {
	i := slices.IndexFunc(r.Values, func(v Value) bool { return v.Name == name })
	if i < 0 {
		return 0, false
	}
	return r.Values[i].Number, true
}
