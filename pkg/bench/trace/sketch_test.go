package trace

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of any samples count, total and maximum are exact, of few the quantiles as well, and
// of many they are within 1.6 %.
func TestSketch(t *testing.T) {
	for _, n := range []int{1, 2, 63, 64, 65, 1000, 20000} {
		for name, draw := range map[string]func() int64{
			"small":       func() int64 { return rand.Int64N(100) },
			"uniform":     func() int64 { return rand.Int64N(1e9) },
			"exponential": func() int64 { return int64(math.Exp(40 * rand.Float64())) },
			"one value":   func() int64 { return 12345678 },
			"zero":        func() int64 { return 0 },
			"huge":        func() int64 { return math.MaxInt64 / 30000 },
		} {
			var whole, first, second sketch
			var all []int64
			var total int64
			for i := range n {
				d := draw()
				all, total = append(all, d), total+d
				whole.add(d)
				if i%3 == 0 {
					first.add(d)
				} else {
					second.add(d)
				}
			}
			slices.Sort(all)
			first.merge(&second)
			for _, s := range []*sketch{&whole, &first} {
				require.EqualValues(t, n, s.count, name)
				require.Equal(t, total, s.total, name)
				require.Equal(t, all[n-1], s.max, name)
				for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
					want := all[max(int(math.Ceil(q*float64(n)-1e-9)), 1)-1]
					if n <= fewSamples {
						require.Equal(t, want, s.quantile(q), "%s %d p%v", name, n, q)
					} else {
						require.InEpsilon(t, want+1, s.quantile(q)+1, 1.0/64, "%s %d p%v", name, n, q)
					}
				}
			}
		}
	}
	require.Zero(t, new(sketch).quantile(0.5))
}

func TestSketchBuckets(t *testing.T) {
	last := -1
	for _, d := range []int64{0, 1, 63, 64, 65, 66, 127, 128, 1 << 20, 1<<20 + 1<<15, 1 << 62, math.MaxInt64} {
		i := bucketOf(d)
		require.GreaterOrEqual(t, i, last, "%d", d)
		require.LessOrEqual(t, math.Abs(float64(middle(i)-d)), float64(d)/64, "%d", d)
		last = i
	}
	require.Less(t, last, 2000)
}

func TestSketchAbove(t *testing.T) {
	var s sketch
	for i := range int64(60) {
		s.add(i * 1000)
	}
	require.EqualValues(t, 29, s.above(30000))
	for i := range int64(1000) {
		s.add(i * 1000)
	}
	require.InDelta(t, 500, s.above(500000), 20)
	require.Zero(t, s.above(1e9))
	require.Zero(t, new(sketch).above(0))
}
