package report

import (
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Tables are the numbers of a bundle.
type Tables struct {
	Schema     int               `json:"schema"` // 1
	Runs       bench.Tally       `json:"runs"`
	Rows       []bench.Row       `json:"rows"`                 // medians over clean runs, with their intervals
	Comparison *bench.Comparison `json:"comparison,omitempty"` // of A and B
	Refused    string            `json:"refused,omitempty"`    // why A and B were not compared
	Rejected   []Rejected        `json:"rejected"`             // runs that do not count
}

// A Rejected run is one that does not count.
type Rejected struct {
	Run    int    `json:"run"` // in runs.json, from 0
	Probe  string `json:"probe"`
	Config string `json:"config,omitempty"`
	Raw    string `json:"raw,omitempty"` // what it wrote
	Why    string `json:"why"`
}

func (e *Evidence) tables() Tables {
	t := Tables{Schema: Schema, Runs: e.Set.Tally(), Rows: e.Set.Rows(), Rejected: e.rejected()}
	if e.versus() {
		c, err := bench.Versus(e.Set)
		if t.Comparison = c; err != nil {
			t.Refused = err.Error()
		}
	}
	return t
}

func (e *Evidence) rejected() []Rejected {
	list := []Rejected{}
	for i, r := range e.Set.Runs {
		if r.Clean() {
			continue
		}
		why := make([]string, 0, len(r.Marks)+1)
		for _, m := range r.Marks {
			why = append(why, m.String())
		}
		if r.Partial {
			why = append(why, "ended early")
		}
		rejected := Rejected{Run: i, Probe: r.Probe, Config: r.Config, Why: strings.Join(why, "; ")}
		if raw, ok := e.wrote(i); ok {
			rejected.Raw = "raw/" + raw.Name
		}
		list = append(list, rejected)
	}
	return list
}

func (e *Evidence) tablesText(t Tables) string {
	var text strings.Builder
	text.WriteString(e.Set.Table(bench.Style{}))
	if t.Comparison != nil {
		text.WriteString("\nA is the first, B the second:\n" + t.Comparison.Table(bench.Style{}))
	}
	if t.Refused != "" {
		fmt.Fprintf(&text, "\nA and B are not compared: %s\n", t.Refused)
	}
	if len(t.Rejected) > 0 {
		text.WriteString("\nRuns that do not count:\n")
	}
	for _, r := range t.Rejected {
		fmt.Fprintf(&text, "%4d  %s: %s\n", r.Run, bench.Config{Probe: r.Probe, Name: r.Config}, r.Why)
	}
	return text.String()
}

// versus reports whether the runs are of two sides.
func (e *Evidence) versus() bool {
	return len(OfSide(e.Set, "A").Runs) > 0 && len(OfSide(e.Set, "B").Runs) > 0
}

// OfSide are the runs of one side, whatever was run.
func OfSide(set *bench.Set, name string) *bench.Set {
	of := &bench.Set{Schema: set.Schema, Partial: set.Partial}
	for _, r := range set.Runs {
		if r.Config == name {
			of.Runs = append(of.Runs, r)
		}
	}
	for _, f := range set.Failed {
		if f.Config == name {
			of.Failed = append(of.Failed, f)
		}
	}
	return of
}
