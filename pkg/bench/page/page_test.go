package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func render(t testing.TB, d Data) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, d))
	return out.String()
}

var svgs = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// pictures are the plots of a page, each of which must be XML.
func pictures(t *testing.T, html, class string) (list []string) {
	t.Helper()
	for _, svg := range svgs.FindAllString(html, -1) {
		for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err, svg)
			}
		}
		assert.NotContains(t, svg, "NaN")
		assert.NotContains(t, svg, "Inf")
		if strings.Contains(svg, `class="plot `+class+`"`) {
			list = append(list, svg)
		}
	}
	return list
}

func TestSameDataSameBytes(t *testing.T) {
	require.Equal(t, render(t, comparedData(t)), render(t, comparedData(t)))
	full := fullData(t)
	require.Equal(t, render(t, full), render(t, full))
	sampled := Data{Set: sampledSet(6, 1000, "A", "B")}
	require.Equal(t, render(t, sampled), render(t, sampled))
}

// The first thing on the page is what the comparison says, in words.
func TestAnswerOfComparison(t *testing.T) {
	v, err := newView(comparedData(t))
	require.NoError(t, err)
	assert.Equal(t, "B (work tree) differs from A (main) in 3 of 12 numbers, shown by 10 clean runs each: 1 better, 2 worse.", v.Answer.Lead.Text)
	require.Len(t, v.Answer.Lines, 3)
	assert.Equal(t, "Decode/size=1k-2", v.Answer.Lines[0].Name)
	assert.Regexp(t, `^B \(work tree\) takes (19|20|21)\x{a0}% less time \(95\x{a0}% interval 1\d to 2\d\x{a0}%\)$`, v.Answer.Lines[0].Text)
	assert.Regexp(t, `takes 1\d\x{a0}% longer`, v.Answer.Lines[1].Text)
	assert.Equal(t, fine, v.Belief.Level)
	html := render(t, comparedData(t))
	assert.Less(t, strings.Index(html, "B (work tree) differs"), strings.Index(html, "<table"))
}

func only(t *testing.T, set *bench.Set, name, unit string) Data {
	t.Helper()
	for _, r := range set.Runs {
		kept := r.Values[:0]
		for _, v := range r.Values {
			if v.Name == name && v.Unit == unit {
				kept = append(kept, v)
			}
		}
		r.Values = kept
	}
	c, err := bench.Compare(set.Of("go-test", "A"), set.Of("go-test", "B"), bench.Options{})
	require.NoError(t, err)
	return Data{Set: set, Comparison: c}
}

func TestAnswerOfOneNumber(t *testing.T) {
	v, err := newView(only(t, comparedSet(), "Encode/size=1k-2", "ns/op"))
	require.NoError(t, err)
	assert.Regexp(t, `^Encode/size=1k-2 B takes 1\d\x{a0}% longer \(95\x{a0}% interval [\d.]+ to 1\d\x{a0}%\), shown by 10 clean runs each\.$`, v.Title)
	v, err = newView(only(t, comparedSet(), "Walk-2", "ns/op"))
	require.NoError(t, err)
	assert.Equal(t, "No difference between A and B is shown in the one number that is compared, by 10 clean runs each.", v.Title)
	require.Len(t, v.Answer.Lines, 1)
	assert.Regexp(t, `^a change from −[\d.]+\x{a0}% to \+[\d.]+\x{a0}% is left open$`, v.Answer.Lines[0].Text)
}

func TestAnswerWithoutComparison(t *testing.T) {
	v, err := newView(Data{Set: sampledSet(10, 1000, "")})
	require.NoError(t, err)
	assert.Equal(t, "The medians of 10 clean runs, each with its 95\u00a0% interval.", v.Title)
	require.Len(t, v.Answer.Cards, 4)
	assert.Equal(t, "CrossP/park=50us/procs=2", v.Answer.Cards[0].Name)
	assert.Regexp(t, `^\d[\d.]+\x{a0}µs to \d[\d.]+\x{a0}µs$`, v.Answer.Cards[0].Range)
}

func TestRefusedComparison(t *testing.T) {
	d := Data{Set: comparedSet(), Refused: []bench.Reason{{Key: "goversion", A: []string{"go1.25.9"}, B: []string{"go1.26.8"}, Text: "the scheduler changes"}}}
	v, err := newView(d)
	require.NoError(t, err)
	assert.Equal(t, "A and B cannot be compared.", v.Title)
	assert.Equal(t, sentence{"goversion", "go1.25.9 in A, go1.26.8 in B: the scheduler changes", "worse"}, v.Answer.Lines[0])
}

// From 0 to something is no percentage, and the largest change there is.
func TestFromNothing(t *testing.T) {
	row := func(name, unit string, values ...float64) bench.Row {
		return bench.Row{Probe: "go-test", Name: name, Metric: unit, Unit: unit, PerRun: values, Estimate: bench.Estimate{Center: values[0]}}
	}
	c := &bench.Comparison{A: bench.Tally{Clean: 10}, B: bench.Tally{Clean: 10}, Pairs: []bench.Pair{
		{A: row("Walk-2", "ns/op", 100), B: row("Walk-2", "ns/op", 900), Delta: 8, Verdict: bench.Differs, Why: "worse"},
		{A: row("Walk-2", "allocs/op", 0), B: row("Walk-2", "allocs/op", 1), Verdict: bench.Differs, Why: "worse"},
	}}
	v, err := newView(Data{Set: comparedSet(), Comparison: c})
	require.NoError(t, err)
	require.Len(t, v.Answer.Lines, 2)
	assert.Equal(t, sentence{"Walk-2", "B has 1 allocs, where there were 0", "worse"}, v.Answer.Lines[0])
	assert.Equal(t, "from 0", v.Numbers.Rows[1].Cells[4].Text)
	assert.Equal(t, 1, strings.Count(string(v.Changes.SVG), `class="change `))
}

// What a side is in full is said once, beside its command.
func TestSidesInFewWords(t *testing.T) {
	d := Data{Command: []string{"go", "test", "-bench=a b"}, Sides: [2]string{"the work tree, nothing changed in it", "HEAD~1, 63b73dfc"}, Set: comparedSet()}
	v, err := newView(d)
	require.NoError(t, err)
	assert.Equal(t, [2]string{"A (the work tree)", "B (HEAD~1)"}, v.sides)
	assert.Equal(t, []commandLine{{"A", "go test '-bench=a b'", "the work tree, nothing changed in it"}, {"B", "", "HEAD~1, 63b73dfc"}}, v.Command)
}

func TestComparisonThatFailed(t *testing.T) {
	v, err := newView(Data{Set: comparedSet(), Failure: "the second set has no clean run: 0 clean, 3 disturbed"})
	require.NoError(t, err)
	assert.Equal(t, "A and B were not compared.", v.Title)
	assert.Equal(t, "The second set has no clean run: 0 clean, 3 disturbed.", v.Answer.Note)
}

// What is there to believe is said for each way in which a set can be less than whole.
func TestSetsThatAreLess(t *testing.T) {
	disturbed := comparedSet()
	for _, r := range disturbed.Runs {
		r.Marks = []bench.Mark{{Cause: bench.Steal, Value: 3, Limit: 0.5, Unit: "%"}}
	}
	partial := &bench.Set{Partial: true, Runs: sampledSet(3, 500, "").Runs, Failed: []bench.Failure{{Probe: "sched", Error: "exit status 2"}}}
	odd := &bench.Set{Runs: []*bench.Run{{Probe: "x", Begin: begin, Values: []bench.Value{{Name: "N", Unit: "ns", Number: math.NaN()}, {Name: "I", Unit: "B/s", Number: math.Inf(1)}, {Name: "Zero", Unit: "ns/op"}, {Name: "Minus", Unit: "ppm", Number: -3}}}}}
	for _, c := range []struct {
		name   string
		set    *bench.Set
		level  level
		lead   string
		remark string
	}{
		{"no set", nil, bad, "Nothing was measured.", "There is no run."},
		{"no run", &bench.Set{Failed: []bench.Failure{{Error: "no such file"}}}, bad, "Nothing was measured.", "1 process did not measure. The first: no such file"},
		{"only disturbed", disturbed, bad, "No run counts.", "None of 24 runs counts: the hypervisor ran somebody else (24)."},
		{"partial", partial, care, "The medians of 3 clean runs, each with its 95\u00a0% interval.", "The measurement was ended early: these are not all runs."},
		{"no numbers", odd, care, "The medians of 1 clean run, each with its 95\u00a0% interval.", "2 values are no number (NaN or infinite), and in no picture."},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := newView(Data{Set: c.set})
			require.NoError(t, err)
			assert.Equal(t, c.level, v.Belief.Level)
			assert.Equal(t, c.lead, v.Title)
			var texts []string
			for _, r := range v.Belief.Remarks {
				texts = append(texts, r.Text)
			}
			assert.Contains(t, texts, c.remark)
			pictures(t, render(t, Data{Set: c.set}), "")
		})
	}
}

// evil is a name of somebody else.
const evil = `"><script>alert('x')</script><img src=x onerror=alert(1)> ` + "\u202eעברית\x00\x1b[31m"

// long is another one.
func long() string { return strings.Repeat("VeryLongName/", 400) }

// hostileData has such names wherever there is one.
func hostileData(t testing.TB) Data {
	set := comparedSet()
	for _, r := range set.Runs {
		for i := range r.Values {
			r.Values[i].Name += evil
			if i > 5 {
				r.Values[i].Name += long()
			}
		}
		r.AddValue(bench.Value{Name: evil, Unit: evil, Role: bench.Headline, Number: float64(r.Begin.Second() + 1)})
		r.Env = append(r.Env, bench.Key{Name: evil, Value: evil})
	}
	set.Runs[3].Marks = []bench.Mark{{Cause: evil, Unit: evil}}
	set.Failed = []bench.Failure{{Probe: evil, Config: evil, Error: evil}}
	c, err := bench.Compare(set.Of("go-test", "A"), set.Of("go-test", "B"), bench.Options{MinRuns: 9})
	require.NoError(t, err)
	return Data{
		Command: []string{evil, "'"}, Compared: []string{evil}, Sides: [2]string{evil, long()}, Tool: evil, Set: set, Comparison: c, Bundle: evil,
		GC: []*gc.Report{heapReport(3)}, Flames: []Flame{{Name: evil, File: evil, HTML: []byte(evil), Hot: []Hot{{Function: evil, Unit: evil}}}},
		Files:   []File{{Name: evil, SHA256: evil}},
		Sandbox: &sandbox.Report{Rung: evil, Group: evil, Tried: []sandbox.Attempt{{Rung: evil, Why: evil}}, Limits: []sandbox.Effect{{Name: evil, Requested: evil, Effective: evil, Note: long()}}},
		Prepare: &prepare.Report{Findings: []prepare.Finding{{Name: evil, Value: long(), Text: evil, Verdict: prepare.Warn}}},
		Before:  facts(evil, long()), After: facts(long(), evil),
	}
}

// Names are of somebody else, and may be anything.
func TestHostileNames(t *testing.T) {
	html := render(t, hostileData(t))
	for _, part := range []string{"<script", "<img", "\x00"} {
		assert.False(t, strings.Contains(html, part), "%.20q", part)
	}
	assert.Less(t, len(html), 1<<20)
	assert.NotEmpty(t, pictures(t, html, "dots"))
	refused := Data{Set: comparedSet(), Refused: []bench.Reason{{Key: evil, A: []string{evil}, Text: evil}}}
	assert.False(t, strings.Contains(render(t, refused), "<script"))
}

// 500 benchmarks are a page that can still be read, and a million samples are as
// many points as a picture can show.
func TestMuch(t *testing.T) {
	html := render(t, manyData(t))
	assert.Less(t, len(html), 1<<20)
	assert.Len(t, pictures(t, html, "dots"), mostDots)
	assert.Contains(t, html, "488 more are in the table above and not drawn")
	html = render(t, Data{Set: sampledSet(1, 1_000_000, "")})
	assert.Less(t, len(html), 64<<10)
	require.Len(t, pictures(t, html, "quantiles"), 2)
	assert.Contains(t, html, "p99.99")
}

// manyData is 500 benchmarks on two sides.
func manyData(t testing.TB) Data {
	set := &bench.Set{}
	for _, r := range sampledSet(20, 10, "A", "B").Runs[:20] {
		r.Series = nil
		for i := range 500 {
			name := "Benchmark" + strings.Repeat("x", i%40) + string(rune('A'+i%26))
			r.AddValue(bench.Value{Name: name + strings.Repeat("y", i/26), Unit: "ns/op", Role: bench.Headline, Number: float64(i) + float64(r.Begin.Second()%7)})
		}
		set.Runs = append(set.Runs, r)
	}
	c, err := bench.Compare(set.Of("sched", "A"), set.Of("sched", "B"), bench.Options{})
	require.NoError(t, err)
	return Data{Set: set, Comparison: c}
}

// Where the text form kept only quantiles, these are what is drawn.
func TestKeptQuantiles(t *testing.T) {
	set := sampledSet(6, 1000, "")
	for _, r := range set.Runs {
		for i, s := range r.Series {
			r.Series[i].Count, r.Series[i].Samples = len(s.Samples), nil
			for _, q := range summaryQuantiles {
				r.Series[i].Quantiles = append(r.Series[i].Quantiles, bench.Quantile{Q: q, Value: s.Quantile(q)})
			}
		}
	}
	html := render(t, Data{Set: set})
	drawn := pictures(t, html, "quantiles")
	require.Len(t, drawn, 2)
	assert.Equal(t, 6, strings.Count(drawn[0], `class="run a"`))
	assert.Equal(t, 6, strings.Count(drawn[0], `<circle`))
}

// Each quantile that is drawn is one of the samples.
func TestCurveHasSamplesOnly(t *testing.T) {
	s := bench.Series{Samples: []int64{5, 1, 4, 2, 3, 9, 8, 7, 6, 100}}
	c := newCurve(&bench.Run{}, s)
	for _, p := range c.points {
		assert.Contains(t, s.Samples, int64(p.value))
		assert.Less(t, p.value, 100.0, "the maximum is no quantile below 1")
	}
	assert.InDelta(t, 1, c.points[len(c.points)-1].tail, 1e-9)
	most, ok := c.most()
	assert.Equal(t, []any{100.0, true}, []any{most, ok})
	for _, c := range []struct {
		tail float64
		want float64
		ok   bool
	}{{0, 1, true}, {tailOf(0.5), 5, true}, {1, 9, true}, {1.1, 0, false}} {
		got, ok := newCurve(&bench.Run{}, s).at(c.tail)
		assert.Equal(t, []any{c.want, c.ok}, []any{got, ok}, c.tail)
	}
}

func TestWriterFails(t *testing.T) {
	require.ErrorContains(t, Write(failing{}, comparedData(t)), "full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
