package bench

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// A Verdict is what a comparison says of a row. There is none for "the same":
// that cannot be shown.
type Verdict string

// Verdicts of [Compare].
const (
	Differs     Verdict = "differs"
	NotShown    Verdict = "no difference shown"
	TooFewRuns  Verdict = "too few runs"
	NotCompared Verdict = "not compared"
)

func newPair(a, b Row) Pair {
	p := Pair{A: a, B: b, P: 1, PHolm: 1, AA: max(apart(a.PerRun), apart(b.PerRun))}
	if a.Center != 0 {
		p.Delta = b.Center/a.Center - 1
	}
	return p
}

// apart is by how much the runs 1, 3, 5... of a row differ from 2, 4, 6...
func apart(perRun []float64) float64 {
	var halves [2][]float64
	for i, v := range perRun {
		halves[i%2] = append(halves[i%2], v)
	}
	odd, even := estimate(halves[0]).Center, estimate(halves[1]).Center
	if even == 0 || len(perRun) < 2 {
		return 0
	}
	return math.Abs(odd/even - 1)
}

// test gives each pair that is compared its p-values, and says how many there are.
func (c *Comparison) test(o Options) (rows int) {
	var tested []int
	var p []float64
	for i := range c.Pairs {
		pair := &c.Pairs[i]
		if pair.Why = pair.unfit(o); pair.Why == "" {
			pair.P = benchmath.AssumeNothing.Compare(sample(pair.A.PerRun), sample(pair.B.PerRun)).P
			tested, p = append(tested, i), append(p, pair.P)
		}
	}
	for k, adjusted := range Holm(p) {
		c.Pairs[tested[k]].PHolm = adjusted
	}
	return len(tested)
}

// leastP is the p-value where each of one set is above each of the other: there are
// so many ways to choose which runs are whose, and two of them are like that.
func leastP(a, b int) float64 {
	ways := math.Exp(lgamma(a+b+1) - lgamma(a+1) - lgamma(b+1))
	return 2 / ways
}

// compared are the quantiles that a verdict is about. What is beyond depends on a
// few samples of each run: with 10 short runs the interval of a p99.9 was 90 to
// 580 % wide.
var compared = []float64{0.5, 0.95, 0.99}

// unfit is why a row gets no verdict, in words.
func (p *Pair) unfit(o Options) string {
	q, runs := p.A.Quantile, min(len(p.A.PerRun), len(p.B.PerRun))
	switch count := min(p.A.Count, p.B.Count); {
	case p.A.Role == Diagnostic:
		p.Verdict = NotCompared
		return "explains the others"
	case q != 0 && !slices.Contains(compared, q):
		p.Verdict = NotCompared
		return "a few samples decide it"
	case q != 0 && count < Needs(q):
		p.Verdict = NotCompared
		return fmt.Sprintf("%d samples a run, and it needs %d", count, Needs(q))
	case runs < o.MinRuns:
		p.Verdict = TooFewRuns
		return fmt.Sprintf("%d clean runs, and it needs %d", runs, o.MinRuns)
	}
	return ""
}

// judge says what the numbers mean.
func (p *Pair) judge(o Options, rows int) {
	if p.Why != "" {
		return
	}
	p.Verdict = NotShown
	a, b := len(p.A.PerRun), len(p.B.PerRun)
	switch size := p.size(); {
	case leastP(a, b)*float64(rows) >= o.Alpha:
		p.Why = fmt.Sprintf("%d and %d runs cannot show one in %d rows", a, b, rows)
	case p.PHolm >= o.Alpha:
		p.Why = "chance explains it"
	case size <= o.Effect && !(p.A.exact() && p.B.exact()):
		p.Why = fmt.Sprintf("less than %g %%", 100*o.Effect)
	case size <= p.AA:
		p.Why = "runs of one set differ as much"
	default:
		p.Verdict, p.Why = Differs, "worse"
		if (p.B.Center > p.A.Center) == p.A.Higher {
			p.Why = "better"
		}
	}
}

// size is how large the difference is, as a part of A. Of nothing something is more than
// any part.
func (p Pair) size() float64 {
	if p.A.Center == 0 && p.B.Center != 0 {
		return math.Inf(1)
	}
	return math.Abs(p.Delta)
}

// Change is Delta in words: "+12.3 %", or "from 0", of which no part can be said.
func (p Pair) Change() string {
	if math.IsInf(p.size(), 1) {
		return "from 0"
	}
	return percent(p.Delta)
}

// exact reports whether a row is a count that each run has the same of: allocations. A
// difference of such counts has no least size: no machine makes it, only another
// program does.
func (r Row) exact() bool {
	return r.Unit == "allocs/op" && slices.Min(r.PerRun) == slices.Max(r.PerRun)
}
