package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"
)

// Write writes the runs in the Go benchmark format. Samples are not kept: each
// series is the quantiles that a [Row] has.
func Write(w io.Writer, set *Set) error {
	buf := bufio.NewWriter(w)
	out := &writer{w: buf, results: benchfmt.NewWriter(buf), known: make(map[seriesKey]descriptor)}
	out.comment(magic, fileHead{Schema, set.Partial, set.Failed})
	if err := out.heads(set); err != nil {
		return err
	}
	for _, group := range groups(set) {
		shared := sharedKeys(group)
		for _, run := range group {
			out.run(run, shared)
		}
	}
	out.comment("# end ", fileEnd{len(set.Runs), out.lines})
	if out.err != nil {
		return out.err
	}
	return buf.Flush()
}

type seriesKey struct{ name, unit string }

type writer struct {
	w       io.Writer
	results *benchfmt.Writer
	known   map[seriesKey]descriptor
	lines   int
	err     error // the first
}

func (w *writer) comment(begin string, v any) {
	text, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Fprintf(w.w, "%s%s\n", begin, text)
	}
	w.failed(err)
}

func (w *writer) failed(err error) {
	if w.err == nil {
		w.err = err
	}
}

// heads says once of each name what it is, and what its units mean.
func (w *writer) heads(set *Set) error {
	var units []benchfmt.UnitMetadata
	better := make(map[string]string)
	for _, run := range set.Runs {
		if err := run.writable(); err != nil {
			return err
		}
		for _, d := range run.descriptors() {
			if _, ok := w.known[d.key()]; ok {
				continue
			}
			w.known[d.key()] = d
			w.comment("# series ", d)
			for _, unit := range d.units() {
				direction := map[bool]string{true: "higher", false: "lower"}[d.Higher]
				if old, ok := better[unit]; !ok {
					units = append(units, benchfmt.UnitMetadata{OrigUnit: unit})
				} else if old != direction {
					direction = "" // of two minds
				}
				better[unit] = direction
			}
		}
	}
	for _, unit := range units {
		for _, pair := range [][2]string{{"better", better[unit.OrigUnit]}, {"assume", "nothing"}} {
			if unit.Key, unit.Value = pair[0], pair[1]; unit.Value != "" {
				w.failed(w.results.Write(&unit))
			}
		}
	}
	return nil
}

// groups are the runs by probe and configuration, each in the order in which they
// began.
func groups(set *Set) (list [][]*Run) {
	index := make(map[Config]int)
	for _, run := range set.Runs {
		config := Config{run.Probe, run.Config}
		i, ok := index[config]
		if !ok {
			i = len(list)
			index[config] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], run)
	}
	for _, group := range list {
		slices.SortStableFunc(group, func(a, b *Run) int { return a.Begin.Compare(b.Begin) })
	}
	return list
}

// sharedKeys are the facts that all runs agree on and a configuration line can hold.
func sharedKeys(runs []*Run) (shared []Key) {
	for _, key := range runs[0].Env {
		everywhere := func(r *Run) bool {
			return !slices.ContainsFunc(r.Env, func(k Key) bool { return k.Name == key.Name && k.Value != key.Value }) &&
				slices.Contains(r.Env, key)
		}
		if isConfig(key) && !slices.Contains(shared, key) && !slices.ContainsFunc(runs, func(r *Run) bool { return !everywhere(r) }) {
			shared = append(shared, key)
		}
	}
	return shared
}

// isConfig reports whether "name: value" is a configuration line that is read as it
// was written.
func isConfig(k Key) bool {
	for i, c := range k.Name {
		if i == 0 && !unicode.IsLower(c) || unicode.IsSpace(c) || unicode.IsUpper(c) || unicode.IsControl(c) || c == ':' {
			return false
		}
	}
	return k.Name != "" && k.Name != "probe" && k.Name != "config" && k.Value != "" &&
		k.Value == strings.TrimSpace(k.Value) && !strings.ContainsFunc(k.Value, unicode.IsControl)
}

// run writes what is different about a run, and its lines.
func (w *writer) run(run *Run, shared []Key) {
	head := fileRun{
		Probe: run.Probe, Config: run.Config, Begin: run.Begin, Wall: run.Wall, Marks: run.Marks, Partial: run.Partial,
		Empty: run.lines() == 0,
	}
	for _, key := range run.Env {
		if head.Empty || !slices.Contains(shared, key) {
			head.Env = append(head.Env, key)
		}
	}
	for _, d := range run.descriptors() {
		if d != w.known[d.key()] {
			head.Series = append(head.Series, d)
		}
	}
	for _, s := range run.Series {
		if s.size() == 0 {
			head.NoSample = append(head.NoSample, s.descriptor())
		}
	}
	w.comment("# run ", head)
	result := &benchfmt.Result{Config: config(run, shared)}
	for _, s := range run.Series {
		result.Iters, result.Values = s.size(), result.Values[:0]
		for _, q := range s.summary() {
			result.Values = append(result.Values, benchfmt.Value{Value: float64(q.Value), Unit: metricName(q.Q, s.Unit)})
		}
		w.line(run, s.Name, result)
	}
	for _, v := range run.Values {
		result.Iters, result.Values = 1, []benchfmt.Value{{Value: v.Number, Unit: v.Unit}}
		w.line(run, v.Name, result)
	}
}

func config(run *Run, shared []Key) []benchfmt.Config {
	keys := []Key{{"probe", run.Probe}}
	if run.Config != "" {
		keys = append(keys, Key{"config", run.Config})
	}
	var list []benchfmt.Config
	for _, k := range append(keys, shared...) {
		list = append(list, benchfmt.Config{Key: k.Name, Value: []byte(k.Value), File: true})
	}
	return list
}

func (w *writer) line(run *Run, name string, result *benchfmt.Result) {
	switch {
	case len(result.Values) == 0: // a series without samples
		return
	case run.Partial:
		name += asPartial
	case len(run.Marks) > 0:
		name += asDisturbed
	}
	result.Name = benchfmt.Name(name)
	w.failed(w.results.Write(result))
	w.lines++
}
