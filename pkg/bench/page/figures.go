package page

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// watchedPrefix begins the names of what the watch has seen, which is no result.
const watchedPrefix = "Watch/"

// A figure is one number of a benchmark, of each configuration a lane.
type figure struct {
	figureKey
	unit     string
	quantile float64 // 0 for a value
	role     bench.Role
	higher   bool
	lanes    []*lane
	pair     *bench.Pair
}

type figureKey struct{ probe, name, metric string }

// label is what the metric is called where the name stands beside it: "p99", "ns/op".
func (f *figure) label() string {
	return strings.TrimSuffix(f.metric, "-"+f.unit)
}

// A lane is the runs of one configuration.
type lane struct {
	config   string
	dots     []dot // in the order in which the runs began
	estimate bench.Estimate
}

// A dot is what one run has measured.
type dot struct {
	value float64
	run   *bench.Run
}

func (d dot) clean() bool { return d.run.Clean() }

// counted are the values of the clean runs.
func (l *lane) counted() (values []float64) {
	for _, d := range l.dots {
		if d.clean() {
			values = append(values, d.value)
		}
	}
	return values
}

// values are those of all runs of all lanes.
func (f *figure) values() (values []float64) {
	for _, l := range f.lanes {
		for _, d := range l.dots {
			values = append(values, d.value)
		}
	}
	return values
}

// constant reports whether each run measured the same.
func (f *figure) constant() bool {
	values := f.values()
	return len(values) > 0 && slices.Min(values) == slices.Max(values)
}

// A collection is all figures of a set, in the order of the runs.
type collection struct {
	figures []*figure
	index   map[figureKey]*figure
	curves  []*distribution
	byCurve map[figureKey]*distribution
	probes  []string
	// noNumbers is how many values are none: NaN, infinite.
	noNumbers int
}

// collect reads each run once. Samples are sorted once, and what is kept of them is
// the quantiles that are drawn.
func collect(set *bench.Set, pairs []bench.Pair) *collection {
	c := &collection{index: make(map[figureKey]*figure), byCurve: make(map[figureKey]*distribution)}
	for _, run := range inOrder(set.Runs) {
		if run.WarmsUp() {
			continue
		}
		if !slices.Contains(c.probes, run.Probe) {
			c.probes = append(c.probes, run.Probe)
		}
		for _, s := range run.Series {
			c.addSeries(run, s)
		}
		for _, v := range run.Values {
			if !strings.HasPrefix(v.Name, watchedPrefix) {
				c.add(run, figure{figureKey: figureKey{run.Probe, v.Name, v.Unit}, unit: v.Unit, role: v.Role, higher: v.Higher}, v.Number)
			}
		}
	}
	for _, row := range set.Rows() {
		if f := c.index[figureKey{row.Probe, row.Name, row.Metric}]; f != nil {
			f.lane(row.Config).estimate = row.Estimate
		}
	}
	for i := range pairs {
		key := figureKey{pairs[i].A.Probe, pairs[i].A.Name, pairs[i].A.Metric}
		if f := c.index[key]; f != nil {
			f.pair = &pairs[i]
		}
	}
	for _, f := range c.figures {
		slices.SortStableFunc(f.lanes, func(a, b *lane) int { return cmp.Compare(a.config, b.config) })
	}
	return c
}

// called is a name with what it belongs to, where there are several of those: two
// packages may have benchmarks of one name.
func (c *collection) called(probe, name string) string {
	if len(c.probes) > 1 {
		name += " · " + strings.TrimPrefix(probe, "go-test ")
	}
	return shown(name)
}

// inOrder is the runs in the order in which they began.
func inOrder(runs []*bench.Run) []*bench.Run {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b *bench.Run) int { return a.Begin.Compare(b.Begin) })
	return sorted
}

func (c *collection) add(run *bench.Run, like figure, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		c.noNumbers++ // there is no place for it in a picture
		return
	}
	f := c.index[like.figureKey]
	if f == nil {
		f = &like
		c.index[f.figureKey], c.figures = f, append(c.figures, f)
	}
	l := f.lane(run.Config)
	l.dots = append(l.dots, dot{value, run})
}

func (f *figure) lane(config string) *lane {
	for _, l := range f.lanes {
		if l.config == config {
			return l
		}
	}
	l := &lane{config: config}
	f.lanes = append(f.lanes, l)
	return l
}

// addSeries adds the quantiles that a table has, and the curve of all of them.
func (c *collection) addSeries(run *bench.Run, s bench.Series) {
	curve := newCurve(run, s)
	if curve == nil {
		return
	}
	for _, k := range curve.summary {
		like := figure{figureKey: figureKey{run.Probe, s.Name, metricName(k.Q, s.Unit)}, unit: s.Unit, quantile: k.Q, role: s.Role}
		c.add(run, like, float64(k.Value))
	}
	key := figureKey{run.Probe, s.Name, s.Unit}
	d := c.byCurve[key]
	if d == nil {
		d = &distribution{figureKey: key, unit: s.Unit, role: s.Role}
		c.byCurve[key], c.curves = d, append(c.curves, d)
	}
	d.runs = append(d.runs, curve)
	if s.Note != "" && !slices.Contains(d.notes, s.Note) {
		d.notes = append(d.notes, s.Note)
	}
}
