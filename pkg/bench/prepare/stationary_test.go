package prepare

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
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

// How cold a program still is where WarmUp lets it go: by how much its next round is
// above where it comes to rest, of 500 programs each. It looks again after each round,
// so that it has many chances to be wrong.
func TestWarmUpLeavesLittle(t *testing.T) {
	for _, test := range []struct {
		name       string
		above, tau float64 // how much colder the first round is, and for how many rounds
		noise      float64
		left       float64 // what nine of ten have left at most
		rounds     int     // that half of them take at most
	}{
		{"warm from the start", 0, 1, 0.02, 0, 11},
		{"one cold round", 0.5, 0.5, 0.02, 0.01, 16},
		{"10 % for 3 rounds", 0.1, 3, 0.01, 0.01, 25},
		{"twice for 5 rounds", 1, 5, 0.02, 0.02, 30},
		{"5 % for 10 rounds, noisy", 0.05, 10, 0.05, 0.03, 30},
	} {
		var left, rounds []float64
		for seed := range uint64(500) {
			r := rand.New(rand.NewPCG(seed, 3))
			level := func(i int) float64 { return test.above * math.Exp(-float64(i)/test.tau) }
			i := 0
			w, err := WarmUp(t.Context(), test.name, Bounds{}, time.Now, func(context.Context) (float64, error) {
				i++
				return 100 * (1 + level(i-1)) * math.Exp(test.noise*r.NormFloat64()), nil
			})
			require.NoError(t, err)
			left, rounds = append(left, level(len(w.Values))), append(rounds, float64(len(w.Values)))
		}
		slices.Sort(left)
		t.Logf("%-26s %2.0f rounds (median), p90 of what is left %.4f", test.name, median(rounds), left[450])
		require.LessOrEqual(t, left[450], test.left, test.name)
		require.LessOrEqual(t, median(rounds), float64(test.rounds), test.name)
	}
}
