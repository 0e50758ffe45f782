package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata anew")

// someSet has one of everything: two configurations, clean, disturbed and partial
// runs, facts that change, a series without samples, a run with nothing.
func someSet() *Set {
	set := &Set{Schema: Schema, Partial: true, Failed: []Failure{{"sched", "b", "exit status 2"}}}
	for i := range 12 {
		run := &Run{
			Probe: "sched", Config: []string{"a", "b"}[i%2], Wall: time.Duration(1e9 + i),
			Begin: time.Date(2026, 11, 20, 10, i, 0, 5, time.UTC),
			Env: []Key{
				{"goversion", "go1.26.8"}, {"timerslack-ns", []string{"50000", "1"}[i%2]},
				{"clock-step-ns", fmt.Sprint(20 + i)}, {"Odd Name", "x"}, {"empty", ""},
			},
		}
		crossP := Series{Name: "CrossP/park=50us/procs=2", Unit: "ns", Role: Headline, Batch: 1, Missed: i / 8, Note: "a <note>"}
		for k := range 1000 {
			crossP.Samples = append(crossP.Samples, int64(100_000+100*i+k*k))
		}
		run.Add(crossP)
		run.Add(Series{Name: "Gosched", Unit: "ns", Role: Diagnostic, Batch: 16, Samples: []int64{70, 71, int64(72 + i)}})
		run.Add(Series{Name: "Nothing", Unit: "ns", Role: Control, Batch: 1})
		run.AddValue(Value{Name: "ClockStep", Unit: "ns", Role: Floor, Number: 20})
		run.AddValue(Value{Name: "Rate", Unit: "req/s", Role: Headline, Number: 12345.678, Higher: true})
		set.Runs = append(set.Runs, run)
	}
	set.Runs[3].Marks = []Mark{{RunDelay, 3.5, 2, "%"}, {Steal, 0.75, 0.5, "%"}}
	set.Runs[4].Partial = true
	set.Runs[11].Series, set.Runs[11].Values, set.Runs[11].Partial = nil, nil, true
	return set
}

// summarized is what the benchmark format keeps of a set.
func summarized(set *Set) *Set {
	out := *set
	out.Runs = nil
	for _, r := range set.Runs {
		run := *r
		run.Series = nil
		for _, s := range r.Series {
			s.Count, s.Quantiles, s.Samples = s.size(), s.summary(), nil
			run.Add(s)
		}
		run.Env = sortedKeys(r.Env)
		out.Runs = append(out.Runs, &run)
	}
	return &out
}

func sortedKeys(keys []Key) []Key {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) })
	return keys
}

func TestFormatKeepsEverything(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, Write(&file, someSet()))
	got, err := Read(iotest.OneByteReader(bytes.NewReader(file.Bytes())), "run.txt")
	require.NoError(t, err)
	for _, r := range got.Runs {
		r.Env = sortedKeys(r.Env)
	}
	require.Equal(t, summarized(someSet()), summarized(got))

	// What was read is written as it was.
	var again bytes.Buffer
	got, err = Read(bytes.NewReader(file.Bytes()), "run.txt")
	require.NoError(t, err)
	require.NoError(t, Write(&again, got))
	require.Equal(t, file.String(), again.String())
}

func TestFormatIsAsInTheBook(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, Write(&file, someSet()))
	golden := filepath.Join("testdata", "set.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, file.Bytes(), 0o666))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), file.String())
}

func TestJSONKeepsSamples(t *testing.T) {
	var file bytes.Buffer
	set := someSet()
	set.Runs[0].Detail = json.RawMessage(`{"cycles":[{"n":1}]}`)
	require.NoError(t, WriteJSON(&file, set))
	got, err := Read(bytes.NewReader(file.Bytes()), "run.json")
	require.NoError(t, err)
	require.Equal(t, set, got)
	require.Contains(t, file.String(), `{"schema":1,`)
}

// A file from an editor of Windows is the same file.
func TestReadTakesCarriageReturns(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, Write(&file, someSet()))
	got, err := Read(strings.NewReader(strings.ReplaceAll(file.String(), "\n", "\r\n")), "run.txt")
	require.NoError(t, err)
	want, err := Read(bytes.NewReader(file.Bytes()), "run.txt")
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// Wherever a file was cut off, it is known.
func TestReadKnowsTruncated(t *testing.T) {
	for _, write := range []func(io.Writer, *Set) error{Write, WriteJSON} {
		var file bytes.Buffer
		set := someSet()
		for _, r := range set.Runs {
			for i, s := range r.Series {
				r.Series[i].Samples = s.Samples[:min(len(s.Samples), 5)]
			}
		}
		require.NoError(t, write(&file, set))
		whole := strings.TrimSpace(file.String())
		for n := 1; n < len(whole); n += 1 + (len(whole)-n)/150 {
			_, err := Read(strings.NewReader(whole[:n]), "run.txt")
			require.ErrorIs(t, err, ErrTruncated, "after %d of %d: %q", n, len(whole), whole[max(0, n-80):n])
			require.ErrorContains(t, err, "run.txt")
		}
	}
}

func TestReadRefuses(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, Write(&buf, someSet()))
	whole := buf.String()
	lines := strings.SplitAfter(whole, "\n")
	isResult := func(l string) bool { return strings.HasPrefix(l, "Benchmark") }
	first := slices.IndexFunc(lines, isResult)
	for name, c := range map[string]struct {
		text string
		err  error
		says string
	}{
		"nothing":          {"", ErrForeign, ""},
		"an empty line":    {"\n", ErrForeign, ""},
		"go test":          {"goos: linux\nBenchmarkX 1 2 ns/op\nPASS\n", ErrForeign, "run.txt: not written by golang-wsl bench"},
		"a binary":         {"\x7fELF\x02\x01", ErrForeign, ""},
		"gzip":             {"\x1f\x8b\x08", ErrForeign, ""},
		"UTF-16":           {"\xff\xfe#\x00 \x00", ErrForeign, ""},
		"other JSON":       {`{"a":1}`, ErrForeign, ""},
		"JSON to come":     {`{"schema":2}`, ErrNewer, ""},
		"text to come":     {strings.Replace(whole, `"schema":1`, `"schema":2`, 1), ErrNewer, "run.txt:1: "},
		"a null":           {`{"schema":1,"runs":[null]}`, nil, "null"},
		"wrong JSON":       {`{"schema":1,"runs":7}`, nil, "run.txt: "},
		"a line gone":      {strings.Join(slices.Delete(slices.Clone(lines), first, first+1), ""), ErrTruncated, ""},
		"two files":        {whole + whole, nil, "goes on after its end"},
		"one and a half":   {whole[:strings.LastIndex(whole, "# end")] + whole, nil, "another file begins here"},
		"more after":       {whole + lines[first], nil, "outside a run"},
		"a wrong number":   {strings.Replace(whole, "349001 p50-ns", "349x p50-ns", 1), nil, fmt.Sprintf("run.txt:%d: ", first+1)},
		"a wrong unit":     {strings.Replace(whole, " p95-ns", " p96-ns", 3), nil, ""},
		"an unknown name":  {strings.Replace(whole, "BenchmarkGosched", "BenchmarkOther", 1), nil, "nothing says what Other is"},
		"a broken comment": {strings.Replace(whole, `# run {`, `# run [`, 1), nil, "run.txt:"},
		"a long line":      {whole[:len(lines[0])] + strings.Repeat("x", 1<<17), nil, "run.txt"},
	} {
		_, err := Read(strings.NewReader(c.text), "run.txt")
		require.Error(t, err, name)
		require.ErrorContains(t, err, c.says, name)
		if c.err != nil {
			require.ErrorIs(t, err, c.err, name)
		}
	}
	_, err := Read(iotest.ErrReader(io.ErrClosedPipe), "run.txt")
	require.ErrorIs(t, err, io.ErrClosedPipe)
	_, err = Read(io.MultiReader(strings.NewReader(whole[:len(whole)/2]), iotest.ErrReader(io.ErrClosedPipe)), "run.txt")
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestWriteRefuses(t *testing.T) {
	for says, run := range map[string]*Run{
		`"a b" is no name`:         {Series: []Series{{Name: "a b", Unit: "ns"}}},
		`"" is no name`:            {Values: []Value{{Name: "a"}}},
		"two series are named a":   {Series: []Series{{Name: "a", Unit: "ns"}, {Name: "a", Unit: "ns"}}},
		"a is NaN":                 {Values: []Value{{Name: "a", Unit: "ns", Number: math.NaN()}}},
		`"a\nb" is no name in the`: {Config: "a\nb"},
	} {
		require.ErrorContains(t, Write(io.Discard, &Set{Runs: []*Run{run}}), says)
	}
	require.ErrorIs(t, Write(fullDisk{}, someSet()), errFull)
}

var errFull = errors.New("no space left on device")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func FuzzRead(f *testing.F) {
	var file bytes.Buffer
	require.NoError(f, Write(&file, someSet()))
	f.Add(file.Bytes())
	file.Reset()
	require.NoError(f, WriteJSON(&file, &Set{Runs: []*Run{{Probe: "p"}}}))
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := Read(bytes.NewReader(text), "f")
		if err == nil {
			set.Rows()
		}
	})
}

// million is a file of 1,000,000 results.
func million(tb testing.TB) []byte {
	set := &Set{}
	for i := range 50_000 {
		run := &Run{Probe: "p", Begin: time.Unix(int64(i), 0).UTC(), Env: []Key{{"clock-step-ns", fmt.Sprint(i % 3)}, {"goversion", "go1.26.8"}}}
		for k := range 20 {
			s := Series{Name: fmt.Sprintf("CrossP/park=%dus/procs=2", k), Unit: "ns", Role: Headline, Batch: 1, Count: 20_000}
			for j, q := range quantiles {
				s.Quantiles = append(s.Quantiles, Quantile{q, int64(100_000+7*i) << j})
			}
			run.Add(s)
		}
		set.Runs = append(set.Runs, run)
	}
	var file bytes.Buffer
	require.NoError(tb, Write(&file, set))
	return file.Bytes()
}

// The issue wants less than 2 s.
func BenchmarkReadMillion(b *testing.B) {
	file := million(b)
	b.SetBytes(int64(len(file)))
	runtime.GC()
	for b.Loop() {
		set, err := Read(bytes.NewReader(file), "run.txt")
		require.NoError(b, err)
		require.Len(b, set.Runs, 50_000)
	}
}
