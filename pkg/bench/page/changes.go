package page

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// confidence is that of all intervals on the page.
const confidence = 0.95

// mostChanges is how many rows the picture of the changes has.
const mostChanges = 24

// A change is a row of the picture: by how much B is above A.
type change struct {
	pair   bench.Pair
	lo, hi float64
	ok     bool // there is an interval
}

// chooseChanges is the pairs that have a verdict, those that differ first and by size.
func chooseChanges(pairs []bench.Pair) (chosen []change, left int) {
	for _, p := range pairs {
		if fromNothing(p) {
			continue // there is no place for it on an axis of percent
		}
		if (p.Verdict == bench.Differs || p.Verdict == bench.NotShown) && !math.IsNaN(p.Delta) && !math.IsInf(p.Delta, 0) {
			c := change{pair: p}
			c.lo, c.hi, c.ok = p.Interval(confidence)
			if c.ok && c.lo < c.hi || p.Verdict == bench.Differs { // what is the same in each run needs no picture
				chosen = append(chosen, c)
			}
		}
	}
	slices.SortStableFunc(chosen, func(a, b change) int {
		if da, db := a.pair.Verdict == bench.Differs, b.pair.Verdict == bench.Differs; da != db {
			if da {
				return -1
			}
			return 1
		} else if !da {
			return 0
		}
		return largerFirst(a.pair, b.pair)
	})
	most := min(len(chosen), mostChanges)
	return chosen[:most], len(chosen) - most
}

// fromNothing reports whether a number that was 0 is none now, which is no percentage.
func fromNothing(p bench.Pair) bool { return p.A.Center == 0 && p.B.Center != 0 }

// largerFirst orders changes by size, whichever way they go.
func largerFirst(a, b bench.Pair) int {
	size := func(p bench.Pair) float64 {
		if fromNothing(p) {
			return math.Inf(1)
		}
		return math.Abs(p.Delta)
	}
	return cmp.Compare(size(b), size(a))
}

// changesChart draws each change as a dot with its interval around it; the names are
// above them, as there is no room beside them on a phone.
func changesChart(changes []change) *chart {
	if len(changes) == 0 {
		return nil
	}
	const perRow = 34
	lo, hi := -0.05, 0.05
	for _, c := range changes {
		lo, hi = math.Min(lo, math.Min(c.pair.Delta, c.lo)), math.Max(hi, math.Max(c.pair.Delta, c.hi))
	}
	margin := 0.04 * (hi - lo)
	n := float64(len(changes))
	c := &chart{
		title:  "by how much B is above A, each with its 95 % interval",
		height: perRow*len(changes) + 44,
		x:      axis{lo: lo - margin, hi: hi + margin},
		y:      axis{lo: 0, hi: n, ticks: []chartdraw.Tick{{Value: 0}, {Value: n}}},
	}
	for _, v := range nice(c.x.lo*100, c.x.hi*100, 5) {
		c.x.ticks = append(c.x.ticks, chartdraw.Tick{Value: v / 100, Label: tickPercent(v)})
	}
	c.marks = append(c.marks, func(canvas *canvas) {
		canvas.line("zero", [2]float64{0, 0}, [2]float64{0, n})
		for i, change := range changes {
			change.draw(canvas, c.x.lo, n-float64(i)-0.72)
		}
	})
	return c
}

func tickPercent(v float64) string {
	switch text := short(strconv.FormatFloat(math.Abs(v), 'f', 3, 64)); {
	case v > 0:
		return "+" + text + "\u00a0%"
	case v < 0:
		return "−" + text + "\u00a0%"
	}
	return "0"
}

func (c change) draw(canvas *canvas, left, y float64) {
	class := c.class()
	canvas.text("label", quiet(middle(rowName(c.pair.A), 46)), left, y, 3, -10)
	if c.ok {
		canvas.line("interval "+class, [2]float64{c.lo, y}, [2]float64{c.hi, y})
	}
	shapes := map[string]shape{"same": disc, "better": triangle, "worse": diamond}
	canvas.dot("change "+class, shapes[class], c.pair.Delta, y)
}

// class is how a change is coloured.
func (c change) class() string {
	switch {
	case c.pair.Verdict != bench.Differs:
		return "same"
	case c.pair.Why == "better":
		return "better"
	}
	return "worse"
}

// rowName is what a row is called: name and metric.
func rowName(r bench.Row) string {
	f := figure{figureKey: figureKey{r.Probe, r.Name, r.Metric}, unit: r.Unit}
	return r.Name + " " + f.label()
}
