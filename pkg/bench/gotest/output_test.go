package gotest

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func parsed(t *testing.T, text string) *Output {
	t.Helper()
	out, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	return out
}

func TestParse(t *testing.T) {
	out := parsed(t, `goos: linux
goarch: amd64
pkg: example.com/x
cpu: AMD EPYC
some words of the program: indeed
Unit things/op better=higher
BenchmarkA-2            	23045192	        50.86 ns/op	      16 B/op	       1 allocs/op
BenchmarkB/k=1-2        	1000000000	         0.3171 ns/op	31538.75 MB/s	         3.000 things/op
BenchmarkA-2            	24144838	        52.97 ns/op	      18 B/op	       1 allocs/op
Benchmarks are what this line is about
PASS
`)
	require.Equal(t, []bench.Value{
		{Name: "A-2", Unit: "ns/op", Role: bench.Headline, Number: 51.915},
		{Name: "A-2", Unit: "B/op", Role: bench.Headline, Number: 17},
		{Name: "A-2", Unit: "allocs/op", Role: bench.Headline, Number: 1},
		{Name: "B/k=1-2", Unit: "ns/op", Role: bench.Headline, Number: 0.3171},
		{Name: "B/k=1-2", Unit: "MB/s", Role: bench.Headline, Number: 31538.75, Higher: true},
		{Name: "B/k=1-2", Unit: "things/op", Role: bench.Headline, Number: 3, Higher: true},
	}, out.Values)
	require.Equal(t, 3, out.Lines)
	require.Equal(t, "example.com/x", out.Fact("pkg"))
	require.Equal(t, "AMD EPYC", out.Fact("cpu"))
	require.Empty(t, out.Fact("some words of the program"))
	require.Empty(t, out.Failure)
	require.Empty(t, out.Lost)
}

func TestParseSaysWhyItFailed(t *testing.T) {
	for want, text := range map[string]string{
		"--- FAIL: BenchmarkFail: f_test.go:3: it is bad": "--- FAIL: BenchmarkFail\n    f_test.go:3: hi\n    f_test.go:3: it is bad\nBenchmarkX-2 \t 100\t 4 ns/op\nFAIL\n",
		"panic: oh no": "BenchmarkA-2 \t 100\t 4 ns/op\nBenchmarkPanic-2   \tpanic: oh no\n\ngoroutine 19 [running]:\npanic: later\n",
		"testing: invalid regexp for element 0 of -test.bench": "testing: invalid regexp for element 0 of -test.bench\n",
		"flag provided but not defined: -foo":                  "flag provided but not defined: -foo\nUsage of x:\n",
		"fatal error: all goroutines are asleep - deadlock!":   "panic: x\nfatal error: all goroutines are asleep - deadlock!\n",
		"FAIL": "FAIL\n",
		"":     "PASS\n",
	} {
		require.Equal(t, want, parsed(t, text).Failure)
	}
	out := parsed(t, "FAIL\n")
	require.NoError(t, out.ReadErrors(strings.NewReader("words\npanic: in stderr\n")))
	require.Equal(t, "panic: in stderr", out.Failure)
	require.NoError(t, out.ReadErrors(strings.NewReader("FAIL\n")))
	require.Equal(t, "panic: in stderr", out.Failure)
}

// What a benchmark writes itself can break its line in two.
func TestParseCountsWhatIsLost(t *testing.T) {
	out := parsed(t, "BenchmarkPrint-2   \thello\nhello\n     100\t       196.0 ns/op\nBenchmarkWaits-2  \t")
	require.Equal(t, []string{"Print-2"}, out.Lost)
	require.Zero(t, out.Lines)
}

func TestParseLongLines(t *testing.T) {
	out := parsed(t, strings.Repeat("x", 1<<20)+"\nBenchmarkA 1 2 ns/op\n"+strings.Repeat("BenchmarkB 1 2 ns/op ", 1<<15)+"\nBenchmarkC\t1\t3 ns/op\r\n")
	require.Equal(t, "A", out.Values[0].Name)
	require.Equal(t, "C", out.Values[len(out.Values)-1].Name)
	fail := errors.New("a broken disk")
	_, err := Parse(iotest.ErrReader(fail))
	require.ErrorIs(t, err, fail)
}

func FuzzParse(f *testing.F) {
	f.Add("BenchmarkA-2 \t 100\t 4 ns/op\n--- FAIL: BenchmarkB\n    why\nUnit x better=higher\n")
	f.Fuzz(func(t *testing.T, text string) {
		out, err := Parse(strings.NewReader(text))
		require.NoError(t, err)
		require.GreaterOrEqual(t, out.Lines*strings.Count(text, "\t")+len(text), len(out.Values))
		for _, v := range out.Values {
			require.NotEmpty(t, v.Unit)
		}
	})
}
