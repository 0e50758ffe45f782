package bench

import (
	"fmt"
	"math"
)

// What is worth a word: a median that moves by a tenth during a run, and samples
// that follow each other. Of independent samples the correlation is below 0.1 in
// all but 2 of 1,000 series of 1,000.
const (
	muchDrift       = 0.10
	muchCorrelation = 0.10
	fewSamples      = 100 // with fewer there is nothing to say about either
)

// Drift is by which part the median of the last third of the samples is above that
// of the first: 0.1 for a tenth.
func (s Series) Drift() float64 {
	third := len(s.Samples) / 3
	first := Series{Samples: s.Samples[:third]}.Quantile(0.5)
	last := Series{Samples: s.Samples[len(s.Samples)-third:]}.Quantile(0.5)
	if first == 0 {
		return 0
	}
	return float64(last)/float64(first) - 1
}

// Autocorrelation is how much each sample says about the next, from -1 to 1. A
// sample counts as no more than the 99th percentile, or one outlier would hide the
// rest.
func (s Series) Autocorrelation() float64 {
	most := s.Quantile(0.99)
	mean := 0.0
	for _, v := range s.Samples {
		mean += float64(min(v, most)) / float64(len(s.Samples))
	}
	var product, square, before float64
	for i, v := range s.Samples {
		d := float64(min(v, most)) - mean
		if square += d * d; i > 0 {
			product += d * before
		}
		before = d
	}
	if square == 0 {
		return 0
	}
	return product / square
}

// Doubts says in words what makes the intervals within this run narrower than the
// truth.
func (s Series) Doubts() (words []string) {
	if len(s.Samples) < fewSamples || s.Role == Floor {
		return nil
	}
	if d := s.Drift(); math.Abs(d) > muchDrift {
		words = append(words, fmt.Sprintf("not stationary: the last third is %+.0f %% of the first", 100*d))
	}
	if c := s.Autocorrelation(); math.Abs(c) > muchCorrelation {
		words = append(words, fmt.Sprintf("samples follow each other (lag-1 autocorrelation %.2f)", c))
	}
	return words
}
