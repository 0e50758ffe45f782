package page

import (
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// numbers is all numbers: of a comparison the pairs, else the rows.
func (v *view) numbers() table {
	if c := v.data.Comparison; c != nil {
		return v.pairs(c)
	}
	if clean, _, _ := v.kinds(); clean == 0 {
		return v.firstLook()
	}
	t := table{Caption: "All numbers", Head: []string{"", "", "", "median", "95 % interval", "runs"}}
	for _, r := range v.data.Set.Rows() {
		t.Rows = append(t.Rows, row{Cells: []cell{
			{Text: v.all.called(r.Probe, r.Name), Class: "name"}, {Text: rowLabel(r)}, {Text: shown(r.Config)}, {Text: number(r.Center, r.Unit), Number: true},
			{Text: rangeWords(r), Number: true}, {Text: fmt.Sprint(len(r.PerRun)), Number: true},
		}, Class: roleClass(r.Role)})
	}
	return t
}

// firstLook is what all runs say together, where none counts. There is no interval:
// that would be of runs that something disturbed.
func (v *view) firstLook() table {
	t := table{Caption: "A first look, and no result: the medians of runs that do not count", Head: []string{"", "", "", "median", "runs"}}
	all := &bench.Set{Schema: bench.Schema}
	for _, r := range v.data.Set.Runs {
		if !r.WarmsUp() {
			quiet := *r
			quiet.Marks, quiet.Partial = nil, false
			all.Runs = append(all.Runs, &quiet)
		}
	}
	for _, r := range all.Rows() {
		t.Rows = append(t.Rows, row{Cells: []cell{
			{Text: v.all.called(r.Probe, r.Name), Class: "name"}, {Text: rowLabel(r)}, {Text: shown(r.Config)}, {Text: number(r.Center, r.Unit), Number: true}, {Text: fmt.Sprint(len(r.PerRun)), Number: true},
		}, Class: "muted"})
	}
	return t
}

// roleClass sets apart what explains others.
func roleClass(r bench.Role) string {
	if r == bench.Headline || r == "" {
		return ""
	}
	return "muted"
}

func rowLabel(r bench.Row) string { return strings.TrimSuffix(r.Metric, "-"+r.Unit) }

func rangeWords(r bench.Row) string {
	if r.Confidence == 0 {
		return "–"
	}
	return number(r.Lo, r.Unit) + " to " + number(r.Hi, r.Unit)
}

func (v *view) pairs(c *bench.Comparison) table {
	t := table{Caption: "All numbers", Head: []string{"", "", "A", "B", "change", "95 % interval", "A/A", "p (Holm)", "verdict"}}
	t.Note = "p is the probability of such a difference by chance, corrected for all rows; A/A is by how much the odd runs of one side differ from its even ones. Not shown is not the same as none."
	if v.data.Sides != [2]string{} {
		t.Note = fmt.Sprintf("%s, %s; %s", v.sides[0], v.sides[1], t.Note)
	}
	for _, p := range c.Pairs {
		t.Rows = append(t.Rows, v.pairRow(p))
	}
	return t
}

func (v *view) pairRow(p bench.Pair) row {
	r := row{Cells: []cell{
		{Text: v.all.called(p.A.Probe, p.A.Name), Class: "name"}, {Text: rowLabel(p.A)},
		{Text: number(p.A.Center, p.A.Unit), Number: true}, {Text: number(p.B.Center, p.B.Unit), Number: true},
		{Text: changeWords(p), Number: true}, {Text: "–", Number: true}, {Text: "±" + percent(p.AA), Number: true}, {Text: "–", Number: true},
		{Text: strings.Replace(string(p.Verdict), "no difference", "not", 1) + ": " + p.Why, Class: "verdict"},
	}}
	if lo, hi, ok := p.Interval(confidence); ok {
		r.Cells[5].Text = signed(lo) + " to " + signed(hi)
	}
	switch p.Verdict {
	case bench.Differs:
		r.Class = p.Why
		r.Cells[7].Text = chance(p.PHolm)
	case bench.NotShown:
		r.Cells[7].Text = chance(p.PHolm)
	default:
		r.Class = "muted"
	}
	return r
}

func changeWords(p bench.Pair) string {
	if fromNothing(p) {
		return "from 0"
	}
	return signed(p.Delta)
}

func chance(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// runs are the tables of what does not count, and of all runs.
func (v *view) runs() (tables []table) {
	rejected := table{Caption: "What does not count", Head: []string{"run", "", "began", "why"}}
	every := table{Caption: "All runs, in the order in which they began", Head: []string{"run", "", "began", "took", "counts"}}
	for i, r := range inOrder(v.data.Set.Runs) {
		began := r.Begin.UTC().Format("15:04:05")
		name := strings.TrimSpace(r.Probe + " " + shown(r.Config))
		n := cell{Text: fmt.Sprint(i + 1), Number: true}
		every.Rows = append(every.Rows, row{Class: rowClass(r.Clean()), Cells: []cell{n, {Text: name, Class: "name"}, {Text: began}, {Text: number(float64(r.Wall), "ns"), Number: true}, {Text: why(r), Class: "prose"}}})
		if !r.Clean() {
			rejected.Rows = append(rejected.Rows, row{Cells: []cell{n, {Text: name, Class: "name"}, {Text: began}, {Text: allMarks(r), Class: "prose"}}})
		}
	}
	for _, f := range v.data.Set.Failed {
		rejected.Rows = append(rejected.Rows, textRow("–", strings.TrimSpace(f.Probe+" "+shown(f.Config)), "", "did not measure: "+f.Error))
	}
	return []table{rejected, every}
}

// allMarks is all that disturbed a run.
func allMarks(r *bench.Run) string {
	var words []string
	if r.Partial {
		words = append(words, "ended early")
	}
	for _, m := range r.Marks {
		words = append(words, markWords(m))
	}
	return strings.Join(words, "; ")
}

// markWords is a mark in words, with its numbers where it has any.
func markWords(m bench.Mark) string {
	if m.Unit == "" || m.Cause == bench.Warmup {
		return causeWords(m.Cause)
	}
	return fmt.Sprintf("%s: %s", causeWords(m.Cause), m)
}

// fileTable is what the bundle has in it.
func (v *view) fileTable() table {
	t := table{Caption: "Files of this bundle", Head: []string{"file", "size", "SHA-256"}}
	for _, f := range v.data.Files {
		t.Rows = append(t.Rows, row{Cells: []cell{{Text: f.Name, Class: "name"}, {Text: number(float64(f.Size), "B"), Number: true}, {Text: f.SHA256, Class: "hash"}}})
	}
	return t
}
