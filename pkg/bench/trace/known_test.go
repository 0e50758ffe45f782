package trace_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// has reports whether a function is in a stack.
func has(s trace.Stack, name string) bool {
	return slices.ContainsFunc(s, func(f trace.Frame) bool { return f.Func == name })
}

func call(t *testing.T, r *trace.Report, caller string) trace.SyscallSite {
	t.Helper()
	i := slices.IndexFunc(r.Syscalls.Sites, func(s trace.SyscallSite) bool { return has(s.Stack, caller) })
	require.GreaterOrEqual(t, i, 0, caller)
	return r.Syscalls.Sites[i]
}

func wakeup(t *testing.T, r *trace.Report, cause, caller string) trace.Wakeup {
	t.Helper()
	i := slices.IndexFunc(r.Scheduler.Sites, func(s trace.Wakeup) bool { return s.Cause.Cause == cause && has(s.Stack, caller) })
	require.GreaterOrEqual(t, i, 0, "%s %s", cause, caller)
	return r.Scheduler.Sites[i]
}

// What testdata/known/main.go has done is what the report says, by each version of Go.
func TestKnown(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			r := analyze(t, recorded(t, version))
			require.Equal(t, 2, r.GOMAXPROCS)
			require.GreaterOrEqual(t, r.Generations, 2)

			reads := call(t, r, "main.readOne")
			require.EqualValues(t, 5, reads.Count)
			require.EqualValues(t, 5, reads.LostP)
			require.EqualValues(t, 5, reads.Lost.Retaken)
			require.Greater(t, reads.Total, (4*29+1190)*time.Millisecond)
			require.Equal(t, reads.Total, reads.WithP+reads.Without)
			require.Greater(t, reads.Max, 1190*time.Millisecond)
			require.Less(t, reads.P50, 1190*time.Millisecond)
			require.Equal(t, "syscall.read", reads.Stack.Call())
			require.Equal(t, "main.readOne", reads.Stack.Caller().Func)
			require.EqualValues(t, 200, call(t, r, "main.shortWrites").Count)

			require.EqualValues(t, 20, wakeup(t, r, "yielded", "main.yields").Count)
			require.EqualValues(t, 100, wakeup(t, r, "unblocked", "main.wakes.func1").Count)
			created := wakeup(t, r, "created", "main.compete")
			require.EqualValues(t, 4, created.Count)
			require.Equal(t, trace.Sum{Count: 4, Total: created.Total}, created.LeftOut)
			require.True(t, slices.ContainsFunc(r.Scheduler.Causes, func(c trace.Cause) bool { return c.Cause == "preempted" }))
			require.NotZero(t, r.Scheduler.Migrations)

			i := slices.IndexFunc(r.LongRuns.Places, func(l trace.LongRun) bool { return has(l.Stack, "main.spin") })
			require.GreaterOrEqual(t, i, 0)
			require.EqualValues(t, 1, r.LongRuns.Places[i].Count)
			require.Greater(t, r.LongRuns.Places[i].Max, 40*time.Millisecond)

			stops := make(map[string]trace.Stop)
			for _, s := range r.Stops {
				stops[s.Reason] = s
				require.LessOrEqual(t, s.Stopping.Total, s.Total, s.Reason)
			}
			require.EqualValues(t, 5, stops["read mem stats"].Count)
			require.EqualValues(t, 1, stops["start trace"].Count)
			require.NotZero(t, r.GC.Cycles.Count)
			require.Equal(t, stops["GC mark termination"].Count, r.GC.Cycles.Count)
			require.NotZero(t, r.GC.Assists.Count)
			require.LessOrEqual(t, r.GC.Assist, r.GC.Assists.Total)
			require.NotZero(t, r.GC.Workers)
		})
	}
}

// A report that has been JSON says the same.
func TestReportIsWholeInJSON(t *testing.T) {
	r := analyze(t, recorded(t, "go1.26"))
	b, err := json.Marshal(r)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(b), `{"schema":1,"format":"1.26",`))
	var again *trace.Report
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, r, again)
	require.Equal(t, r.Verdict(), again.Verdict())
	want, wantAll := byStack(r.SchedulerProfile())
	got, gotAll := byStack(again.SchedulerProfile())
	require.Equal(t, want, got)
	require.Equal(t, wantAll, gotAll)
}

func TestVerdict(t *testing.T) {
	lines := analyze(t, recorded(t, "go1.26")).Verdict()
	require.Len(t, lines, 5)
	for i, subject := range []string{"System calls", "Waiting to run", "Idle Ps", "Preemption", "Stops and GC"} {
		require.Regexp(t, "^"+subject+": (fine|worth a look): .", lines[i])
		require.NotContains(t, lines[i], "\n")
	}
	require.Contains(t, lines[0], "syscall.read by main.readOne")
	require.Contains(t, lines[3], "worth a look: ")
}

func TestVerdictOfNothing(t *testing.T) {
	for _, r := range []*trace.Report{{}, {LongRuns: trace.LongRuns{Limit: 20 * time.Millisecond}}} {
		require.Len(t, r.Verdict(), 5)
		for _, line := range r.Verdict() {
			require.Contains(t, line, ": fine: ")
		}
	}
}

func TestProgress(t *testing.T) {
	b := recorded(t, "go1.23")
	var told []int64
	_, err := trace.Analyze(t.Context(), bytes.NewReader(b), trace.Options{Progress: func(read int64) { told = append(told, read) }})
	require.NoError(t, err)
	require.Equal(t, []int64{int64(len(b))}, told)
}
