package gc

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// measure has a probe measure for a second.
func measure(t *testing.T, o Options) (*bench.Run, *Report) {
	t.Helper()
	o.Quick = true
	if o.Duration == 0 {
		o.Duration, o.WarmUp = time.Second, 200*time.Millisecond
	}
	probe := New(o)
	require.Equal(t, "gc", probe.Name())
	run, err := bench.Once(t.Context(), probe)
	require.NoError(t, err)
	return run, probe.Report()
}

// settings changes GOGC and GOMEMLIMIT for a test.
func settings(t *testing.T, gogc int, memory int64) {
	t.Helper()
	oldGOGC, oldMemory := debug.SetGCPercent(gogc), debug.SetMemoryLimit(memory)
	t.Cleanup(func() {
		debug.SetGCPercent(oldGOGC)
		debug.SetMemoryLimit(oldMemory)
	})
}

func number(t *testing.T, run *bench.Run, metric string) float64 {
	t.Helper()
	for _, v := range run.Values {
		if strings.HasPrefix(v.Name, metric+"/") {
			return v.Number
		}
	}
	require.Fail(t, "no value "+metric)
	return 0
}

func TestEachWorkload(t *testing.T) {
	for _, name := range Workloads() {
		t.Run(name, func(t *testing.T) {
			settings(t, 50, math.MaxInt64)
			run, report := measure(t, Options{Workload: name, Duration: 1500 * time.Millisecond, WarmUp: 500 * time.Millisecond})
			require.Positive(t, report.NumGC)
			require.Len(t, report.Cycles, report.NumGC)
			require.Zero(t, report.Lost)
			require.Equal(t, "50", run.Get("gogc"))
			require.Equal(t, "off", run.Get("gomemlimit"))
			require.NotZero(t, report.Checksum)

			var sum time.Duration
			for i, c := range report.Cycles {
				require.Equal(t, i+1, c.N)
				require.Positive(t, c.Pause)
				require.NotEmpty(t, c.Evidence)
				sum += c.Pause
			}
			require.Equal(t, report.PauseTotal, sum, "each pause is there once")
			require.Len(t, run.Series[0].Samples, report.NumGC)
			require.Equal(t, report.NumGC, report.Count()[HeapGoal])
			require.Greater(t, len(report.Heap), 2)
			for _, p := range report.Heap {
				require.Positive(t, p.Live)
				require.GreaterOrEqual(t, p.Goal, p.Live)
				require.Positive(t, p.Total)
			}
			require.NotNil(t, report.CPU)
			parts := report.CPU.Assist + report.CPU.Background + report.CPU.Idle + report.CPU.Pause
			require.InDelta(t, report.CPU.GC, parts, 0.01)
			require.InDelta(t, 50, report.CPU.GC, 50)

			var kept Report
			require.NoError(t, json.Unmarshal(run.Detail, &kept))
			require.Equal(t, *report, kept, "the cycles are in the JSON of the run")
			require.NoError(t, bench.Write(new(strings.Builder), &bench.Set{Schema: bench.Schema, Runs: []*bench.Run{run}}))
		})
	}
}

func TestMemoryLimitIsTheTrigger(t *testing.T) {
	settings(t, 100, 24<<20)
	run, report := measure(t, Options{})
	require.Positive(t, report.NumGC)
	require.Greater(t, report.Count()[MemoryLimit], report.NumGC/2, "%v", report.Count())
	require.Contains(t, last(report, MemoryLimit).Evidence, "GOMEMLIMIT=24MiB")
	require.Equal(t, "25165824", run.Get("gomemlimit"))

	debug.SetMemoryLimit(math.MaxInt64) // the control
	_, report = measure(t, Options{})
	require.Zero(t, report.Count()[MemoryLimit])
}

func last(r *Report, trigger Trigger) (found Cycle) {
	for _, c := range r.Cycles {
		if c.Trigger == trigger {
			found = c
		}
	}
	return found
}

func TestForcedOnesAreCounted(t *testing.T) {
	settings(t, -1, math.MaxInt64)
	var stop atomic.Bool
	done := make(chan struct{})
	go func() { // all the time: when the measurement begins, a busy machine decides
		defer close(done)
		for ; !stop.Load(); time.Sleep(50 * time.Millisecond) {
			runtime.GC()
		}
	}()
	run, report := measure(t, Options{Duration: 1500 * time.Millisecond, WarmUp: 100 * time.Millisecond})
	stop.Store(true)
	<-done
	require.GreaterOrEqual(t, report.NumGC, 2) // how many there are, a busy machine decides as well
	require.Equal(t, map[Trigger]int{Forced: report.NumGC}, report.Count())
	require.EqualValues(t, report.NumGC, number(t, run, "Trigger-forced"))
	require.Equal(t, "off", run.Get("gogc"))
}

func TestWithoutACollectorThereIsNoCycle(t *testing.T) {
	settings(t, -1, math.MaxInt64)
	run, report := measure(t, Options{})
	require.Zero(t, report.NumGC)
	require.Empty(t, report.Cycles)
	require.Nil(t, report.CPU)
	require.Zero(t, number(t, run, "NumGC"))
	require.Zero(t, number(t, run, "Goal-max"), "there is none")
	require.Positive(t, number(t, run, "Allocated"))
}

func TestLargerGOGCHasFewerCycles(t *testing.T) {
	cycles := func(gogc int) int {
		debug.SetGCPercent(gogc)
		runtime.GC()
		_, report := measure(t, Options{Duration: 1500 * time.Millisecond, WarmUp: 300 * time.Millisecond})
		return report.NumGC
	}
	settings(t, 100, math.MaxInt64)
	often, seldom := cycles(50), cycles(400)
	require.Greater(t, often, 2*seldom, "%d cycles with GOGC=50, %d with 400", often, seldom)
}

func TestEndedEarlyIsPartial(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	probe := New(Options{WarmUp: 100 * time.Millisecond})
	run, err := bench.Once(ctx, probe)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, run.Partial)
	require.NotEmpty(t, run.Series)
	require.Less(t, probe.Report().Wall, 5*time.Second)
	require.Positive(t, probe.Report().Wall)

	_, err = bench.Once(t.Context(), New(Options{Workload: "none"}))
	require.ErrorContains(t, err, `no workload is named "none": small, large, maps`)
}

// More cycles than the ring holds between two readings are counted, and not made up.
func TestLostPausesAreCounted(t *testing.T) {
	settings(t, -1, math.MaxInt64)
	r := newReader(time.Second)
	r.read()
	for range ring + 44 {
		runtime.GC()
	}
	r.read()
	report := new(Report)
	r.report(report)
	require.Equal(t, 44, report.Lost)
	require.Equal(t, ring+44, report.NumGC)
	require.Len(t, report.Cycles, ring)
	require.Equal(t, 45, report.Cycles[0].N)
	require.Equal(t, ring+44, report.Cycles[ring-1].N)
}

func TestReadingAllocatesNothing(t *testing.T) {
	r := newReader(time.Minute)
	require.Zero(t, testing.AllocsPerRun(100, r.read))
	p := newPressureReader(os.DirFS("/"), time.Minute)
	require.Zero(t, testing.AllocsPerRun(100, func() { p.read(time.Second) }))
	p.end()
}

// runtime.ReadMemStats stops the world: whoever calls it measures himself.
func TestNobodyStopsTheWorld(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if !strings.HasSuffix(name, "_test.go") {
			require.NotContains(t, string(text), "MemStats(", name)
		}
	}
	require.NotEmpty(t, files)
}

func TestWorkloadsAreDeterministic(t *testing.T) {
	for _, w := range workloads() {
		run := func(seed uint64) (int, uint64) {
			step, sum := w.make(seed, 2)
			done := 0
			for range 50 {
				done += step(4 << 20)
			}
			return done, sum()
		}
		done, sum := run(1)
		again, sumAgain := run(1)
		require.Equal(t, done, again, w.name)
		require.Equal(t, sum, sumAgain, w.name)
		_, other := run(2)
		require.NotEqual(t, sum, other, w.name)
		require.NotZero(t, sum)
		require.NotEmpty(t, w.about)
	}
}

// The rate is a bound, on however fast a machine.
func TestWorkIsPaced(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	total, begin := 0, time.Now()
	paced(ctx, 1e9, func(n int) int { total += n; return n })
	require.Positive(t, total)
	require.LessOrEqual(t, float64(total), 1e9*time.Since(begin).Seconds()+1e9/200)
}

// Who was held up for long does not make up for all of it.
func TestLateWorkIsDropped(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	total, begin := 0, time.Now()
	paced(ctx, 1e6, func(n int) int {
		if total == 0 {
			time.Sleep(300 * time.Millisecond)
		}
		total += n
		return n
	})
	require.Positive(t, total)
	require.LessOrEqual(t, float64(total), 1e6*(time.Since(begin).Seconds()-0.15))
}

func TestPressureOfBothVersions(t *testing.T) {
	v2 := fstest.MapFS{
		"proc/self/cgroup":               file("0::/a/b\n"),
		"proc/self/mountinfo":            file("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
		"proc/pressure/memory":           file("some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=200\n"),
		"proc/meminfo":                   file("MemTotal:  100 kB\nMemAvailable:    77 kB\n"),
		"sys/fs/cgroup/a/memory.current": file("900\n"), "sys/fs/cgroup/a/memory.max": file("1000\n"), "sys/fs/cgroup/a/memory.high": file("max\n"),
		"sys/fs/cgroup/a/b/memory.current": file("500\n"), "sys/fs/cgroup/a/b/memory.max": file("max\n"), "sys/fs/cgroup/a/b/memory.high": file("800\n"),
		"sys/fs/cgroup/a/b/memory.events": file("low 0\nhigh 3\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"),
	}
	p := newPressureReader(v2, time.Second)
	p.read(time.Second)
	got := p.end()
	require.Equal(t, "/sys/fs/cgroup/a", got.Group, "100 bytes of room are less than 300")
	require.Equal(t, []Memory{{At: time.Second, Current: 900, Max: 1000, Available: 77 << 10}}, got.Samples)
	require.Equal(t, map[string]uint64{"low": 0, "high": 0, "max": 0, "oom": 0, "oom_kill": 0}, got.Events)
	require.Empty(t, got.Absent)

	v1 := fstest.MapFS{
		"proc/self/cgroup":                                 file("4:memory:/c\n0::/\n"),
		"proc/self/mountinfo":                              file("31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"),
		"sys/fs/cgroup/memory/c/memory.usage_in_bytes":     file("600\n"),
		"sys/fs/cgroup/memory/c/memory.limit_in_bytes":     file("9223372036854771712\n"),
		"sys/fs/cgroup/memory/c/memory.failcnt":            file("5\n"),
		"sys/fs/cgroup/memory/memory.usage_in_bytes":       file("700\n"),
		"sys/fs/cgroup/memory/memory.limit_in_bytes":       file("9223372036854771712\n"),
		"sys/fs/cgroup/memory/memory.kmem.limit_in_bytes":  file("1\n"),
		"sys/fs/cgroup/memory/c/memory.soft_limit_in_byte": file("1\n"),
	}
	p = newPressureReader(v1, time.Second)
	p.read(0)
	got = p.end()
	require.Equal(t, []Memory{{Current: 600}}, got.Samples)
	require.Equal(t, map[string]uint64{"failcnt": 0}, got.Events)
	require.Equal(t, []string{"proc/pressure/memory", "MemAvailable"}, got.Absent)

	p = newPressureReader(fstest.MapFS{}, time.Second)
	p.read(0)
	require.Equal(t, []string{"memory.current", "memory.events", "proc/pressure/memory", "MemAvailable"}, p.end().Absent)
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// What the kernel says anew is read anew, as the difference since the beginning.
func TestPressureGrows(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("proc/self/cgroup", "0::/\n")
	write("proc/self/mountinfo", "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n")
	write("cg/memory.current", "5\n")
	write("cg/memory.events", "low 0\nhigh 3\nmax 1\noom 0\noom_kill 0\n")
	write("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=200\n")
	p := newPressureReader(os.DirFS(dir), time.Second)
	write("cg/memory.current", "7000\n")
	write("cg/memory.events", "low 0\nhigh 13\nmax 1\noom 0\noom_kill 1\n")
	write("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=207\n")
	p.read(0)
	got := p.end()
	require.Equal(t, []Memory{{Current: 7000, Some: 500 * time.Microsecond, Full: 7 * time.Microsecond}}, got.Samples)
	require.Equal(t, map[string]uint64{"low": 0, "high": 10, "max": 0, "oom": 0, "oom_kill": 1}, got.Events)
	require.Equal(t, []string{"MemAvailable"}, got.Absent)
}
