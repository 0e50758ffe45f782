package page

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		value      float64
		unit, want string
	}{
		{1234, "ns/op", "1.234_µs"},
		{0.25, "ns/op", "0.2500_ns"},
		{0, "ns", "0 ns"},
		{3, "allocs/op", "3 allocs"},
		{512, "B/op", "512 B"},
		{1 << 20, "B", "1.000_MiB"},
		{2e9, "B/s", "1.863_GiB/s"},
		{1250, "req/s", "1.250k_req/s"},
		{0.5, "%", "0.5_%"},
		{math.NaN(), "ns", "no number"},
		{math.Inf(-1), "B", "no number"},
	} {
		want := []rune(c.want)
		for i, r := range want {
			if r == '_' {
				want[i] = '\u00a0'
			}
		}
		assert.Equal(t, string(want), number(c.value, c.unit), "%g %s", c.value, c.unit)
	}
}

func TestPercent(t *testing.T) {
	for part, want := range map[float64]string{0: "0", 0.123: "+12", -0.0123: "−1.2", 1: "+100", 123: "+1.23e+04", 0.0994: "+9.9"} {
		assert.Equal(t, want+"\u00a0%", signed(part))
	}
	assert.Equal(t, "9.0 to 15\u00a0%", interval(0.09, 0.15))
	assert.Equal(t, "9.0 to 15\u00a0%", interval(-0.15, -0.09))
	assert.Equal(t, "−1.0\u00a0% to +2.0\u00a0%", interval(-0.01, 0.02))
}

func TestShort(t *testing.T) {
	for text, want := range map[string]string{"1.500 ms": "1.5 ms", "100 ns": "100 ns", "2.000": "2", "-0.0": "0", "": "0", "10.00µs": "10µs"} {
		assert.Equal(t, want, short(text))
	}
}

func TestMiddle(t *testing.T) {
	assert.Equal(t, "short", middle("short", 10))
	assert.Equal(t, "Benc…k-16", middle("BenchmarkWithALongName/size=1k-16", 9))
	assert.Equal(t, "Üb…nge", middle("ÜberaltjedeMenge", 6))
}

func TestNice(t *testing.T) {
	assert.InDeltaSlice(t, []float64{0, 20, 40, 60, 80, 100}, nice(0, 100, 5), 1e-9)
	assert.InDeltaSlice(t, []float64{1.24, 1.26, 1.28, 1.3}, nice(1.23, 1.31, 5), 1e-9)
	assert.Empty(t, nice(1, 1, 5))
	assert.Empty(t, nice(0, math.NaN(), 5))
	assert.Empty(t, nice(math.Inf(-1), math.Inf(1), 5))
	assert.LessOrEqual(t, len(nice(0, 1e300, 5)), 12)
}

// Axes have labels whatever is on them, and all of them between the ends.
func TestAxes(t *testing.T) {
	for _, values := range [][]float64{{0}, {1}, {5, 5}, {-3, 4}, {1e-9, 1}, {1, 1e12}, {1e300, 1e301}, {100, 2500}, {1 << 20, 1 << 22}, {0, 1e-300}} {
		for _, unit := range []string{"ns/op", "B", "allocs/op", "req/s", "%"} {
			a := valueAxis(values, unit)
			assert.Less(t, a.lo, a.hi, "%v %s", values, unit)
			assert.NotEmpty(t, a.ticks, "%v %s", values, unit)
			seen := make(map[string]bool)
			for _, tick := range a.ticks {
				assert.False(t, seen[tick.Label], "%v %s: twice %s", values, unit, tick.Label)
				seen[tick.Label] = true
				assert.True(t, tick.Value >= a.lo && tick.Value <= a.hi*(1+1e-9), "%v: %g", values, tick.Value)
			}
			for _, v := range values {
				assert.True(t, a.place(v) >= a.lo && a.place(v) <= a.hi, "%v %g", values, v)
			}
		}
	}
}
