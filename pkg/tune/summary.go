package tune

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Relay is whether the checksum database can be asked through a proxy.
type Relay string

const (
	Unasked   Relay = ""       // the proxy never got that far
	Relayed   Relay = "yes"    // at least one answer was proven
	NotThere  Relay = "no"     // it says that it does not
	Defective Relay = "broken" // it should, and fails: a go command that asks it fails too
)

// A Summary is the rounds of a candidate in one line. Medians are over the rounds
// that worked.
type Summary struct {
	Rounds, Worked               int
	DNS, Connect, TLS, FirstByte time.Duration // medians
	Throughput                   float64       // median, in bytes per second
	Total                        time.Duration // median
	Fastest, Slowest             time.Duration // of the totals
	Err                          error         // of the last round that failed; nil if all worked

	Lookup    time.Duration // median of the proven look-ups
	LookupErr error         // of the last one that failed
	Relay     Relay         // of a proxy; a database that works is Relayed as well

	Lie *Lie // the first; who lied once is a liar
}

// Works reports whether the candidate can be used at all.
func (s Summary) Works() bool { return s.Worked > 0 && s.Lie == nil }

// Steady reports whether it worked in every round.
func (s Summary) Steady() bool { return s.Works() && s.Worked == s.Rounds }

// faster reports whether one is clearly faster than another: half of its rounds
// beat all of the other's, and its median is a tenth below. That has no circles, so
// that an order can be made of it.
func (s Summary) faster(than Summary) bool {
	return s.Total < than.Fastest && s.Total < than.Total-than.Total/10
}

// Summarize makes a summary of samples.
func Summarize(samples []Sample) Summary {
	s := Summary{Rounds: len(samples)}
	var good []Sample
	var lookups []time.Duration
	for _, sample := range samples {
		s.judge(sample)
		if sample.Err != nil {
			continue
		}
		good = append(good, sample)
		if sample.LookupErr == nil {
			lookups = append(lookups, sample.Lookup)
		}
	}
	if s.Worked = len(good); s.Worked == 0 {
		return s
	}
	s.DNS = medianOf(good, func(s Sample) time.Duration { return s.DNS })
	s.Connect = medianOf(good, func(s Sample) time.Duration { return s.Connect })
	s.TLS = medianOf(good, func(s Sample) time.Duration { return s.TLS })
	s.FirstByte = medianOf(good, func(s Sample) time.Duration { return s.FirstByte })
	s.Throughput = medianOf(good, func(s Sample) float64 { return s.Throughput })
	total := func(s Sample) time.Duration { return s.Total }
	s.Total = medianOf(good, total)
	byTotal := func(a, b Sample) int { return cmp.Compare(a.Total, b.Total) }
	s.Fastest, s.Slowest = slices.MinFunc(good, byTotal).Total, slices.MaxFunc(good, byTotal).Total
	s.Lookup = median(lookups)
	return s
}

// judge notes what a sample says besides times.
func (s *Summary) judge(sample Sample) {
	for _, err := range []error{sample.Err, sample.LookupErr} {
		var lie *Lie
		if errors.As(err, &lie) && s.Lie == nil {
			s.Lie = lie
		}
	}
	if sample.Err != nil {
		s.Err = sample.Err
		return
	}
	relay := Relayed
	switch {
	case errors.Is(sample.LookupErr, ErrNotRelayed):
		relay = NotThere
	case sample.LookupErr != nil:
		relay, s.LookupErr = Defective, sample.LookupErr
	}
	for _, strongest := range []Relay{Relayed, Defective, NotThere} {
		if strongest == s.Relay || strongest == relay {
			s.Relay = strongest
			return
		}
	}
}

func medianOf[T cmp.Ordered](samples []Sample, of func(Sample) T) T {
	var values []T
	for _, s := range samples {
		values = append(values, of(s))
	}
	return median(values)
}

// median is the lower one of two in the middle: a time that was seen.
func median[T cmp.Ordered](values []T) (m T) {
	if len(values) == 0 {
		return m
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// Seconds writes a duration for people.
func Seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
