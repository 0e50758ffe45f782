package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.03}, []float64{0.03}},
		// The usual example: at 0.05 it rejects the first and the last.
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		// Each that is larger is at least what those below it are.
		{[]float64{0.01, 0.02, 0.022, 0.09, 0.5}, []float64{0.05, 0.08, 0.08, 0.18, 0.5}},
		{[]float64{0.4, 0.4, 0.4}, []float64{1, 1, 1}},
	} {
		require.InDeltaSlice(t, c.want, Holm(c.p), 1e-12, c.p)
	}
}

func TestHolmLeavesItsArgumentAlone(t *testing.T) {
	p := []float64{0.3, 0.1}
	Holm(p)
	require.Equal(t, []float64{0.3, 0.1}, p)
}
