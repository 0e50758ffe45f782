package gc

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// explained are the cycles of a recording, with their triggers.
func explained(t *testing.T, text string, s Settings) *Report {
	t.Helper()
	trace, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	l, err := s.limits()
	require.NoError(t, err)
	trace.explain(l)
	report := new(Report)
	trace.report(report)
	return report
}

// tiny calls runtime.GC once, and then sleeps for more than two minutes.
func TestTriggersOfRecordings(t *testing.T) {
	for name, text := range recorded(t) {
		forced := strings.Count(text, "P (forced)") // now and then it takes two cycles
		require.Positive(t, forced)
		switch {
		case strings.HasSuffix(name, "-limit"):
			report := explained(t, text, Settings{GOGC: "off", GOMEMLIMIT: "8MiB"})
			require.Equal(t, map[Trigger]int{MemoryLimit: report.NumGC - forced, Forced: forced}, report.Count(), name)
			require.Greater(t, report.NumGC, 50)
			require.Regexp(t, "^goal [23]MiB; GOGC=off asks for none; GOMEMLIMIT=8MiB$", report.Cycles[0].Evidence)
		case strings.HasSuffix(name, "-pacer-scav"):
			report := explained(t, text, Settings{})
			require.Equal(t, map[Trigger]int{HeapGoal: report.NumGC - forced, Forced: forced}, report.Count(), name)
		default:
			report := explained(t, text, Settings{})
			require.Equal(t, map[Trigger]int{HeapGoal: report.NumGC - forced - 1, Forced: forced, Periodic: 1}, report.Count(), name)
			require.Equal(t, Forced, report.Cycles[report.NumGC-2].Trigger)
			require.Regexp(t, `"GC forced" is before the line, 2m[0-9.]+s after the cycle before`, last(report, Periodic).Evidence)

			// The same by the time that has passed, where the word is lost.
			report = explained(t, strings.ReplaceAll(text, "GC forced\n", ""), Settings{})
			require.Equal(t, 1, report.Count()[Periodic], name)
			require.Regexp(t, `^2m[0-9.]+s after the cycle before, with a heap of [34]MiB and a goal of \dMiB$`, last(report, Periodic).Evidence)
		}
	}
}

// A limit of memory shows in goals that GOGC would not have.
func TestGoalBelowGOGC(t *testing.T) {
	l, err := Settings{GOMEMLIMIT: "64MiB"}.limits()
	require.NoError(t, err)
	for _, c := range []struct {
		basis basis
		want  Trigger
	}{
		{basis{live: 30 << 20, goal: 60 << 20}, HeapGoal},
		{basis{live: 30 << 20, goal: 60<<20 - 1}, MemoryLimit},
		{basis{live: 30 << 20, goal: 60<<20 - 1, step: 1<<20 - 1}, HeapGoal},
		{basis{live: 30 << 20, goal: 59 << 20, step: 1<<20 - 1}, MemoryLimit}, // less than 60, and live may be more
		{basis{live: 30 << 20, goal: 64 << 20}, HeapGoal},                     // a large allocation moves it up
		{basis{live: 30 << 20, stacks: 2 << 20, globals: 1 << 20, goal: 62 << 20}, MemoryLimit},
		{basis{live: 1 << 20, goal: 4 << 20}, HeapGoal}, // the least there is
		{basis{live: 1 << 20, goal: 3 << 20}, MemoryLimit},
	} {
		got, evidence := l.byGoal(c.basis)
		require.Equal(t, c.want, got, "%+v", c.basis)
		require.NotEmpty(t, evidence)
	}
	_, evidence := l.byGoal(basis{live: 30 << 20, goal: 45 << 20})
	require.Equal(t, "goal 45MiB; GOGC=100 asks for 60MiB after 30MiB live; GOMEMLIMIT=64MiB", evidence)

	unknown := limits{percent: 100, memory: math.MaxInt64}
	trigger, evidence := unknown.byGoal(basis{live: 30 << 20, goal: 45 << 20})
	require.Equal(t, HeapGoal, trigger)
	require.Contains(t, evidence, "no GOMEMLIMIT is known")
}

// In process there is no word for it: it is by the time.
func TestPeriodicInProcess(t *testing.T) {
	r := reading{heap: 4 << 20, live: 4 << 20, goal: 8 << 20, gogc: 100, memory: math.MaxInt64}
	for _, c := range []struct {
		gap  time.Duration
		heap uint64
		want Trigger
	}{
		{2*time.Minute + time.Millisecond, 4 << 20, Periodic},
		{time.Minute, 4 << 20, HeapGoal},
		{3 * time.Minute, 7 << 20, HeapGoal}, // so far it has come by itself
	} {
		r.heap = c.heap
		got, evidence := r.trigger(c.gap, 0)
		require.Equal(t, c.want, got, evidence)
	}
}

func TestForcedAmongOthers(t *testing.T) {
	readings := []reading{
		{gogc: 100, memory: math.MaxInt64},
		{gogc: 100, memory: math.MaxInt64, numGC: 3, forced: 1},
		{gogc: 100, memory: math.MaxInt64, numGC: 4, forced: 3}, // the second is not among the pauses yet
		{gogc: 100, memory: math.MaxInt64, numGC: 5, forced: 3},
	}
	r := reader{readings: readings}
	for n, at := range []int{1, 1, 1, 2, 3} {
		r.pauses = append(r.pauses, pause{n: int64(n + 1), reading: at})
	}
	var triggers []Trigger
	for _, c := range r.cycles() {
		triggers = append(triggers, c.Trigger)
	}
	require.Equal(t, []Trigger{Forced, HeapGoal, HeapGoal, Forced, Forced}, triggers)
	require.Contains(t, r.cycles()[0].Evidence, "1 of 3 cycles between two readings were forced; which of them is not known")
}

func TestSettingsAsTheRuntimeReadsThem(t *testing.T) {
	for _, c := range []struct {
		settings Settings
		want     limits
	}{
		{Settings{}, limits{percent: 100, memory: math.MaxInt64}},
		{Settings{"off", "off"}, limits{percent: 100, off: true, memory: math.MaxInt64}},
		{Settings{"-1", ""}, limits{off: true, memory: math.MaxInt64}},
		{Settings{"50", "1000"}, limits{percent: 50, memory: 1000}},
		{Settings{"x", "7B"}, limits{percent: 100, memory: 7}},
		{Settings{"0", "3KiB"}, limits{memory: 3 << 10}},
		{Settings{"", "2GiB"}, limits{percent: 100, memory: 2 << 30}},
		{Settings{"", "2TiB"}, limits{percent: 100, memory: 2 << 40}},
	} {
		got, err := c.settings.limits()
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%+v", c.settings)
	}
	for _, text := range []string{"1GB", "-1", "1.5GiB", "KiB", "99999999TiB", "64 MiB", "1KiBB"} {
		_, err := Settings{GOMEMLIMIT: text}.limits()
		require.ErrorContains(t, err, "no number of bytes", text)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{0: "0B", 1023: "1023B", 4 << 20: "4MiB", 1536 << 10: "1.5MiB", 123456789: "117MiB", 3 << 40: "3TiB"} {
		require.Equal(t, want, size(n))
	}
}
