package prepare

import (
	"math"
	"slices"
)

// A Stationarity is how much a series of numbers still changes.
type Stationarity struct {
	// Drift is by which part the median of the last third is above that of the first.
	Drift float64 `json:"drift"`
	// Noise is by which part those two medians differ by chance, one time in twenty.
	Noise float64 `json:"noise"`
	// Autocorrelation is how much each number says about the next, from -1 to 1, and
	// Chance what independent ones do not exceed, one time in twenty.
	Autocorrelation float64 `json:"autocorrelation"`
	Chance          float64 `json:"chance"`
	OK              bool    `json:"stationary"`
}

// fewest are the numbers with which there is anything to say: three for each third.
const fewest = 9

// smallDrift is one that no comparison would call a difference (a fifth of the 5 % that
// package bench asks for), so that it may be there however sure it is.
const smallDrift = 0.01

// Stationary reports whether numbers have stopped to change: the last third is where
// the first was, and none says much about the next. Fewer than 9 say nothing, and are
// not stationary.
func Stationary(values []float64) bool { return Look(values).OK }

// Look is what [Stationary] goes by.
func Look(values []float64) (s Stationarity) {
	n := len(values)
	if n < fewest {
		return s
	}
	third := n / 3
	first, last := median(values[:third]), median(values[n-third:])
	center := math.Abs(median(values))
	if center == 0 {
		s.OK = first == last
		return s
	}
	s.Drift = (last - first) / center
	s.Noise = noise(values, third) / center
	s.Autocorrelation = autocorrelation(values)
	s.Chance = (1.645*math.Sqrt(float64(n-1)) - 1) / float64(n) // R. L. Anderson, 1942
	still := math.Abs(s.Drift) <= max(smallDrift, s.Noise)
	follows := s.Autocorrelation > s.Chance && spread(values)/center > smallDrift
	s.OK = still && !follows
	return s
}

// noise is what the medians of two sets of so many numbers differ by, one time in
// twenty. The spread is that between neighbours, which a drift does not touch.
func noise(values []float64, each int) float64 {
	const medianToMean = math.Pi / 2 // variance of a median against that of a mean
	return 1.96 * neighbours(values) * math.Sqrt(2*medianToMean/float64(each))
}

// neighbours is the standard deviation by the differences of neighbours: 1.4826 times
// their median, over the root of two, as if they were normal.
func neighbours(values []float64) float64 {
	steps := make([]float64, len(values)-1)
	for i := range steps {
		steps[i] = math.Abs(values[i+1] - values[i])
	}
	return 1.4826 * median(steps) / math.Sqrt2
}

// spread is the standard deviation by the median distance from the median.
func spread(values []float64) float64 {
	center := median(values)
	off := make([]float64, len(values))
	for i, v := range values {
		off[i] = math.Abs(v - center)
	}
	return 1.4826 * median(off)
}

// autocorrelation at lag 1, of ranks: one outlier would hide the rest.
func autocorrelation(values []float64) float64 {
	ranks := rank(values)
	mean := float64(len(values)+1) / 2
	var product, square float64
	for i, r := range ranks {
		square += (r - mean) * (r - mean)
		if i > 0 {
			product += (r - mean) * (ranks[i-1] - mean)
		}
	}
	if square == 0 {
		return 0
	}
	return product / square
}

// rank gives each number its place from 1; equal ones share the mean of theirs.
func rank(values []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	ranks := make([]float64, len(values))
	for i, v := range values {
		lo, _ := slices.BinarySearch(sorted, v)
		hi := lo
		for hi < len(sorted) && sorted[hi] == v {
			hi++
		}
		ranks[i] = float64(lo+1+hi) / 2
	}
	return ranks
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
