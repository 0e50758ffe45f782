package bench

import (
	"math"
	"slices"
)

// Sorted are samples in ascending order. Who wants several quantiles sorts once.
type Sorted []int64

// Sorted is a copy of the samples in ascending order.
func (s Series) Sorted() Sorted {
	sorted := slices.Clone(s.Samples)
	slices.Sort(sorted)
	return sorted
}

// Quantile is the least sample that a part q of all samples does not exceed: of the
// samples themselves, so that it is one that was measured. It is 0 where there are
// none.
func (s Series) Quantile(q float64) int64 {
	if len(s.Samples) == 0 {
		return s.kept(q)
	}
	return s.Sorted().Quantile(q)
}

// kept is a quantile of a series whose samples were not kept.
func (s Series) kept(q float64) int64 {
	for _, k := range s.Quantiles {
		if k.Q == q {
			return k.Value
		}
	}
	return 0
}

// Interval holds the quantile of what the samples are drawn from with the given
// confidence, if they are independent. ok is false where there are too few samples
// for such a bound: for 95 % a quantile needs 3.7/(1-q) of them.
func (s Series) Interval(q, confidence float64) (lo, hi int64, ok bool) {
	return s.Sorted().Interval(q, confidence)
}

// Quantile is that of [Series.Quantile].
func (s Sorted) Quantile(q float64) int64 {
	if len(s) == 0 {
		return 0
	}
	rank := math.Ceil(q*float64(len(s)) - 1e-9) // 0.07*100 is more than 7
	return s[min(max(int(rank), 1), len(s))-1]
}

// Interval is that of [Series.Interval].
//
// It assumes nothing about the distribution: how many of n samples are below the
// true quantile is binomial, and that alone says between which two samples it is.
func (s Sorted) Interval(q, confidence float64) (lo, hi int64, ok bool) {
	l, r := ranks(len(s), q, confidence)
	if l < 1 || r > len(s) {
		return 0, 0, false
	}
	return s[l-1], s[r-1], true
}

// ranks are the first and the last of n samples, counted from 1, that the quantile
// is between. They may be 0 and n+1. Each end is wrong in at most half of the cases
// that the confidence leaves.
//
// stats.QuantileCI of moremath, which benchmath uses for medians, is exact up to
// n = 30 and then takes the normal distribution, which is symmetric: at p99.9 the
// binomial is not.
func ranks(n int, q, confidence float64) (l, r int) {
	alpha := (1 - confidence) / 2
	return leastAbove(n, q, alpha), leastAbove(n, q, 1-alpha-1e-12) + 1
}

// leastAbove is the least k for which a binomial number of n trials is k or less
// with a probability above p.
//
// It adds up, from where there is nothing yet to add. BinomialDist.CDF of moremath
// panics at n = 1,000,000: its continued fraction does not converge.
func leastAbove(n int, q, p float64) int {
	if n == 0 || q <= 0 {
		return 0
	}
	if q >= 1 {
		return n
	}
	mean, sd := float64(n)*q, math.Sqrt(float64(n)*q*(1-q))
	k := max(0, int(mean-12*sd))
	mass := binomial(n, k, q)
	for sum := mass; sum <= p && k < n; sum += mass {
		mass *= float64(n-k) / float64(k+1) * q / (1 - q)
		k++
	}
	return k
}

// binomial is the probability of k in n trials.
func binomial(n, k int, q float64) float64 {
	choose := lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
	return math.Exp(choose + float64(k)*math.Log(q) + float64(n-k)*math.Log1p(-q))
}

func lgamma(n int) float64 {
	l, _ := math.Lgamma(float64(n))
	return l
}
