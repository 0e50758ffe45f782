package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// machine is what is known of where it was measured: first what changed and what
// might disturb, then all facts, folded by group.
func (v *view) machine() *section {
	s := &section{}
	if p := v.data.Prepare; p != nil {
		s.prepared(p)
	}
	v.changed(s)
	facts := v.data.After
	if facts == nil {
		facts = v.data.Before
	}
	if facts != nil {
		s.facts(facts, v.differences())
	}
	if keys := v.keys(); len(keys.Rows) > 0 {
		if facts == nil {
			s.Tables = append(s.Tables, keys)
		} else {
			s.Folded = append(s.Folded, keys)
		}
	}
	if len(s.Tables)+len(s.Folded) == 0 {
		return nil
	}
	return s
}

// prepared is what was looked for before, and what was done about it.
func (s *section) prepared(p *prepare.Report) {
	if p.Waited >= time.Second {
		s.Words = append(s.Words, "Waited "+duration(p.Waited)+" for the machine to calm down.")
	}
	t := table{Caption: "What might disturb", Head: []string{"", "found", "", "what it means", "done about it"}}
	findings := slices.Clone(p.Findings)
	slices.SortStableFunc(findings, func(a, b prepare.Finding) int { return severity(b.Verdict) - severity(a.Verdict) })
	for _, f := range findings {
		r := textRow(f.Name, f.Value, string(f.Verdict), f.Text, f.Done)
		r.Cells[3].Class, r.Cells[4].Class = "prose", "prose"
		r.Class = map[prepare.Verdict]string{prepare.Warn: "changed", prepare.Fail: "changed", prepare.Unknown: "muted"}[f.Verdict]
		t.Rows = append(t.Rows, r)
	}
	s.add(t)
	t = table{Caption: "What was changed, and put back", Head: []string{"", "was", "became", "put back"}}
	for _, c := range p.Changes {
		back := "yes"
		if !c.Restored {
			back = strings.TrimSpace("no " + c.Error)
		}
		t.Rows = append(t.Rows, textRow(c.What, c.Old, c.New, back))
	}
	s.add(t)
	t = table{Caption: "Warming up", Head: []string{"", "rounds", "took", "ended because", "drift"}}
	for _, w := range p.Warmup {
		t.Rows = append(t.Rows, row{Cells: []cell{{Text: shown(w.Name), Class: "name"}, {Text: fmt.Sprint(len(w.Values)), Number: true}, {Text: duration(w.Took), Number: true}, {Text: w.Why}, {Text: signed(w.Drift), Number: true}}})
	}
	if len(t.Rows) > 0 {
		s.Folded = append(s.Folded, t)
	}
}

func severity(v prepare.Verdict) int {
	return slices.Index([]prepare.Verdict{prepare.OK, prepare.Unknown, prepare.Warn, prepare.Fail}, v)
}

func (s *section) add(t table) {
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

func (v *view) differences() []snapshot.Difference {
	if v.data.Before == nil || v.data.After == nil {
		return nil
	}
	return snapshot.Diff(v.data.Before, v.data.After)
}

// changed is what differs after the runs from before them: settings, which should
// not, are shown, and what changes by itself is folded.
func (v *view) changed(s *section) {
	if v.data.Before == nil || v.data.After == nil {
		return
	}
	settings := table{Caption: "Settings that changed while it was measured", Head: []string{"", "", "before", "after"}}
	others := table{Caption: "Counters and states, before and after", Head: []string{"", "", "before", "after", "change"}}
	for _, d := range v.differences() {
		if d.Kind == snapshot.Setting {
			r := textRow(d.Group, d.Name, d.A, d.B)
			r.Class = "changed"
			settings.Rows = append(settings.Rows, r)
			continue
		}
		r := textRow(d.Group, d.Name, d.A, d.B, d.Delta)
		r.Cells[2].Class, r.Cells[3].Class = "prose", "prose"
		others.Rows = append(others.Rows, r)
	}
	if len(settings.Rows) == 0 {
		s.Words = append(s.Words, "No setting of the machine changed while it was measured.")
	}
	s.add(settings)
	if len(others.Rows) > 0 {
		s.Folded = append(s.Folded, others)
	}
}

// facts are all facts, a table for each group. What changed is marked.
func (s *section) facts(all *snapshot.Snapshot, differences []snapshot.Difference) {
	var t *table
	for _, f := range all.Facts {
		if t == nil || t.Caption != f.Group {
			s.Folded = append(s.Folded, table{Caption: f.Group, Head: []string{"", "value", "from"}})
			t = &s.Folded[len(s.Folded)-1]
		}
		r := textRow(f.Name, f.Value, f.Source)
		r.Cells[1].Class = "prose"
		changed := slices.ContainsFunc(differences, func(d snapshot.Difference) bool {
			return d.Kind == snapshot.Setting && d.Group == f.Group && d.Name == f.Name
		})
		switch {
		case f.Absent != "":
			r.Cells[1].Text, r.Class = "not known: "+f.Absent, "muted"
		case changed:
			r.Class = "changed"
		}
		t.Rows = append(t.Rows, r)
	}
}

// keys is what the runs themselves say of where they ran.
func (v *view) keys() table {
	t := table{Caption: "What decides whether two machines can be compared, as each run found it", Head: []string{"", "value"}}
	var names []string
	values := make(map[string][]string)
	for _, r := range inOrder(v.data.Set.Runs) {
		for _, k := range r.Env {
			if _, ok := values[k.Name]; !ok {
				names = append(names, k.Name)
			}
			if !slices.Contains(values[k.Name], k.Value) {
				values[k.Name] = append(values[k.Name], k.Value)
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r := textRow(name, strings.Join(values[name], " · "))
		r.Cells[1].Class = "prose"
		if len(values[name]) > 1 {
			r.Class = "changed"
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// machineRemarks are what the machine takes from the numbers.
func (v *view) machineRemarks() (list []remark) {
	say := func(l level, format string, args ...any) {
		list = append(list, remark{l, fmt.Sprintf(format, args...)})
	}
	var names []string
	for _, d := range v.differences() {
		if d.Kind == snapshot.Setting {
			names = append(names, d.Name)
		}
	}
	if len(names) > 0 {
		say(care, "%s of the machine changed while it was measured: %s.", count(len(names), "setting"), strings.Join(names, ", "))
	}
	p := v.data.Prepare
	if p == nil {
		return list
	}
	var unknown []string
	for _, f := range p.Findings {
		switch f.Verdict {
		case prepare.Fail:
			say(bad, "%s.", upper(f.Text))
		case prepare.Warn:
			say(care, "%s.", upper(f.Text))
		case prepare.Unknown:
			unknown = append(unknown, f.Name)
		}
	}
	if len(unknown) > 0 {
		say(note, "Not known of this machine: %s.", strings.Join(unknown, ", "))
	}
	for _, w := range p.Warmup {
		if !w.OK {
			say(care, "%s had not settled after %s of warming up.", shown(w.Name), count(len(w.Values), "round"))
		}
	}
	for _, c := range p.Changes {
		if !c.Restored {
			say(care, "%s was not put back: %s", c.What, c.Error)
		}
	}
	return list
}
