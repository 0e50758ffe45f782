package bench

import (
	"cmp"
	"slices"
)

// Holm corrects p-values for how many there are of them: with 20 rows at 0.05 one
// would differ by chance. If those below alpha after it are called different, the
// probability that any of them is not is below alpha, whatever the rows have to do
// with each other.
//
// S. Holm, A simple sequentially rejective multiple test procedure, 1979.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	adjusted, most := make([]float64, len(p)), 0.0
	for rank, i := range order {
		most = max(most, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = most
	}
	return adjusted
}
