package page

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// mostLanes is how many configurations are told apart in one picture.
const mostLanes = 6

// sideClasses are the colours of lanes; the style of the page has them.
var sideClasses = [mostLanes]string{"a", "b", "c", "d", "e", "f"}

// sideShapes are their shapes, for those who see no colours.
var sideShapes = [mostLanes]shape{disc, diamond, square, triangle, disc, diamond}

// dotsChart draws each run of a figure: in each lane from left to right as they
// began, the median of the clean ones as a line, and its interval as a band. What
// does not count is a cross.
func dotsChart(f *figure, name func(config string) string) *chart {
	lanes := f.lanes[:min(len(f.lanes), mostLanes)]
	values := dotsRange(lanes)
	if len(values) == 0 {
		return nil
	}
	c := &chart{
		title:  fmt.Sprintf("%s, %s: each run as a dot", f.name, f.label()),
		height: 220,
		x:      axis{hi: float64(len(lanes))},
		y:      valueAxis(values, f.unit),
	}
	for i, l := range lanes {
		label := name(l.config)
		if len(lanes) == 1 {
			label = "runs, the first one on the left"
		}
		most := 48 / len(lanes)
		c.x.ticks = append(c.x.ticks, chartdraw.Tick{Value: float64(i) + 0.5, Label: quiet(middle(label, most))})
		c.marks = append(c.marks, laneMark(c, l, i))
	}
	return c
}

// dotsRange is the values that the axis is for: those of clean runs, and of the others
// those that are not far away. One that took ten times as long would leave no room for
// what counts.
func dotsRange(lanes []*lane) (values []float64) {
	var others []float64
	for _, l := range lanes {
		for _, d := range l.dots {
			if d.clean() {
				values = append(values, d.value)
			} else {
				others = append(others, d.value)
			}
		}
		if l.estimate.Confidence > 0 {
			values = append(values, l.estimate.Lo, l.estimate.Hi)
		}
	}
	if len(values) == 0 {
		return others
	}
	lo, hi := slices.Min(values), slices.Max(values)
	near := 0.5*(hi-lo) + 0.1*math.Abs(hi)
	for _, o := range others {
		if o > lo-near && o < hi+near {
			values = append(values, o)
		}
	}
	return values
}

// laneMark draws a lane from i to i+1.
func laneMark(c *chart, l *lane, i int) mark {
	const edge = 0.06
	left, right := float64(i)+edge, float64(i)+1-edge
	side := sideClasses[i]
	return func(canvas *canvas) {
		if e := l.estimate; len(l.counted()) > 0 {
			if e.Confidence > 0 {
				canvas.band("interval "+side, [2]float64{left, c.y.place(e.Lo)}, [2]float64{right, c.y.place(e.Hi)})
			}
			canvas.line("median "+side, [2]float64{left, c.y.place(e.Center)}, [2]float64{right, c.y.place(e.Center)})
		}
		for k, d := range l.dots {
			x := left + (right-left)*(float64(k)+0.5)/float64(len(l.dots))
			switch y := c.y.place(d.value); {
			case d.clean():
				canvas.dot("dot "+side, sideShapes[i], x, y)
			case y > c.y.hi || y < c.y.lo:
				canvas.far("out far", x, y > c.y.hi)
			default:
				canvas.dot("out", cross, x, y)
			}
		}
	}
}

// dotsTable is what the picture shows, as numbers.
func dotsTable(f *figure) table {
	t := table{Caption: "Each run, in the order in which they began; those of warming up left out", Head: []string{"", "run", f.label(), "counts"}}
	for _, l := range f.lanes {
		for k, d := range l.dots {
			t.Rows = append(t.Rows, row{Cells: []cell{
				{Text: shown(l.config)}, {Text: fmt.Sprint(k + 1), Number: true}, {Text: number(d.value, f.unit), Number: true}, {Text: why(d.run)},
			}, Class: rowClass(d.clean())})
		}
	}
	return t
}

func rowClass(clean bool) string {
	if clean {
		return ""
	}
	return "muted"
}

// why says whether a run counts, and why not.
func why(r *bench.Run) string {
	switch {
	case r.Partial:
		return "no: it was ended early"
	case len(r.Marks) > 0:
		return "no: " + markWords(r.Marks[0])
	}
	return "yes"
}

// mostDots is how many pictures of dots there are.
const mostDots = 12

// chooseDots is the figures that are drawn, and how many are left to the table. Those
// that differ are first, then those that people mean by the name. Of a series it is
// the quantiles that are compared.
func chooseDots(figures []*figure) (chosen []*figure, left int) {
	type ranked struct {
		f    *figure
		rank int
	}
	const explains = 3 // others; where there are no others, it is what there is
	var list []ranked
	for _, f := range figures {
		switch {
		case f.constant() && !f.differs():
		case f.quantile > 0 && f.quantile != 0.5 && f.quantile != 0.99:
		case f.differs():
			list = append(list, ranked{f, 0})
		case f.role != bench.Headline && f.role != "":
			list = append(list, ranked{f, explains})
		case f.unit == "ns/op" || f.quantile > 0:
			list = append(list, ranked{f, 1})
		default:
			list = append(list, ranked{f, 2})
		}
	}
	results := slices.ContainsFunc(list, func(r ranked) bool { return r.rank < explains })
	list = slices.DeleteFunc(list, func(r ranked) bool { return results && r.rank == explains })
	slices.SortStableFunc(list, func(a, b ranked) int {
		if a.rank != b.rank || a.rank > 0 {
			return a.rank - b.rank
		}
		return largerFirst(*a.f.pair, *b.f.pair)
	})
	for _, r := range list[:min(len(list), mostDots)] {
		chosen = append(chosen, r.f)
	}
	return chosen, len(list) - len(chosen)
}

func (f *figure) differs() bool { return f.pair != nil && f.pair.Verdict == bench.Differs }
