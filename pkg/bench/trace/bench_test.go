package trace_test

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	exptrace "golang.org/x/exp/trace"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// readAlone is the reader of x/exp without anything that looks at its events.
func readAlone(t testing.TB, b []byte) (events int64) {
	t.Helper()
	r, err := exptrace.NewReader(bufio.NewReaderSize(bytes.NewReader(b), 1<<16))
	require.NoError(t, err)
	for ; ; events++ {
		if _, err := r.ReadEvent(); err == io.EOF {
			return events
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkAnalyze tells how many times as long an analysis takes as the reader alone,
// which takes turns with it: ratio is the median over the turns.
//
//	go test -run '^$' -bench Analyze -benchtime 10x ./pkg/bench/trace
func BenchmarkAnalyze(b *testing.B) {
	var out bytes.Buffer
	churn(b, &out, 16<<20)
	file := out.Bytes()
	var events int64
	var ratios []float64
	var alone, whole time.Duration
	b.ResetTimer()
	for b.Loop() {
		begin := time.Now()
		events = readAlone(b, file)
		middle := time.Now()
		_, err := trace.Analyze(b.Context(), bytes.NewReader(file), trace.Options{})
		require.NoError(b, err)
		end := time.Now()
		ratios = append(ratios, float64(end.Sub(middle))/float64(middle.Sub(begin)))
		alone, whole = alone+middle.Sub(begin), whole+end.Sub(middle)
	}
	slices.Sort(ratios)
	n := float64(len(ratios)) * float64(events)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(ratios[0], "least-ratio")
	b.ReportMetric(ratios[len(ratios)-1], "most-ratio")
	b.ReportMetric(float64(alone)/n, "alone-ns/event")
	b.ReportMetric(float64(whole)/n, "analyze-ns/event")
	b.ReportMetric(float64(len(file))/1e6, "MB")
}
