package prepare

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// How often series of a known kind are called stationary, of 2,000 each. A false
// alarm costs a few more rounds, a miss lets a cold number in.
func TestStationaryRates(t *testing.T) {
	type series func(r *rand.Rand, i, n int, before float64) float64
	noise := func(sigma float64) series {
		return func(r *rand.Rand, _, _ int, _ float64) float64 { return 100 * math.Exp(sigma*r.NormFloat64()) }
	}
	cold := func(sigma, above, tau float64) series { // a warm-up that dies away
		return func(r *rand.Rand, i, _ int, _ float64) float64 {
			return 100 * (1 + above*math.Exp(-float64(i)/tau)) * math.Exp(sigma*r.NormFloat64())
		}
	}
	slope := func(sigma, by float64) series { // from first to last
		return func(r *rand.Rand, i, n int, _ float64) float64 {
			return 100 * (1 + by*float64(i)/float64(n)) * math.Exp(sigma*r.NormFloat64())
		}
	}
	spikes := func(r *rand.Rand, _, _ int, _ float64) float64 { // one in ten is disturbed
		v := 100 * math.Exp(0.01*r.NormFloat64())
		if r.IntN(10) == 0 {
			v *= 5
		}
		return v
	}
	follows := func(phi float64) series {
		return func(r *rand.Rand, _, _ int, before float64) float64 {
			if before == 0 {
				before = 100
			}
			return 100 + phi*(before-100) + 3*r.NormFloat64()
		}
	}
	for _, test := range []struct {
		name     string
		n        int
		series   series
		min, max float64 // of those called stationary
	}{
		{"1 % noise", 9, noise(0.01), 0.80, 1},
		{"1 % noise", 30, noise(0.01), 0.80, 1},
		{"20 % noise", 9, noise(0.20), 0.80, 1},
		{"20 % noise", 30, noise(0.20), 0.80, 1},
		{"spikes", 30, spikes, 0.80, 1},
		{"10 % colder", 9, cold(0.01, 0.10, 3), 0, 0.05},
		{"10 % colder", 30, cold(0.01, 0.10, 10), 0, 0.05},
		{"twice, soon over", 9, cold(0.02, 1, 2), 0, 0.10},
		{"10 % slope", 30, slope(0.02, 0.10), 0, 0.05},
		{"half again slope", 9, slope(0.05, 0.50), 0, 0.10},
		{"follow each other", 30, follows(0.8), 0, 0.15},
	} {
		r := rand.New(rand.NewPCG(1, uint64(test.n)))
		ok := 0
		for range 2000 {
			values, before := make([]float64, test.n), 0.0
			for i := range values {
				values[i] = test.series(r, i, test.n, before)
				before = values[i]
			}
			if Stationary(values) {
				ok++
			}
		}
		rate := float64(ok) / 2000
		t.Logf("%-18s n=%d: %.3f stationary", test.name, test.n, rate)
		require.GreaterOrEqual(t, rate, test.min, "%s of %d", test.name, test.n)
		require.LessOrEqual(t, rate, test.max, "%s of %d", test.name, test.n)
	}
}

func TestStationaryOfFewAndEqual(t *testing.T) {
	require.False(t, Stationary([]float64{1, 1, 1, 1, 1, 1, 1, 1}), "eight say nothing")
	require.True(t, Stationary([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}))
	require.True(t, Stationary(make([]float64, 9)))
	require.False(t, Stationary([]float64{0, 0, 0, 0, 0, 0, 1, 1, 1}))
	require.False(t, Stationary(nil))
}

func TestWarmUpEnds(t *testing.T) {
	clock := time.Unix(0, 0)
	now := func() time.Time { clock = clock.Add(time.Second); return clock }
	round := 0
	settles := func(context.Context) (float64, error) {
		round++
		return 100 * (1 + math.Exp(-float64(round)/2)) * (1 + 0.002*float64(round%2)), nil
	}
	w, err := WarmUp(t.Context(), "Encode", Bounds{}, now, settles)
	require.NoError(t, err)
	require.Equal(t, "stationary", w.Why)
	require.True(t, w.OK)
	require.Greater(t, len(w.Values), 9)
	require.Less(t, len(w.Values), 30)

	grows := func(context.Context) (float64, error) { round++; return float64(round), nil }
	w, err = WarmUp(t.Context(), "Encode", Bounds{Most: 12}, now, grows)
	require.NoError(t, err)
	require.Equal(t, "as many rounds as allowed", w.Why)
	require.Len(t, w.Values, 12)
	require.False(t, w.OK)

	w, err = WarmUp(t.Context(), "Encode", Bounds{Time: 5 * time.Second}, now, grows)
	require.NoError(t, err)
	require.Equal(t, "as long as allowed", w.Why)
	require.Len(t, w.Values, 5)

	broken := errors.New("broken")
	w, err = WarmUp(t.Context(), "Encode", Bounds{}, now, func(context.Context) (float64, error) { return 0, broken })
	require.ErrorIs(t, err, broken)
	require.Empty(t, w.Values)
}
