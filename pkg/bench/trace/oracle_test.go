package trace_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	rt "runtime/trace"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// recorded is a trace of testdata, as it was before gzip.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".trace.gz"))
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return b
}

// versions are those that testdata/record has recorded with.
var versions = []string{"go1.22", "go1.23", "go1.24", "go1.25", "go1.26"}

func analyze(t testing.TB, b []byte) *trace.Report {
	t.Helper()
	report, err := trace.Analyze(t.Context(), bytes.NewReader(b), trace.Options{})
	require.NoError(t, err)
	return report
}

// goTool is the profile that go tool trace makes of a trace.
func goTool(t testing.TB, file, kind string) *profile.Profile {
	t.Helper()
	cmd := exec.Command("go", "tool", "trace", "-pprof="+kind, file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	p, err := profile.ParseData(out)
	require.NoError(t, err)
	return p
}

// byStack is a profile as text: the values of each stack, and those of all.
func byStack(p *profile.Profile) (stacks map[string][2]int64, all [2]int64) {
	stacks = make(map[string][2]int64)
	for _, s := range p.Sample {
		key := ""
		for _, l := range s.Location {
			if l.Address == 0 {
				continue // go tool trace may show a stack that is none as one that is nowhere
			}
			key += fmt.Sprintf("%x %s %s:%d\n", l.Address, l.Line[0].Function.Name, l.Line[0].Function.Filename, l.Line[0].Line)
		}
		v := stacks[key]
		stacks[key] = [2]int64{v[0] + s.Value[0], v[1] + s.Value[1]}
		all = [2]int64{all[0] + s.Value[0], all[1] + s.Value[1]}
	}
	return stacks, all
}

// requireAsGoTool holds a report against go tool trace on the same file, stack by stack.
func requireAsGoTool(t *testing.T, b []byte, report *trace.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace.out")
	require.NoError(t, os.WriteFile(file, b, 0o644))
	for kind, p := range map[string]*profile.Profile{"syscall": report.SyscallProfile(), "sched": report.SchedulerProfile()} {
		require.NoError(t, p.CheckValid())
		want, wantAll := byStack(goTool(t, file, kind))
		got, gotAll := byStack(p)
		require.Equal(t, want, got, kind)
		require.Equal(t, wantAll, gotAll, kind)
		require.NotZero(t, gotAll[0], kind)
	}
	rows := make(map[string]bool)
	for _, s := range report.Syscalls.Sites {
		require.False(t, rows[fmt.Sprint(s.Stack)], "two rows of one stack")
		rows[fmt.Sprint(s.Stack)] = true
	}
	for _, s := range report.Scheduler.Sites {
		key := s.Cause.Cause + fmt.Sprint(s.Stack)
		require.False(t, rows[key], "two rows of one cause and stack")
		rows[key] = true
		for _, f := range s.Stack {
			require.NotZero(t, f.PC)
		}
	}
	s, w := report.Syscalls, report.Scheduler
	_, calls := byStack(report.SyscallProfile())
	require.Equal(t, calls, [2]int64{s.Count - s.LeftOut.Count, int64(s.Total - s.LeftOut.Total)})
	_, waits := byStack(report.SchedulerProfile())
	require.Equal(t, waits, [2]int64{w.Count - w.LeftOut.Count, int64(w.Total - w.LeftOut.Total)})
}

func TestAsGoTool(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := recorded(t, version)
			requireAsGoTool(t, b, analyze(t, b))
		})
	}
}

// program builds a program of testdata and returns the trace that it writes.
func program(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	var stderr bytes.Buffer
	build := exec.Command("go", "build", "-o", file, "./testdata/"+name)
	build.Stderr = &stderr
	require.NoError(t, build.Run(), "%s", &stderr)
	cmd := exec.Command(file, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)
	return out
}

// Stacks, goroutines and waits go on from one generation to the next.
func TestAsGoToolOverGenerations(t *testing.T) {
	t.Parallel()
	b := program(t, "churn", "500000", "2500ms")
	report := analyze(t, b)
	require.Greater(t, report.Generations, 1)
	requireAsGoTool(t, b, report)
}

// A trace of the flight recorder begins in the midst of it, with Ps and goroutines that
// say only later what they do.
func TestAsGoToolOfTheFlightRecorder(t *testing.T) {
	t.Parallel()
	recorder := rt.NewFlightRecorder(rt.FlightRecorderConfig{MinAge: time.Second})
	require.NoError(t, recorder.Start())
	defer recorder.Stop()
	ask, begin := make(chan int), time.Now()
	go func() {
		for range ask {
			_, _ = os.Stat("/")
		}
	}()
	for time.Since(begin) < 2300*time.Millisecond {
		ask <- 1
		time.Sleep(time.Millisecond)
	}
	close(ask)
	var b bytes.Buffer
	_, err := recorder.WriteTo(&b)
	require.NoError(t, err)
	report := analyze(t, b.Bytes())
	requireAsGoTool(t, b.Bytes(), report)
	require.WithinRange(t, *report.Started, begin.Add(-time.Second), time.Now())
	require.WithinRange(t, report.Started.Add(report.Duration), begin, time.Now().Add(time.Second))
}

// Batches that the reader knows nothing about are no part of the report.
func TestAsGoToolWithExperiments(t *testing.T) {
	t.Setenv("GODEBUG", "traceallocfree=1")
	b := program(t, "churn", "200000", "0s")
	requireAsGoTool(t, b, analyze(t, b))
}

// Of goroutines that C calls into being go tool trace knows the last of each number.
func TestAsGoToolWithCallbacks(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		require.Empty(t, os.Getenv("REQUIRE_GCC"), "gcc is not on PATH")
		t.Skip("gcc is not on PATH")
	}
	t.Parallel()
	b := program(t, "callback")
	report := analyze(t, b)
	requireAsGoTool(t, b, report)
	var reads trace.SyscallSite
	for _, s := range report.Syscalls.Sites {
		if s.Stack.Call() == "syscall.read" {
			reads = s
		}
	}
	require.EqualValues(t, 120, reads.Count) // 20 times two threads, three calls of each
	require.NotZero(t, reads.LeftOut.Count)
}
