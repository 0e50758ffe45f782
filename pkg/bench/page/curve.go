package page

import (
	"math"
	"strconv"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A distribution is a series of several runs.
type distribution struct {
	figureKey
	unit  string
	role  bench.Role
	runs  []*curve // in the order in which they began
	notes []string
}

// A curve is the quantiles of the samples of one run.
type curve struct {
	run     *bench.Run
	points  []point
	summary []bench.Quantile // those that a table has; the last is the maximum
	samples int
}

// A point is a quantile. tail is how far it is in the tail, in powers of ten: 1 for
// p90, 2 for p99, 3 for p99.9.
type point struct{ tail, value float64 }

// tailStep is how far the quantiles that are drawn are apart. The picture is some
// 300 pixels wide for 3 to 6 powers of ten: closer ones could not be told apart.
const tailStep = 0.05

func tailOf(q float64) float64 { return -math.Log10(1 - q) }

// summaryQuantiles are those that a table has.
var summaryQuantiles = []float64{0.5, 0.95, 0.99, 0.999, 1}

// metricName is what [bench.Row] calls a quantile.
func metricName(q float64, unit string) string {
	if q == 1 {
		return "max-" + unit
	}
	return "p" + strconv.FormatFloat(math.Round(q*1e6)/1e4, 'f', -1, 64) + "-" + unit
}

// newCurve is nil where there is neither a sample nor a quantile.
func newCurve(run *bench.Run, s bench.Series) *curve {
	if len(s.Samples) == 0 {
		return keptCurve(run, s)
	}
	sorted := s.Sorted()
	c := &curve{run: run, samples: len(sorted)}
	for _, q := range summaryQuantiles {
		c.summary = append(c.summary, bench.Quantile{Q: q, Value: sorted.Quantile(q)})
	}
	// The highest quantile below the maximum that n samples have is 1-1/n.
	last := math.Log10(float64(len(sorted)))
	for i := 0; float64(i)*tailStep < last; i++ {
		tail := float64(i) * tailStep
		c.points = append(c.points, point{tail, float64(sorted.Quantile(1 - math.Pow(10, -tail)))})
	}
	c.points = append(c.points, point{last, float64(sorted.Quantile(1 - 1/float64(len(sorted))))})
	return c
}

// keptCurve is what there is where the samples were not kept: the quantiles that a
// text file has.
func keptCurve(run *bench.Run, s bench.Series) *curve {
	if len(s.Quantiles) == 0 {
		return nil
	}
	c := &curve{run: run, samples: s.Count, summary: s.Quantiles}
	for _, k := range s.Quantiles {
		if k.Q < 1 {
			c.points = append(c.points, point{tailOf(k.Q), float64(k.Value)})
		}
	}
	return c
}

// at is the value at a place in the tail: that of the last quantile that is not
// beyond it. ok is false where the run has too few samples for it.
func (c *curve) at(tail float64) (value float64, ok bool) {
	const slack = 1e-9
	if len(c.points) == 0 || tail > c.points[len(c.points)-1].tail+slack {
		return 0, false
	}
	for _, p := range c.points {
		if p.tail > tail+slack {
			break
		}
		value, ok = p.value, true
	}
	return value, ok
}

// most is the maximum, if it is known.
func (c *curve) most() (float64, bool) {
	for _, k := range c.summary {
		if k.Q == 1 {
			return float64(k.Value), true
		}
	}
	return 0, false
}
