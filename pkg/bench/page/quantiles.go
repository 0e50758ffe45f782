package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// The maximum has a place of its own, right of all quantiles: it is none of them.
const maximumGap = 0.5

// quantilesChart draws each clean run as a thin line, and the median over the runs of
// each quantile as a thick one: samples of several runs do not go into one curve.
func quantilesChart(d *distribution) *chart {
	sides := d.sides()
	var values []float64
	end := 1.0
	for _, s := range sides {
		for _, r := range s.runs {
			for _, p := range r.points {
				values, end = append(values, p.value), math.Max(end, p.tail)
			}
			if most, ok := r.most(); ok {
				values = append(values, most)
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	c := &chart{
		title:  fmt.Sprintf("%s: quantiles of each run, the tail stretched", d.name),
		height: 260,
		x:      tailAxis(end),
		y:      valueAxis(values, d.unit),
	}
	for i, s := range sides {
		c.marks = append(c.marks, s.mark(c, i, end+maximumGap))
	}
	return c
}

// tailAxis stretches each power of ten of the tail to the same width.
func tailAxis(end float64) axis {
	a := axis{hi: end + maximumGap*1.5}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999} {
		if at := tailOf(q); at <= end+0.01 {
			label := "p" + strconv.FormatFloat(math.Round(q*1e7)/1e5, 'f', -1, 64)
			a.ticks = append(a.ticks, chartdraw.Tick{Value: at, Label: label})
		}
	}
	a.ticks = append(a.ticks, chartdraw.Tick{Value: end + maximumGap, Label: "max"})
	return a
}

// A side is the clean runs of one configuration.
type side struct {
	config string
	runs   []*curve
}

// sides are the configurations, in the order of their names. Runs that do not count
// are not drawn, unless there are no others: that is a first look.
func (d *distribution) sides() (list []*side) {
	none := !slices.ContainsFunc(d.runs, func(r *curve) bool { return r.run.Clean() })
	for _, r := range d.runs {
		if !r.run.Clean() && !none {
			continue
		}
		i := slices.IndexFunc(list, func(s *side) bool { return s.config == r.run.Config })
		if i < 0 {
			i, list = len(list), append(list, &side{config: r.run.Config})
		}
		list[i].runs = append(list[i].runs, r)
	}
	slices.SortStableFunc(list, func(a, b *side) int {
		if a.config < b.config {
			return -1
		}
		return 1
	})
	return list[:min(len(list), mostLanes)]
}

func (s *side) mark(c *chart, i int, maximum float64) mark {
	class, run := sideClasses[i], "run "+sideClasses[i]
	if len(s.runs) == 1 {
		run = "alone " + run
	}
	return func(canvas *canvas) {
		for _, r := range s.runs {
			canvas.line(run, c.placed(r.points)...)
			if most, ok := r.most(); ok {
				canvas.dot("most "+class, sideShapes[i], maximum, c.y.place(most))
			}
		}
		if len(s.runs) > 1 {
			canvas.line("median "+class, c.placed(s.median())...)
		}
	}
}

func (c *chart) placed(points []point) (places [][2]float64) {
	for _, p := range points {
		places = append(places, [2]float64{p.tail, c.y.place(p.value)})
	}
	return places
}

// median is the median over the runs at each quantile that all of them have.
func (s *side) median() (points []point) {
	for _, p := range s.runs[0].points {
		var values []float64
		for _, r := range s.runs {
			if v, ok := r.at(p.tail); ok {
				values = append(values, v)
			}
		}
		if len(values) == len(s.runs) {
			points = append(points, point{p.tail, medianOf(values)})
		}
	}
	return points
}

// medianOf is the middle of some values, or of the two that are there.
func medianOf(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// quantilesTable is the quantiles of each run.
func quantilesTable(d *distribution) table {
	t := table{Caption: "Quantiles of each run", Head: []string{"", "run", "p50", "p95", "p99", "p99.9", "max", "samples", "counts"}}
	seen := make(map[string]int)
	for _, r := range d.runs {
		seen[r.run.Config]++
		cells := []cell{{Text: shown(r.run.Config)}, {Text: fmt.Sprint(seen[r.run.Config]), Number: true}}
		for _, q := range summaryQuantiles {
			text := "–"
			if i := slices.IndexFunc(r.summary, func(k bench.Quantile) bool { return k.Q == q }); i >= 0 {
				text = number(float64(r.summary[i].Value), d.unit)
			}
			cells = append(cells, cell{Text: text, Number: true})
		}
		cells = append(cells, cell{Text: fmt.Sprint(r.samples), Number: true}, cell{Text: why(r.run)})
		t.Rows = append(t.Rows, row{Cells: cells, Class: rowClass(r.run.Clean())})
	}
	return t
}

// mostCurves is how many pictures of quantiles there are.
const mostCurves = 8

// chooseCurves is the distributions that are drawn: those that people mean by the
// name first, and no floor, which is one value.
func chooseCurves(all []*distribution) (chosen []*distribution, left int) {
	for _, role := range []bench.Role{bench.Headline, bench.Control, bench.Diagnostic, ""} {
		for _, d := range all {
			if d.role == role && len(d.sides()) > 0 {
				chosen = append(chosen, d)
			}
		}
	}
	most := min(len(chosen), mostCurves)
	return chosen[:most], len(chosen) - most
}
