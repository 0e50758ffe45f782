package trace

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

const (
	fewSamples = 64 // are kept as they are
	stepBits   = 5  // buckets of a power of two: 32
)

// A sketch has the quantiles of any number of durations in a few kilobytes: those of
// up to 64 exactly, of more within 1.6 %, as each bucket is at most 1/32 wide and its
// middle is taken. Count, total and maximum are always exact.
type sketch struct {
	count, total, max int64 // ns
	few               []int64
	buckets           []uint64 // nil while there are few
}

func (s *sketch) add(d int64) {
	s.count++
	s.total += d
	s.max = max(s.max, d)
	if s.buckets != nil {
		s.spread(d)
		return
	}
	if s.few = append(s.few, d); len(s.few) > fewSamples {
		s.pour()
	}
}

// pour puts the few into buckets.
func (s *sketch) pour() {
	for _, d := range s.few {
		s.spread(d)
	}
	s.few = nil
}

func (s *sketch) spread(d int64) {
	i := bucketOf(d)
	if i >= len(s.buckets) {
		s.buckets = append(s.buckets, make([]uint64, i+1-len(s.buckets))...)
	}
	s.buckets[i]++
}

// bucketOf counts through the buckets: one for each value below 64, from there on 32
// for each power of two.
func bucketOf(d int64) int {
	if d < 1<<(stepBits+1) {
		return int(max(d, 0))
	}
	shift := bits.Len64(uint64(d)) - 1 - stepBits
	return shift<<stepBits + int(d>>shift)
}

// middle is that of a bucket.
func middle(i int) int64 {
	if i < 1<<(stepBits+1) {
		return int64(i)
	}
	shift := i>>stepBits - 1
	low := int64(i-shift<<stepBits) << shift
	return low + (1<<shift-1)/2
}

// quantile is the sample of which a part q of all are not above it.
func (s *sketch) quantile(q float64) int64 {
	if s.count == 0 {
		return 0
	}
	rank := min(max(int64(math.Ceil(q*float64(s.count)-1e-9)), 1), s.count)
	if s.buckets == nil {
		return slices.Sorted(slices.Values(s.few))[rank-1]
	}
	for i, n := range s.buckets {
		if rank -= int64(n); rank <= 0 {
			return min(middle(i), s.max)
		}
	}
	return s.max
}

// above is how many samples are above d, as far as the buckets tell: those in the one
// of d do not count.
func (s *sketch) above(d int64) (n int64) {
	for _, v := range s.few {
		if v > d {
			n++
		}
	}
	for i := bucketOf(d) + 1; i < len(s.buckets); i++ {
		n += int64(s.buckets[i])
	}
	return n
}

// merge adds the samples of another.
func (s *sketch) merge(o *sketch) {
	if o.buckets == nil {
		for _, d := range o.few {
			s.add(d)
		}
		return
	}
	s.pour()
	if n := len(o.buckets) - len(s.buckets); n > 0 {
		s.buckets = append(s.buckets, make([]uint64, n)...)
	}
	for i, n := range o.buckets {
		s.buckets[i] += n
	}
	s.count, s.total, s.max = s.count+o.count, s.total+o.total, max(s.max, o.max)
}

func (s *sketch) latency() Latency {
	return Latency{
		Count: s.count, Total: time.Duration(s.total), Max: time.Duration(s.max),
		P50: time.Duration(s.quantile(0.5)), P90: time.Duration(s.quantile(0.9)), P99: time.Duration(s.quantile(0.99)),
	}
}
