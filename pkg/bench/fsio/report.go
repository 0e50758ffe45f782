package fsio

import (
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// The parts of names.
const (
	ofFiles = "FS/"
	atPlace = "/place="
	toFirst = "/ratio=b:a"
)

// perMillion is 1 in the unit of ratios.
const perMillion = 1e6

// report adds what was measured to a run.
func (s *session) report(run *bench.Run) {
	for _, p := range s.places {
		run.Env = append(run.Env, p.facts...)
	}
	if len(s.floor.samples) > 0 {
		run.Add(bench.Series{Name: ofFiles + s.floor.op.name, Unit: "ns", Role: bench.Floor, Batch: 1, Samples: s.floor.samples, Note: s.floor.op.note})
	}
	for _, tracks := range append(s.tracks, s.builds...) {
		s.reportOne(run, tracks)
	}
}

func (s *session) reportOne(run *bench.Run, tracks []*track) {
	for _, t := range tracks {
		if len(t.samples) == 0 {
			continue
		}
		name := t.op.name + atPlace + t.place.letter
		run.Add(bench.Series{Name: name, Unit: t.op.unit(), Role: bench.Headline, Batch: t.batch, Samples: t.samples, Note: t.op.note})
		if t.op.bytes > 0 {
			p50 := bench.Series{Samples: t.samples}.Quantile(0.5)
			run.AddValue(bench.Value{Name: name, Unit: "B/s", Role: bench.Headline, Higher: true, Number: float64(t.op.bytes) / (float64(max(p50, 1)) / 1e9)})
		}
	}
	if len(tracks) == 2 {
		if ratios := ratio(tracks[0], tracks[1]); len(ratios) > 0 {
			run.Add(bench.Series{
				Name: tracks[0].op.name + toFirst, Unit: "ppm", Role: bench.Headline, Batch: 1, Samples: ratios,
				Note: "of the medians of each round; 1000000 is as fast",
			})
		}
	}
}

func (op *operation) unit() string {
	if op.picoseconds {
		return "ps"
	}
	return "ns"
}

// ratio holds the rounds of two places against each other, in millionths.
func ratio(a, b *track) (ratios []int64) {
	for r := range min(len(a.ends), len(b.ends)) {
		first, second := a.median(r), b.median(r)
		if first > 0 && second > 0 {
			ratios = append(ratios, int64(perMillion*float64(second)/float64(first)))
		}
	}
	return ratios
}

// median is that of one round.
func (t *track) median(r int) int64 {
	begin := 0
	if r > 0 {
		begin = t.ends[r-1]
	}
	return bench.Series{Samples: t.samples[begin:t.ends[r]]}.Quantile(0.5)
}

// A Ratio is how many times as long an operation takes in the second place.
type Ratio struct {
	Name   string  // of the series without its place: "FS/create"
	Median float64 // of the ratios of the rounds
	// Lo and Hi are the 95 % interval of the median, by the ranks of the rounds; both 0
	// where there are fewer than 6. It is of this run: the next one is further off.
	Lo, Hi float64
	Rounds int
}

// Ratios are those of a run that has measured in two places, in its order.
func Ratios(run *bench.Run) (list []Ratio) {
	for _, s := range run.Series {
		name, ok := strings.CutSuffix(s.Name, toFirst)
		if !ok {
			continue
		}
		lo, hi, _ := s.Interval(0.5, 0.95)
		list = append(list, Ratio{name, float64(s.Quantile(0.5)) / perMillion, float64(lo) / perMillion, float64(hi) / perMillion, len(s.Samples)})
	}
	return list
}
