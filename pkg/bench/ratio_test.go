package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchmath"
)

// The critical values of U that textbooks have for 5 %, and one more each.
func TestTrim(t *testing.T) {
	for _, c := range []struct{ a, b, want int }{
		{0, 10, 0}, {3, 3, 0}, {4, 4, 1}, {5, 5, 3}, {8, 10, 18}, {10, 10, 24}, {20, 20, 128},
	} {
		assert.Equal(t, c.want, trim(c.a, c.b, 0.025), "%d and %d runs", c.a, c.b)
		assert.Equal(t, c.want, trim(c.b, c.a, 0.025), "%d and %d runs", c.b, c.a)
	}
	assert.InDelta(t, trim(20, 20, 0.025), trim(20, 21, 0.025), 8, "counted out or normal")
	assert.Zero(t, trim(21, 0, 0.025))
}

func pairOf(a, b []float64) Pair {
	return newPair(Row{PerRun: a, Estimate: estimate(a)}, Row{PerRun: b, Estimate: estimate(b)})
}

// What the interval does not hold is what the test finds: that is how it is made.
func TestIntervalIsTheTestTurnedAround(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		a, b := make([]float64, 10), make([]float64, 12)
		for i := range a {
			a[i] = math.Exp(random.NormFloat64() / 10)
		}
		for i := range b {
			b[i] = 1.1 * math.Exp(random.NormFloat64()/10)
		}
		lo, hi, ok := pairOf(a, b).Interval(0.95)
		require.True(t, ok)
		for _, c := range []struct {
			delta float64
			found bool
		}{{lo - 1e-9, true}, {lo + 1e-9, false}, {hi - 1e-9, false}, {hi + 1e-9, true}} {
			scaled := make([]float64, len(a))
			for i := range a {
				scaled[i] = a[i] * (1 + c.delta)
			}
			p := benchmath.AssumeNothing.Compare(sample(scaled), sample(b)).P
			assert.Equal(t, c.found, p <= 0.05, "%g of %g to %g: p is %g", c.delta, lo, hi, p)
		}
	}
}

// A 95 % interval misses the truth in 5 of 100 rounds, were the runs of any shape.
func TestIntervalHoldsTheTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	missed := 0
	for range 600 {
		a, b := make([]float64, 10), make([]float64, 10)
		for i := range a {
			a[i], b[i] = 5+random.ExpFloat64(), 1.2*(5+random.ExpFloat64())
		}
		lo, hi, ok := pairOf(a, b).Interval(0.95)
		require.True(t, ok)
		if 0.2 < lo || 0.2 > hi {
			missed++
		}
	}
	assert.InDelta(t, 26, missed, 20) // 4.3 %, and 4 times the spread of such a count
}

func TestIntervalOfNothing(t *testing.T) {
	for _, c := range [][2][]float64{{nil, nil}, {{1, 2, 3}, {1, 2, 3}}, {{0, 1, 2, 3, 4}, {1, 2, 3, 4, 5}}} {
		_, _, ok := pairOf(c[0], c[1]).Interval(0.95)
		assert.False(t, ok, fmt.Sprint(c))
	}
	lo, hi, ok := pairOf([]float64{2, 2, 2, 2}, []float64{3, 3, 3, 3}).Interval(0.95)
	assert.Equal(t, []any{0.5, 0.5, true}, []any{lo, hi, ok})
}
