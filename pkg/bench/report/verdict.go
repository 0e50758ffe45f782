package report

import (
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// A Verdict is whether the numbers of a bundle may be held against those of another.
// Whether two bundles may, [bench.Comparable] says.
type Verdict struct {
	Schema     int      `json:"schema"`     // 1
	Comparable bool     `json:"comparable"` // there is no reason against it
	Reasons    []Ground `json:"reasons"`
	Warnings   []Ground `json:"warnings"` // what a reader must know all the same
}

// A Ground is why something is not as it should be.
type Ground struct {
	What string `json:"what"` // "runs", "machine", "sandbox", "prepare"
	Text string `json:"text"`
}

func (g Ground) String() string { return g.What + ": " + g.Text }

const enoughRuns = 10 // that [bench.Compare] wants on each side

func (e *Evidence) verdict() Verdict {
	v := Verdict{Schema: Schema, Reasons: []Ground{}, Warnings: []Ground{}}
	v.runs(e.Set)
	v.machine(e)
	v.sandbox(e)
	v.prepared(e.Prepare)
	v.Comparable = len(v.Reasons) == 0
	return v
}

func (v *Verdict) no(what, format string, args ...any) {
	v.Reasons = append(v.Reasons, Ground{what, fmt.Sprintf(format, args...)})
}

func (v *Verdict) warn(what, format string, args ...any) {
	v.Warnings = append(v.Warnings, Ground{what, fmt.Sprintf(format, args...)})
}

func (v *Verdict) runs(set *bench.Set) {
	if set.Partial {
		v.no("runs", "it was ended early")
	}
	for _, config := range configs(set) {
		of := set.Of(config.Probe, config.Name)
		if clean, _, _ := of.Count(); clean < enoughRuns {
			v.no("runs", "%s has %d clean runs, and a comparison needs %d", config, clean, enoughRuns)
		}
		for _, r := range bench.Comparable(of, of) {
			v.no("runs", "those of %s do not agree in %s: %s", config, r.Key, strings.Join(r.A, " and "))
		}
	}
	for _, f := range set.Failed {
		v.warn("runs", "%s: %s", bench.Config{Probe: f.Probe, Name: f.Config}, f.Error)
	}
}

// configs are what was run, in the order in which they come first.
func configs(set *bench.Set) (list []bench.Config) {
	seen := make(map[bench.Config]bool)
	for _, r := range set.Runs {
		if c := (bench.Config{Probe: r.Probe, Name: r.Config}); !seen[c] {
			seen[c] = true
			list = append(list, c)
		}
	}
	return list
}

// machine says what somebody has changed meanwhile.
func (v *Verdict) machine(e *Evidence) {
	if e.Before == nil || e.After == nil {
		v.warn("machine", "nobody has looked at it before and after")
		return
	}
	for _, d := range snapshot.Diff(e.Before, e.After) {
		if d.Kind == snapshot.Setting {
			v.no("machine", "%s was %s before, and %s after", d.Name, d.A, d.B)
		}
	}
}

func (v *Verdict) sandbox(e *Evidence) {
	if e.Sandbox == nil {
		v.warn("sandbox", "there was none")
		return
	}
	for _, m := range e.Sandbox.Missing() {
		v.no("sandbox", "%s %s was asked for, and was not to be had", m.Name, m.Requested)
	}
	for i, u := range e.Usage {
		if u.OutOfMemory() {
			v.warn("sandbox", "the kernel has killed in run %d, for want of memory", i)
		}
	}
}

func (v *Verdict) prepared(r *prepare.Report) {
	if r == nil {
		v.warn("prepare", "nobody has looked for what disturbs")
		return
	}
	for _, f := range r.Findings {
		switch f.Verdict {
		case prepare.Fail:
			v.no("prepare", "%s: %s", f.Name, f.Text)
		case prepare.Warn:
			v.warn("prepare", "%s: %s", f.Name, f.Text)
		}
	}
	for _, c := range r.Changes {
		if !c.Restored {
			v.no("prepare", "%s was changed from %q to %q, and is not as before", c.What, c.Old, c.New)
		}
	}
}
