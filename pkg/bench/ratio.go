package bench

import (
	"math"
	"slices"
	"sort"

	"github.com/aclements/go-moremath/stats"
)

// exactRuns is up to how many runs of a side the distribution of U is counted out.
// Beyond that it is as good as normal.
const exactRuns = 20

// Interval holds Delta with the given confidence: 0.09 and 0.15 for B that is 9 to
// 15 % above A. It is all factors that the test of Mann and Whitney, of which P is,
// would not find between the two sides, so that it assumes no distribution. ok is
// false where there are too few runs for such a bound, or numbers that have no ratio.
//
// It is the interval of this row alone, not corrected for the other rows as PHolm
// is. The two middles of sides with several modes may be apart by more than the
// factor is; the interval is then as much wider.
//
// E. L. Lehmann, Nonparametric confidence intervals for a shift parameter, 1963.
func (p Pair) Interval(confidence float64) (lo, hi float64, ok bool) {
	a, b := p.A.PerRun, p.B.PerRun
	k := trim(len(a), len(b), (1-confidence)/2)
	if k == 0 || slices.Min(slices.Concat(a, b)) <= 0 {
		return 0, 0, false
	}
	ratios := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			ratios = append(ratios, y/x-1)
		}
	}
	slices.Sort(ratios)
	return min(ratios[k-1], p.Delta), max(ratios[len(ratios)-k], p.Delta), true
}

// trim is how many of all a*b ratios, the least one included, are up to the lower end
// of an interval that a part tail of all is below. 0 is for too few of them.
func trim(a, b int, tail float64) int {
	if max(a, b) > exactRuns && min(a, b) > 0 {
		n := float64(a) * float64(b)
		z := math.Sqrt2 * math.Erfinv(1-2*tail)
		return int(max(n/2-z*math.Sqrt(n*float64(a+b+1)/12), 0))
	}
	u := stats.UDist{N1: a, N2: b}
	return sort.Search(a*b/2, func(k int) bool { return u.CDF(float64(k)) > tail })
}
