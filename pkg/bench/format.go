package bench

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
)

// The benchmark format, as [Write] uses it:
//
//	# golang-wsl bench {"schema":1}
//	# series {"name":"CrossP/park=50us/procs=2","unit":"ns","role":"headline"}
//	Unit p50-ns better=lower
//	Unit p50-ns assume=nothing
//
//	probe: sched
//	clocksource: tsc
//
//	# run {"begin":"2026-11-20T10:00:00Z","wall_ns":1000000000}
//	BenchmarkCrossP/park=50us/procs=2 20000 107000 p50-ns 138000 p95-ns 191000 p99-ns
//	# end {"runs":1,"lines":1}
//
// Configuration lines are the keys that all runs of a configuration share; benchstat
// makes a table of its own for each combination of them. What differs from run to
// run, and what the format has no place for, is in comments, which it passes over.
// The number after the name is how many samples there were.
//
// Runs that do not count are lines of another name, /run=disturbed or /run=partial,
// so that benchstat does not mix them into the others:
// "benchstat -filter '-/run:disturbed' FILE" leaves them out.
const magic = "# golang-wsl bench "

const (
	asDisturbed = "/run=disturbed"
	asPartial   = "/run=partial"
)

// fileHead is what the first line has.
type fileHead struct {
	Schema  int       `json:"schema"`
	Partial bool      `json:"partial,omitempty"`
	Failed  []Failure `json:"failed,omitempty"`
}

// fileEnd is what the last line has, without which the file is a part of one.
type fileEnd struct {
	Runs  int `json:"runs"`
	Lines int `json:"lines"`
}

// A descriptor is what the lines of a series or a value do not have.
type descriptor struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Role   Role   `json:"role,omitempty"`
	Higher bool   `json:"higher_is_better,omitempty"`
	Batch  int    `json:"batch,omitempty"`
	Missed int    `json:"missed,omitempty"`
	Note   string `json:"note,omitempty"`
}

// fileRun is what the lines of a run do not have.
type fileRun struct {
	Probe   string        `json:"probe"`
	Config  string        `json:"config,omitempty"`
	Begin   time.Time     `json:"begin"`
	Wall    time.Duration `json:"wall_ns"`
	Env     []Key         `json:"env,omitempty"`
	Marks   []Mark        `json:"marks,omitempty"`
	Partial bool          `json:"partial,omitempty"`
	Series  []descriptor  `json:"series,omitempty"` // those that are not as in the first run
	// NoSample are the series that have no line, and Empty is a run that has none.
	NoSample []descriptor `json:"no_sample,omitempty"`
	Empty    bool         `json:"empty,omitempty"`
}

// isValue says that a descriptor is that of a single number: a series has at least
// 1 operation a sample.
func (d descriptor) isValue() bool { return d.Batch == 0 }

func (d descriptor) key() seriesKey {
	if d.isValue() {
		return seriesKey{d.Name, d.Unit}
	}
	return seriesKey{d.Name, metricName(0.5, d.Unit)}
}

func (d descriptor) units() (units []string) {
	if d.isValue() {
		return []string{d.Unit}
	}
	for _, q := range quantiles {
		units = append(units, metricName(q, d.Unit))
	}
	return units
}

func (s Series) descriptor() descriptor {
	return descriptor{Name: s.Name, Unit: s.Unit, Role: s.Role, Batch: max(s.Batch, 1), Missed: s.Missed, Note: s.Note}
}

func (v Value) descriptor() descriptor {
	return descriptor{Name: v.Name, Unit: v.Unit, Role: v.Role, Higher: v.Higher}
}

func (r *Run) descriptors() (list []descriptor) {
	for _, s := range r.Series {
		list = append(list, s.descriptor())
	}
	for _, v := range r.Values {
		list = append(list, v.descriptor())
	}
	return list
}

// writable reports what the format cannot hold.
func (r *Run) writable() error {
	if strings.ContainsFunc(r.Probe+r.Config, unicode.IsControl) {
		return fmt.Errorf("write %q: %q is no name in the benchmark format", r.Probe, r.Config)
	}
	seen := make(map[seriesKey]bool)
	for _, d := range r.descriptors() {
		for _, word := range []string{d.Name, d.Unit} {
			if word == "" || strings.ContainsFunc(word, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) {
				return fmt.Errorf("write %s: %q is no name in the benchmark format", r.Probe, word)
			}
		}
		if seen[d.key()] {
			return fmt.Errorf("write %s: two series are named %s", r.Probe, d.Name)
		}
		seen[d.key()] = true
	}
	for _, v := range r.Values {
		if math.IsNaN(v.Number) || math.IsInf(v.Number, 0) {
			return fmt.Errorf("write %s: %s is %v", r.Probe, v.Name, v.Number)
		}
	}
	return nil
}

// lines is how many results the run has.
func (r *Run) lines() int {
	n := len(r.Values)
	for _, s := range r.Series {
		if s.size() > 0 {
			n++
		}
	}
	return n
}
