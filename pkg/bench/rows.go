package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"
)

// quantiles are those that a series is reported with. 1 is the maximum.
var quantiles = []float64{0.5, 0.95, 0.99, 0.999, 1}

// metricName is what the benchmark format calls a quantile: "p99-ns".
func metricName(q float64, unit string) string {
	if q == 1 {
		return "max-" + unit
	}
	return "p" + strconv.FormatFloat(math.Round(q*1e6)/1e4, 'f', -1, 64) + "-" + unit
}

// Needs is how many samples the upper end of a 95 % interval of a quantile needs:
// 368 for p99. No number is enough for the maximum.
func Needs(q float64) int {
	if q >= 1 {
		return math.MaxInt
	}
	tail := max(q, 1-q)
	return int(math.Ceil(math.Log(0.025) / math.Log(tail)))
}

// A Row is one number of each clean run: a quantile of a series, or a value.
type Row struct {
	Probe    string    `json:"probe"`
	Config   string    `json:"config,omitempty"`
	Name     string    `json:"name"`
	Metric   string    `json:"metric"` // "p99-ns", or the unit of a value
	Unit     string    `json:"unit"`   // "ns"
	Quantile float64   `json:"quantile,omitempty"`
	Role     Role      `json:"role"`
	Higher   bool      `json:"higher_is_better,omitempty"`
	PerRun   []float64 `json:"per_run"`         // in the order in which the runs began
	Count    int       `json:"count,omitempty"` // of samples, in the run that has the fewest
	Estimate
}

// An Estimate is the median over runs and its interval, by benchmath.
type Estimate struct {
	Center float64 `json:"center"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	// Confidence is that of the interval, at least 0.95: between the second and the
	// ninth of 10 runs it is 0.979. It is 0, and so are Lo and Hi, where there are
	// fewer than 6 runs, which have no such interval.
	Confidence float64 `json:"confidence"`
}

func estimate(values []float64) Estimate {
	if len(values) == 0 {
		return Estimate{}
	}
	s := benchmath.AssumeNothing.Summary(sample(values), 0.95)
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) {
		return Estimate{Center: s.Center}
	}
	return Estimate{s.Center, s.Lo, s.Hi, s.Confidence}
}

// sample is a copy: benchmath sorts, and the order of runs must stay.
func sample(values []float64) *benchmath.Sample {
	thresholds := benchmath.DefaultThresholds
	return benchmath.NewSample(slices.Clone(values), &thresholds)
}

// Rows are the numbers of the clean runs, by probe and configuration, in the order
// in which the probes have them. The run is what is counted, not the sample:
// quantiles of one run differ by 2 %, and those of the next by 26.
//
// What the watch has seen is no row.
func (s *Set) Rows() []Row {
	t := table{index: make(map[rowKey]int)}
	for _, run := range s.clean() {
		for _, series := range run.Series {
			t.addSeries(run, series)
		}
		for _, v := range run.Values {
			if !strings.HasPrefix(v.Name, watched) {
				t.add(Row{Probe: run.Probe, Config: run.Config, Name: v.Name, Metric: v.Unit, Unit: v.Unit, Role: v.Role, Higher: v.Higher}, v.Number)
			}
		}
	}
	for i, row := range t.rows {
		t.rows[i].Estimate = estimate(row.PerRun)
	}
	slices.SortStableFunc(t.rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Probe, b.Probe), cmp.Compare(a.Config, b.Config))
	})
	return t.rows
}

type rowKey struct{ probe, config, name, metric string }

func (r Row) key() rowKey { return rowKey{r.Probe, r.Config, r.Name, r.Metric} }

func (r Row) String() string {
	return fmt.Sprintf("%s %s of %s", r.Name, r.Metric, Config{r.Probe, r.Config})
}

// A table is rows that are being filled.
type table struct {
	rows  []Row
	index map[rowKey]int
}

func (t *table) addSeries(run *Run, s Series) {
	for _, k := range s.summary() {
		t.add(Row{
			Probe: run.Probe, Config: run.Config, Name: s.Name, Metric: metricName(k.Q, s.Unit), Unit: s.Unit,
			Quantile: k.Q, Role: s.Role, Count: s.size(),
		}, float64(k.Value))
	}
}

func (t *table) add(row Row, value float64) {
	i, ok := t.index[row.key()]
	if !ok {
		i = len(t.rows)
		t.index[row.key()] = i
		t.rows = append(t.rows, row)
	}
	t.rows[i].PerRun = append(t.rows[i].PerRun, value)
	t.rows[i].Count = min(t.rows[i].Count, row.Count)
}

// size is how many samples there are, or were.
func (s Series) size() int { return max(len(s.Samples), s.Count) }

// summary is the quantiles of a series, none where it has no sample.
func (s Series) summary() []Quantile {
	if len(s.Samples) == 0 {
		return s.Quantiles
	}
	sorted := s.Sorted()
	list := make([]Quantile, len(quantiles))
	for i, q := range quantiles {
		list[i] = Quantile{q, sorted.Quantile(q)}
	}
	return list
}
