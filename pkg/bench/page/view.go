package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// A view is what the templates show.
type view struct {
	data  Data
	all   *collection
	sides [2]string

	Title   string
	Policy  template.HTML
	Style   template.CSS
	Command []commandLine
	Meta    []string
	Answer  answer
	Belief  belief

	Changes     *picture
	ChangesLeft int
	Numbers     table
	Dots        []picture
	DotsLeft    int
	Curves      []picture
	CurvesLeft  int
	Heaps       []picture
	Flames      []framed
	Traces      []traced
	Limits      *section
	Machine     *section
	Runs        []table
	Files       table
	Bundle      string // the name, as a shell reads it
}

// A commandLine is one that was run, and what is to be known of where.
type commandLine struct{ Side, Line, Words string }

// A picture is a plot with its name, its legend and its numbers.
type picture struct {
	Name   string
	Label  string
	Words  string
	SVG    template.HTML
	Legend []legend
	Table  table
}

func newView(d Data) (*view, error) {
	if d.Set == nil {
		d.Set = &bench.Set{Schema: bench.Schema}
	}
	v := &view{data: d, sides: sideNames(d.Sides)}
	var pairs []bench.Pair
	if d.Comparison != nil {
		pairs = d.Comparison.Pairs
	}
	v.all = collect(d.Set, pairs)
	style, err := files.ReadFile("templates/page.css")
	if err != nil {
		return nil, err
	}
	v.Style = template.CSS(style)
	v.Answer = v.answer()
	v.Title = strings.TrimSpace(v.Answer.Lead.Name + " " + v.Answer.Lead.Text)
	v.Belief = newBelief(slices.Concat(v.remarks(), v.limitRemarks(), v.machineRemarks()))
	if d.Bundle != "" {
		v.Bundle = shell.Word(d.Bundle)
	}
	v.Command, v.Meta = v.commands(), v.meta()
	v.Numbers = v.numbers()
	v.Flames, v.Policy = newFlames(d.Flames)
	for _, t := range d.Traces {
		if t.Report != nil {
			v.Traces = append(v.Traces, newTraced(t))
		}
	}
	v.Limits, v.Machine, v.Runs, v.Files = v.limits(), v.machine(), v.runs(), v.fileTable()
	return v, v.draw()
}

// sideNames are what A and B are called in sentences: of "the work tree, with changes"
// the first words.
func sideNames(names [2]string) [2]string {
	for i, letter := range []string{"A", "B"} {
		if names[i] == "" {
			names[i] = letter
		} else {
			names[i] = letter + " (" + quiet(middle(firstWords(names[i]), 40)) + ")"
		}
	}
	return names
}

func firstWords(text string) string {
	words, _, _ := strings.Cut(text, ",")
	return words
}

// name is what a configuration is called.
func (v *view) name(config string) string {
	switch config {
	case "A":
		return v.sides[0]
	case "B":
		return v.sides[1]
	}
	return shown(config)
}

func (v *view) commands() (lines []commandLine) {
	add := func(side string, command []string, words string) {
		l := commandLine{Words: words}
		if len(v.data.Compared) > 0 || v.data.Sides != [2]string{} {
			l.Side = side
		}
		if len(command) > 0 {
			l.Line = shell.Line(command)
		}
		if l.Line != "" || words != "" {
			lines = append(lines, l)
		}
	}
	add("A", v.data.Command, v.data.Sides[0])
	add("B", v.data.Compared, v.data.Sides[1])
	return lines
}

func (v *view) meta() (facts []string) {
	if runs := inOrder(v.data.Set.Runs); len(runs) > 0 {
		facts = append(facts, runs[0].Begin.UTC().Format("2 January 2006, 15:04 MST"))
	}
	clean, others, _ := v.kinds()
	counts := count(clean, "run")
	switch {
	case clean == 0:
		counts = count(others, "run") + " that cannot count"
	case others > 0:
		counts += fmt.Sprintf(", and %d that cannot count", others)
	}
	facts = append(facts, counts)
	if v.data.Tool != "" {
		facts = append(facts, v.data.Tool)
	}
	return facts
}

// draw makes all pictures.
func (v *view) draw() error {
	var chosen []*figure
	chosen, v.DotsLeft = chooseDots(v.all.figures)
	for _, f := range chosen {
		if err := v.add(&v.Dots, dotsChart(f, v.name), "dots", picture{Name: v.all.called(f.probe, f.name), Label: f.label(), Legend: v.dotsLegend(f), Table: dotsTable(f)}); err != nil {
			return err
		}
	}
	var curves []*distribution
	curves, v.CurvesLeft = chooseCurves(v.all.curves)
	for _, d := range curves {
		p := picture{Name: v.all.called(d.probe, d.name), Words: strings.Join(d.notes, "; "), Legend: v.curveLegend(d), Table: quantilesTable(d)}
		if err := v.add(&v.Curves, quantilesChart(d), "quantiles", p); err != nil {
			return err
		}
	}
	for _, h := range v.heaps() {
		r := h.report
		p := picture{Name: shown(h.name), Words: heapWords(r), Legend: heapLegend(), Table: heapTable(r)}
		if err := v.add(&v.Heaps, heapChart(r), "heap", p); err != nil {
			return err
		}
	}
	return v.drawChanges()
}

// add draws a picture, if there is one.
func (v *view) add(to *[]picture, c *chart, class string, p picture) error {
	if c == nil {
		return nil
	}
	svg, err := c.svg("plot " + class)
	if err != nil {
		return fmt.Errorf("draw %s %s: %w", class, p.Name, err)
	}
	p.SVG = svg
	*to = append(*to, p)
	return nil
}

func (v *view) drawChanges() error {
	if v.data.Comparison == nil {
		return nil
	}
	var changes []change
	changes, v.ChangesLeft = chooseChanges(v.data.Comparison.Pairs)
	var drawn []picture
	legend := []legend{{"worse", "◆", "differs, worse"}, {"better", "▲", "differs, better"}, {"same", "●", "no difference shown"}}
	p := picture{Name: "By how much " + v.sides[1] + " is above " + v.sides[0], Legend: legend}
	if err := v.add(&drawn, changesChart(changes), "changes", p); err != nil || len(drawn) == 0 {
		return err
	}
	v.Changes = &drawn[0]
	return nil
}
