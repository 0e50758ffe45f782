package sched

import (
	"context"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// small has all methods, each for some 150 ms.
func small(only ...string) *probe {
	p := &probe{Options{Quick: true, Only: only}, methods()}
	for i := range p.methods {
		m := &p.methods[i]
		if m.quick == (budget{}) {
			m.quick = m.full // what quick leaves out is tested, too
		}
		m.quick.samples = min(m.quick.samples, 400)
		m.quick.time = 150 * time.Millisecond
	}
	return p
}

// measured is a run of one small probe.
func measured(t *testing.T, only ...string) *bench.Run {
	t.Helper()
	run := new(bench.Run)
	require.NoError(t, small(only...).Measure(t.Context(), run))
	return run
}

func TestEachMethodGivesSeries(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one CPU")
	}
	run, err := bench.Once(t.Context(), small())
	require.NoError(t, err)
	want := map[string]bench.Role{
		"Gosched": bench.Diagnostic, "SameP": bench.Diagnostic, "Gosched/thread=locked": bench.Diagnostic,
		"CrossP/park=50us": bench.Headline, "CrossP/park=2ms": bench.Headline, "CrossP/park=50us/gc=on": bench.Diagnostic,
		"KernelTimer/every=1ms": bench.Headline, "GoTimer/every=1ms": bench.Headline,
		"GoTimer/every=10ms/busy=": bench.Headline, "SchedLatencies": bench.Diagnostic,
	}
	name := regexp.MustCompile(`^([A-Z]\S*?)\d*/procs=\d+/cpus=\d+$`)
	got := make(map[string]bench.Role)
	for _, s := range run.Series {
		found := name.FindStringSubmatch(s.Name)
		require.NotNil(t, found, s.Name)
		if found[1] == "SpinGap" {
			continue // a quiet machine has none
		}
		got[found[1]] = s.Role
		require.Equal(t, "ns", s.Unit, s.Name)
		require.Positive(t, s.Quantile(0.5), s.Name)
		require.Positive(t, s.Batch, s.Name)
		require.GreaterOrEqual(t, slices.Min(append(s.Samples, 1)), int64(0), "%s: a sample was not taken", s.Name)
	}
	require.Equal(t, want, got)
	for _, v := range []string{"ClockCost/reads=1", "ClockCost/reads=2", "ClockStep", "KernelTimerFloor", "SampleCost", "TimerQuantum"} {
		i := slices.IndexFunc(run.Values, func(have bench.Value) bool { return have.Name == v })
		require.GreaterOrEqual(t, i, 0, v)
		require.Positive(t, run.Values[i].Number, v)
		require.Equal(t, bench.Floor, run.Values[i].Role, v)
	}
}

func TestOnlySomeMethods(t *testing.T) {
	run := measured(t, "A1", "C3")
	require.Len(t, run.Series, 2)
	require.Regexp(t, "^Gosched/procs=", run.Series[0].Name)
	require.Regexp(t, "^KernelTimer/", run.Series[1].Name)
	err := New(Options{Only: []string{"Z9"}}).Measure(t.Context(), new(bench.Run))
	require.EqualError(t, err, `no method is named "Z9": they are A1 B1 A2 B3 C3 C1 C4 E D`)
}

func TestQuickLeavesOutTheCollector(t *testing.T) {
	p := New(Options{Quick: true}).(*probe)
	for _, m := range p.methods {
		require.Equal(t, m.name != "CrossP/park=50us/gc=on", m.quick != budget{}, m.name)
		require.LessOrEqual(t, m.quick.time, m.full.time, m.name)
	}
}

func TestOneCPULeavesCrossPOut(t *testing.T) {
	done := make(chan *bench.Run)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		var set unix.CPUSet
		_ = unix.SchedGetaffinity(0, &set)
		first := 0
		for !set.IsSet(first) {
			first++
		}
		set.Zero()
		set.Set(first)
		_ = unix.SchedSetaffinity(0, &set)
		run := new(bench.Run)
		_ = small("B3", "A1").Measure(context.Background(), run)
		done <- run
	}()
	run := <-done
	require.Len(t, run.Series, 1)
	require.Regexp(t, `^Gosched/procs=\d+/cpus=1$`, run.Series[0].Name)
	require.Regexp(t, "^only one CPU may be used", run.Get("sched-without-B3"))
}

func TestOnePLeavesCrossPOut(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	run := measured(t, "B3", "B1", "C3", "E")
	require.Regexp(t, "^GOMAXPROCS is 1", run.Get("sched-without-B3"))
	for _, s := range run.Series {
		require.NotContains(t, s.Name, "CrossP")
		require.Contains(t, s.Name, "/procs=1/")
	}
}

// The collector is as it was, however a run ends.
func TestTheCollectorIsRestored(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	ctx, cancel := context.WithCancel(t.Context())
	measured(t, "B3")
	cancel()
	require.ErrorIs(t, small().Measure(ctx, new(bench.Run)), context.Canceled)
	require.Equal(t, 77, debug.SetGCPercent(77))
}

func TestACancelledRunHasWhatThereIs(t *testing.T) {
	for _, id := range Methods() {
		// The warm-up of 0.1 s comes first, which takes seconds where twenty others want
		// the CPU: then there is more time.
		for after := time.Second; ; after *= 4 {
			run := cancelled(t, id, after)
			if id == "E" { // a quiet machine has none
				break
			}
			if len(run.Series) == 1 && len(run.Series[0].Samples)+run.Series[0].Count > 0 {
				break
			}
			require.Less(t, after, 10*time.Second, "%s: %v", id, run.Series)
		}
	}
}

// cancelled is a run of a method without an end of its own.
func cancelled(t *testing.T, id string, after time.Duration) *bench.Run {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := small(id)
	for i := range p.methods {
		m := &p.methods[i]
		m.quick = budget{1 << 22, time.Hour}
		sample := m.sample
		m.sample = func(s *state, m method, b budget) (bench.Series, error) {
			time.AfterFunc(after, cancel)
			return sample(s, m, b)
		}
	}
	begin := time.Now()
	run, err := bench.Once(ctx, p)
	require.ErrorIs(t, err, context.Canceled, id)
	require.True(t, run.Partial, id)
	require.Less(t, time.Since(begin), after+10*time.Second, id)
	return run
}

func TestNoSamplesAreNoSeries(t *testing.T) {
	p, run := small("B3", "C3"), new(bench.Run)
	for i := range p.methods {
		p.methods[i].quick = budget{0, time.Second}
	}
	require.NoError(t, p.Measure(t.Context(), run))
	require.Empty(t, run.Series)
}

func TestSamplingDoesNotAllocate(t *testing.T) {
	for i, m := range small().methods {
		if m.id == "D" || m.name == "CrossP/park=50us/gc=on" {
			continue // no samples; garbage on purpose
		}
		var few, many float64
		// Something else in this process may allocate. It does not each time.
		for try := 0; try < 5 && (try == 0 || many-few > 20); try++ {
			few, many = allocated(t, i, 50), allocated(t, i, 350)
		}
		require.LessOrEqual(t, many-few, 20.0, "%s: objects for 300 samples more", m.name)
	}
}

// allocated is how many objects a method allocates for so many samples.
func allocated(t *testing.T, method, samples int) float64 {
	t.Helper()
	m := small().methods[method]
	m.interval = min(m.interval, time.Millisecond)
	s, err := newState(new(bench.Run), true)
	require.NoError(t, err)
	s.step = 10
	b := budget{samples, 10 * time.Second}
	if m.id == "E" { // it lasts as long as it may, however many gaps there are
		b.time = time.Duration(samples) * time.Millisecond
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = m.sample(s, m, b)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	return float64(after.Mallocs - before.Mallocs)
}
