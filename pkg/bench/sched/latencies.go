package sched

import (
	"math"
	"runtime/metrics"
	"sync"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

const ofTheRuntime = "from /sched/latencies of runtime/metrics, which sees one goroutine in 8 and has buckets 25 % wide: " +
	"each quantile is the upper end of its bucket; Go 1.26 no longer counts who comes back from a system call, " +
	"so that these cannot be compared with those of Go 1.25 (golang/go#79391)"

// schedLatencies is D: what the runtime itself says about goroutines that were ready
// and did not run, while some serve requests of others. It costs the program nothing
// and checks the rest.
func schedLatencies(s *state, _ method, b budget) (bench.Series, error) {
	before := readLatencies()
	if before == nil {
		return bench.Series{}, leftOut("this runtime has no /sched/latencies:seconds")
	}
	s.serve(s.now() + int64(b.time))
	h := readLatencies()
	for i := range h.Counts {
		h.Counts[i] -= before.Counts[i]
	}
	return summary(h), nil
}

// readLatencies is the histogram since the program began.
func readLatencies() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil
	}
	return sample[0].Value.Float64Histogram()
}

// serve has a client for each P ask a worker for 10 us of work, and wait for the
// answer. One of the two always waits, so that there is a P for whoever is ready.
func (s *state) serve(until int64) {
	requests := make(chan chan struct{})
	var clients, workers sync.WaitGroup
	for range s.procs {
		workers.Go(func() {
			for answer := range requests {
				for end := s.now() + 10_000; s.now() < end; {
				}
				answer <- struct{}{}
			}
		})
	}
	for range s.procs {
		clients.Go(func() {
			for answer := make(chan struct{}); s.now() < until && !s.stopped.Load(); {
				requests <- answer
				<-answer
			}
		})
	}
	clients.Wait()
	close(requests)
	workers.Wait()
}

// summary is what a histogram of seconds says.
func summary(h *metrics.Float64Histogram) (series bench.Series) {
	for _, count := range h.Counts {
		series.Count += int(count)
	}
	if series.Count == 0 {
		return series
	}
	for _, q := range []float64{0.5, 0.95, 0.99, 0.999, 1} {
		series.Quantiles = append(series.Quantiles, bench.Quantile{Q: q, Value: bucket(h, series.Count, q)})
	}
	return series
}

// bucket is the upper end, in ns, of the bucket that holds a quantile; the lower end
// of the last, which has no other.
func bucket(h *metrics.Float64Histogram, all int, q float64) int64 {
	rank, sum := uint64(max(1, math.Ceil(q*float64(all)-1e-9))), uint64(0)
	for i, count := range h.Counts {
		if sum += count; sum < rank {
			continue
		}
		end := h.Buckets[i+1]
		if math.IsInf(end, 1) {
			end = h.Buckets[i]
		}
		return int64(math.Round(end * 1e9))
	}
	return 0
}
