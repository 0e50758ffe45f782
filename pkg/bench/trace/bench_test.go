package trace_test

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	exptrace "golang.org/x/exp/trace"
	"golang.org/x/sys/unix"

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
// which takes turns with it: ratio is the median over the turns, from least to most.
// cpu-ratio is the same of the time that all threads had a CPU.
//
//	go test -run '^$' -bench Analyze -benchtime 10x ./pkg/bench/trace
func BenchmarkAnalyze(b *testing.B) {
	file := program(b, "churn", "16000000", "0s")
	var events int64
	var ratios, cpu []float64
	var alone, whole spent
	b.ResetTimer()
	for b.Loop() {
		first := measure(b, func() { events = readAlone(b, file) })
		second := measure(b, func() {
			_, err := trace.Analyze(b.Context(), bytes.NewReader(file), trace.Options{})
			require.NoError(b, err)
		})
		ratios = append(ratios, float64(second.wall)/float64(first.wall))
		cpu = append(cpu, float64(second.cpu)/float64(first.cpu))
		alone, whole = alone.plus(first), whole.plus(second)
	}
	slices.Sort(ratios)
	slices.Sort(cpu)
	n := float64(len(ratios)) * float64(events)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(ratios[0], "least")
	b.ReportMetric(ratios[len(ratios)-1], "most")
	b.ReportMetric(cpu[len(cpu)/2], "cpu-ratio")
	b.ReportMetric(float64(alone.cpu)/n, "reader-cpu-ns/event")
	b.ReportMetric(float64(whole.cpu)/n, "cpu-ns/event")
	b.ReportMetric(float64(len(file))/1e6, "MB")
}

// spent is time by the clock, and by the CPUs.
type spent struct{ wall, cpu time.Duration }

func (s spent) plus(o spent) spent { return spent{s.wall + o.wall, s.cpu + o.cpu} }

func measure(b *testing.B, f func()) spent {
	b.Helper()
	runtime.GC()
	begin, before := time.Now(), cpuTime(b)
	f()
	return spent{time.Since(begin), cpuTime(b) - before}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
