package bench

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the watch has seen of this process gives way to what somebody knows of the one
// that has done the work, and only what others can have done is a disturbance.
func TestFound(t *testing.T) {
	r := &Run{Env: []Key{{"goversion", "go1.26"}}}
	r.NotFound(RunDelay)
	require.Equal(t, Absent, r.Get(RunDelay))
	r.AddValue(Value{Name: "Watch/" + Others, Number: 3})
	r.AddValue(Value{Name: "Watch/" + Own, Number: 250})
	delay := Mark{Cause: RunDelay, Value: 40, Limit: 2, Unit: "%"}
	r.Found(delay)
	require.Empty(t, r.Get(RunDelay))
	require.True(t, r.Clean(), "3 %% is less than 2 %% for each of 2.5 CPUs")
	r.Values[0].Number = 6
	r.Found(delay)
	require.Equal(t, []Mark{{RunDelay, 6, 5, "%"}}, r.Marks)
	number, _ := r.value("Watch/" + RunDelay)
	require.Equal(t, 40.0, number)
	require.Len(t, r.Values, 3)
	r.NotFound(RunDelay)
	require.True(t, r.Clean())
	require.Len(t, r.Values, 2)
	require.Len(t, r.Env, 2)
}

// Warm-up runs are there, and count as nothing.
func TestWarmupIsKeptApart(t *testing.T) {
	set := steady(around(1000)...)
	set.Runs = append(set.Runs, &Run{Probe: "p", Marks: []Mark{{Cause: Warmup, Value: 1}}}, &Run{Probe: "p", Partial: true})
	require.Equal(t, "10 clean, 0 disturbed, 1 partial, 1 warm-up", set.Tally().String())
	require.Contains(t, set.Table(Style{}), "10 clean, 0 disturbed, 1 partial, 1 warm-up runs")
	require.False(t, set.Runs[10].Clean())
	var switches []*Run
	for i, rate := range []float64{900, 900, 900, 10, 10, 10} {
		r := &Run{Values: []Value{{Name: "Watch/nivcsw", Number: rate}}}
		if i < 3 {
			r.Marks = []Mark{{Cause: Warmup}}
		}
		switches = append(switches, r)
	}
	switches[5].Values[0].Number = 100
	markSwitches(switches)
	require.False(t, switches[5].Clean(), "what is usual is usual in runs that count")
}

// A benchmark of the testing package has several numbers with one name: one line.
func TestTableOfBenchmarks(t *testing.T) {
	set := new(Set)
	for range 6 {
		set.Runs = append(set.Runs, &Run{Probe: "go-test x", Values: []Value{
			{Name: "A-2", Unit: "ns/op", Number: 1500}, {Name: "A-2", Unit: "B/op", Number: 4096}, {Name: "A-2", Unit: "allocs/op", Number: 3},
			{Name: "B", Unit: "ns/op", Number: 0.3},
		}})
	}
	require.Equal(t, []string{
		"go-test x: 6 clean, 0 disturbed runs",
		"  A-2  1.500µs/op ±0 %  4.000KiB/op ±0 %  3.000 allocs/op ±0 %",
		"  B    0.3000ns/op ±0 %", "",
	}, strings.Split(set.Table(Style{}), "\n"))
}

// Runs that might have less are not held against those that may have more.
func TestComparableLooksAtTheSandbox(t *testing.T) {
	a, b := steady(around(1000)...).set("sandbox-cpu", "0.5"), steady(around(1000)...)
	reasons := Comparable(a, b)
	require.Len(t, reasons, 1)
	require.Equal(t, "sandbox-cpu: 0.5 here, unknown there: what CPU time a program may have decides how long it takes", reasons[0].String())
}
