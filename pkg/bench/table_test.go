package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func lines(text ...string) string { return strings.Join(text, "\n") + "\n" }

func TestHistogram(t *testing.T) {
	s := Series{Unit: "ns", Samples: []int64{100, 100, 100, 100, 101, 102, 102, 103}}
	require.Equal(t, lines(
		"100.0ns │ █████████████████████████████████████ 4 p50",
		"101.0ns │ █████████▎ 1",
		"102.0ns │ ██████████████████▌ 2",
		"103.0ns │ █████████▎ 1 p95 p99 p99.9 max",
	), s.Histogram(Style{Width: 72 - 5}))
	require.Equal(t, lines(
		"100.0ns | ########## 4 p50",
		"101.0ns | ### 1",
		"102.0ns | ##### 2",
		"103.0ns | ### 1 p95 p99 p99.9 max",
	), s.Histogram(Style{Width: 1, ASCII: true}))
	require.Empty(t, Series{}.Histogram(Style{}))
	require.Equal(t, "1.000ns │ ", Series{Unit: "ns", Samples: []int64{0, 0, 0}}.Histogram(Style{})[:12], "a clock too coarse")
}

// Every sample is in one bucket, every quantile is named once, no line is too long.
func TestHistogramHasAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, most := range []int64{1, 3, 30, 1000, 1e6, 1e12} {
		s := Series{Unit: "ns"}
		for range 5000 {
			s.Samples = append(s.Samples, rng.Int64N(most))
		}
		for _, style := range []Style{{}, {Width: 60, ASCII: true}, {Width: 80}} {
			text, sum, width := s.Histogram(style), 0, style.Width
			if width == 0 {
				width = 72
			}
			for line := range strings.Lines(text) {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width+1, "%s", text)
				_, after, _ := strings.Cut(line, "│")
				if style.ASCII {
					_, after, _ = strings.Cut(line, "|")
				}
				for word := range strings.FieldsSeq(after) {
					var n int
					if _, err := fmt.Sscanf(word, "%d", &n); err == nil {
						sum += n
						break
					}
				}
			}
			require.Equal(t, 5000, sum, "%s", text)
			require.LessOrEqual(t, strings.Count(text, "\n"), 20)
			for _, q := range []string{" p50", " p95", " p99", " p99.9", " max"} {
				require.Contains(t, text, q)
			}
			if style.ASCII {
				require.False(t, strings.ContainsFunc(text, func(r rune) bool { return r > '~' }), "%s", text)
			}
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		value      float64
		unit, want string
	}{
		{107_000, "ns", "107.0µs"}, {0, "ns", "0.000s"}, {3.4e9, "ns", "3.400s"}, {1.5 * (1 << 20), "B/s", "1.500MiB/s"},
		{12345, "req/s", "12.35k req/s"}, {0.0123, "ppm", "0.0123 ppm"}, {3.5, "%", "3.5 %"}, {0.25, "cpus", "0.25 cpus"},
	} {
		require.Equal(t, c.want, Style{}.Number(c.value, c.unit))
	}
	require.Equal(t, "107.0us", Style{ASCII: true}.Number(107_000, "ns"))
}

func TestTableOfRun(t *testing.T) {
	run := &Run{Partial: true, Marks: []Mark{{RunDelay, 3.5, 2, "%"}}, Series: []Series{
		{Name: "CrossP", Unit: "ns", Samples: upTo(1000), Note: "bimodal"}, {Name: "Few", Unit: "ns", Samples: upTo(10)}, {Name: "None", Unit: "ns"},
	}, Values: []Value{{Name: "ClockStep", Unit: "ns", Number: 20}, {Name: "Watch/steal", Unit: "%", Number: 1}}}
	require.Equal(t, lines(
		"        p50      p95      p99      p99 is within       p99.9    max      samples",
		"CrossP  500.0ns  950.0ns  990.0ns  983.0ns to 997.0ns  999.0ns  1.000µs  1000",
		"Few     5.000ns  10.00ns  10.00ns  -                   10.00ns  10.00ns  10",
		"None    no samples",
		"ClockStep  20.00ns",
		"CrossP: bimodal",
		"ended early: this is not the whole run",
		"disturbed: run-delay 3.5 % (limit 2)",
	), run.Table(Style{}))
}

func TestTableOfSet(t *testing.T) {
	set := steady(around(1000)...)
	set.Runs[0].Marks = []Mark{{RunDelay, 3.5, 2, "%"}}
	set.Failed, set.Partial = []Failure{{"p", "", "exit status 2"}}, true
	require.Equal(t, lines(
		"p: 9 clean, 1 disturbed, 1 failed runs",
		"  X     p50 1.000us +-0 %  p95 1.000us +-0 %  p99 1.000us +-0 %  p99.9 1.000us +-0 %  max 1.000us +-0 %",
		"  Rate  1.000k req/s +-0 %",
		"failed: p: exit status 2",
		"ended early: these are not all runs",
	), set.Table(Style{ASCII: true}))
}

func TestTableOfComparison(t *testing.T) {
	a, b := steady(around(1000)...), steady(around(1100)...)
	b.Runs[0].Series[0].Count = 300
	c, err := Compare(a, b, Options{})
	require.NoError(t, err)
	require.Equal(t, lines(
		"first: 10 clean, 0 disturbed runs; second: 10 clean, 0 disturbed runs",
		"              first             second             delta    A/A     p (Holm)",
		"X     p50-ns  999.5ns ±0 %      1.100µs ±0 %       +10.0 %  ±0.1 %  <0.001    differs: worse",
		"X     p95-ns  999.5ns ±0 %      1.100µs ±0 %       +10.0 %  ±0.1 %  <0.001    differs: worse",
		"X     p99-ns  999.5ns ±0 %      1.100µs ±0 %       +10.0 %  ±0.1 %  -         not compared: 300 samples a run, and it needs 368",
		"Rate  req/s   999.5 req/s ±0 %  1.099k req/s ±0 %  +10.0 %  ±0.1 %  <0.001    differs: better",
		"3 rows are compared, 3 differ",
		"2 rows more are not compared: diagnostics, and quantiles that a few samples decide",
	), c.Table(Style{}))
}

// A stopwatch is the least probe there is.
type stopwatch struct{}

func (stopwatch) Name() string { return "stopwatch" }

func (stopwatch) Measure(_ context.Context, run *Run) error {
	samples := make([]int64, 10_000)
	for base, i := time.Now(), 0; i < len(samples); i++ {
		begin := time.Since(base)
		samples[i] = int64(time.Since(base) - begin)
	}
	run.Add(Series{Name: "Stopwatch", Unit: "ns", Role: Floor, Samples: samples, Batch: 1})
	return nil
}

func ExampleOnce() {
	run, err := Once(context.Background(), stopwatch{})
	if err != nil {
		return
	}
	for _, s := range run.Series {
		_, _, enough := s.Interval(0.99, 0.95)
		fmt.Println(s.Name, s.Quantile(0.5) <= s.Quantile(0.99), enough)
	}
	// Output: Stopwatch true true
}
