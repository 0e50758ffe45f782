package bench

import (
	"math/rand/v2"
	"testing"

	"github.com/aclements/go-moremath/stats"
	"github.com/stretchr/testify/require"
)

func upTo(n int) (list []int64) {
	for i := range n {
		list = append(list, int64(i+1))
	}
	return list
}

func TestQuantile(t *testing.T) {
	s := Series{Samples: upTo(100)}
	rand.Shuffle(100, func(i, j int) { s.Samples[i], s.Samples[j] = s.Samples[j], s.Samples[i] })
	for q, want := range map[float64]int64{0: 1, 0.005: 1, 0.07: 7, 0.5: 50, 0.501: 51, 0.95: 95, 0.99: 99, 0.999: 100, 1: 100} {
		require.Equal(t, want, s.Quantile(q), q)
	}
	require.Zero(t, Series{}.Quantile(0.5))
	require.Equal(t, int64(7), Series{Samples: []int64{7}}.Quantile(0.99))
	require.Equal(t, int64(8), Series{Quantiles: []Quantile{{0.99, 8}}}.Quantile(0.99))
}

// To sort must not change the order in which samples were taken.
func TestQuantileLeavesSamplesAlone(t *testing.T) {
	s := Series{Samples: []int64{3, 1, 2}}
	require.Equal(t, int64(3), s.Quantile(1))
	require.Equal(t, []int64{3, 1, 2}, s.Samples)
}

// How many samples a bound needs, as computed by 1 - q^n >= 0.975.
func TestIntervalNeedsSamples(t *testing.T) {
	for _, c := range []struct {
		q    float64
		need int
	}{{0.5, 6}, {0.95, 72}, {0.99, 368}, {0.999, 3688}} {
		_, _, ok := Series{Samples: upTo(c.need)}.Interval(c.q, 0.95)
		require.True(t, ok, "p%v of %d", c.q, c.need)
		_, _, ok = Series{Samples: upTo(c.need - 1)}.Interval(c.q, 0.95)
		require.False(t, ok, "p%v of %d", c.q, c.need-1)
	}
	_, _, ok := Series{}.Interval(0.5, 0.95)
	require.False(t, ok)
}

// The ranks of the interval for a median, as by pbinom: with 10 samples the 2nd to
// the 9th, which is 97.9 %.
func TestRanks(t *testing.T) {
	for n, want := range map[int][2]int{6: {1, 6}, 8: {1, 8}, 9: {2, 8}, 10: {2, 9}, 12: {3, 10}, 20: {6, 15}, 25: {8, 18}} {
		l, r := ranks(n, 0.5, 0.95)
		require.Equal(t, want, [2]int{l, r}, n)
	}
}

// Both ends are the tightest whose error is at most a half of what the confidence
// leaves, by the binomial distribution of somebody else.
func TestRanksAgainstBinomial(t *testing.T) {
	for _, n := range []int{7, 30, 100, 400, 3700, 5000} {
		for _, q := range []float64{0.05, 0.5, 0.95, 0.99, 0.999} {
			dist := stats.BinomialDist{N: n, P: q}
			below := func(k int) float64 { return dist.CDF(float64(k - 1)) }
			l, r := ranks(n, q, 0.95)
			require.LessOrEqual(t, below(l), 0.025+1e-9, "n=%d q=%v", n, q)
			require.Greater(t, below(l+1), 0.025-1e-9, "n=%d q=%v", n, q)
			if r <= n {
				require.LessOrEqual(t, 1-below(r), 0.025+1e-9, "n=%d q=%v", n, q)
			}
			require.Greater(t, 1-below(r-1), 0.025-1e-9, "n=%d q=%v", n, q)
		}
	}
}

func TestRanksOfManySamples(t *testing.T) {
	l, r := ranks(1_000_000, 0.5, 0.95) // 500,000 -+ 1.96 * 500
	require.InDelta(t, 499_020, l, 2)
	require.InDelta(t, 500_981, r, 2)
	l, r = ranks(1_000_000, 0.999, 0.95)
	require.InDelta(t, 998_938, l, 3)
	require.InDelta(t, 999_062, r, 3)
}

func BenchmarkFiveQuantiles(b *testing.B) {
	s := Series{Samples: upTo(200_000)}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(s.Samples), func(i, j int) { s.Samples[i], s.Samples[j] = s.Samples[j], s.Samples[i] })
	for b.Loop() {
		sorted := s.Sorted()
		for _, q := range []float64{0.5, 0.95, 0.99, 0.999, 1} {
			sorted.Quantile(q)
			sorted.Interval(q, 0.95)
		}
	}
}
