// Package prepare says what would disturb a measurement on a machine, and does what
// can be done about it without leaving a trace.
//
//	findings := prepare.Judge(prepare.Facts{Snapshot: before}) // only says
//
//	report, undo, err := prepare.Prepare(ctx, prepare.Options{Snapshot: before})
//	defer undo()
//
// It never writes a sysctl, and never sets a clock or starts what does: those are
// the whole machine's, and others use it too. What it changes is named in the
// [Report] with what was there before, is announced to a [Journal] before it is done,
// and is undone by the function that Prepare returns, or by whoever reads the journal
// where the program died.
//
// [WarmUp] runs a thing until what it measures has stopped to change.
package prepare

import "time"

// A Verdict is what a finding means for a measurement.
type Verdict string

// Verdicts, from best to worst.
const (
	OK      Verdict = "ok"
	Unknown Verdict = "unknown" // the machine does not tell; that is not ok
	Warn    Verdict = "warn"    // numbers may be worse or more scattered than they should be
	Fail    Verdict = "fail"    // numbers will be wrong, or not those that were asked for
)

// A Finding is one thing that might disturb, and what was done about it.
type Finding struct {
	Name    string  `json:"name"` // stable: "load", "governor", "clock-rate"
	Value   string  `json:"value,omitempty"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`           // for people, one line
	Done    string  `json:"done,omitempty"` // what was done about it; "" is nothing
}

// A Change is something that Prepare has changed.
type Change struct {
	What     string `json:"what"` // a file
	Old      string `json:"old,omitempty"`
	New      string `json:"new"`
	Restored bool   `json:"restored"` // whether it is as before again, read back
	Error    string `json:"error,omitempty"`
}

// A Report is what was found and what was done. What undo does is in it, too.
type Report struct {
	Findings []Finding     `json:"findings"`
	Waited   time.Duration `json:"waited_ns"` // for the machine to calm down
	Changes  []Change      `json:"changes,omitempty"`
	Warmup   []Warmup      `json:"warmup,omitempty"` // of each thing that is measured
}

// Worst is the worst verdict of the findings.
func (r *Report) Worst() Verdict { return Worst(r.Findings) }

// Worst is the worst verdict there is.
func Worst(findings []Finding) Verdict {
	order := []Verdict{OK, Unknown, Warn, Fail}
	worst := 0
	for _, f := range findings {
		for i, v := range order {
			if f.Verdict == v {
				worst = max(worst, i)
			}
		}
	}
	return order[worst]
}
