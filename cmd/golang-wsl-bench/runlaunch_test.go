package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/program"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// ended is a process that took a second in a cell of a control group.
func ended(usage sandbox.Usage, plan runPlan) *process {
	return &process{
		g:   &gathering{app: &app{env: os.Getenv}, plan: &plan, box: new(sandbox.Box)},
		u:   &unit{config: bench.Config{Probe: commandProbe}},
		run: new(bench.Run), out: &program.Outcome{Wall: time.Second, Seen: program.Seen{Ran: time.Second}}, usage: usage,
		report: sandbox.Report{Rung: "cgroupfs", Limits: []sandbox.Effect{{Name: "memory", Requested: "1048576", Effective: "1048576"}}},
	}
}

// Out of memory looks like any kill from outside.
func TestProcessOutOfMemory(t *testing.T) {
	p := ended(sandbox.Usage{OOMKills: 2, CPUTime: time.Second}, runPlan{ignoreExit: true})
	p.out.Exit, p.out.Signal = -1, syscall.SIGKILL
	require.EqualError(t, p.failure(), "out of memory: the kernel killed 2 in it, above a limit of 1048576 bytes")
	p.disturbances()
	require.Equal(t, []bench.Mark{{Cause: outOfMemory, Value: 2, Unit: "kills"}}, p.run.Marks)
	require.Contains(t, disturbances([]*bench.Run{p.run}, bench.Style{}), "out-of-memory in 1 of 1 runs")
}

// Being throttled disturbs, unless that was asked for.
func TestProcessThrottled(t *testing.T) {
	usage := sandbox.Usage{CPUTime: 500 * time.Millisecond, Throttled: 300 * time.Millisecond}
	p := ended(usage, runPlan{})
	p.disturbances()
	require.Equal(t, []bench.Mark{{Cause: bench.Throttled, Value: 300_000, Unit: "us"}}, p.run.Marks)
	p = ended(usage, runPlan{limits: sandbox.Limits{CPU: 0.5}})
	p.disturbances()
	require.Empty(t, p.run.Marks)
	ev := &evidence{set: &bench.Set{Runs: []*bench.Run{{Wall: time.Second}}}, usage: []sandbox.Usage{usage},
		sandbox: sandbox.Report{Rung: "cgroupfs", Limits: []sandbox.Effect{{Name: "cpu", Requested: "0.5", Effective: "0.5", By: "cpu.max"}}}}
	require.Equal(t, "\nsandbox: cgroupfs\n  cpu: 50 % of a CPU, by cpu.max\n  that limit held it back for 30 to 30 % of the time\n", sandboxFoot(ev, bench.Style{}))
}

// Of its waiting for a CPU as much counts as others ran meanwhile.
func TestProcessWaited(t *testing.T) {
	p := ended(sandbox.Usage{}, runPlan{})
	p.out.Seen.Delay, p.out.Nivcsw = 400*time.Millisecond, 7
	p.run.Values = []bench.Value{{Name: "Watch/others", Number: 1.5}, {Name: "Watch/own", Number: 100}}
	p.disturbances()
	require.Empty(t, p.run.Marks, "its own threads waited for each other")
	p.run.Values[0].Number = 30
	p.disturbances()
	require.Equal(t, []bench.Mark{{Cause: bench.RunDelay, Value: 30, Limit: 2, Unit: "%"}}, p.run.Marks)
	p.out.Seen = program.Seen{}
	p.disturbances()
	require.Empty(t, p.run.Marks)
	require.Equal(t, bench.Absent, p.run.Get(bench.RunDelay), "nobody has seen it")
	require.True(t, math.IsInf(bench.DefaultLimits()[bench.Nivcsw], 1))
}

func TestProcessFailures(t *testing.T) {
	p := ended(sandbox.Usage{}, runPlan{})
	require.NoError(t, p.failure())
	p.tests = new(gotest.Output)
	require.EqualError(t, p.failure(), "it wrote no result of a benchmark")
	p.tests.Lines, p.tests.Lost = 1, []string{"Print-2"}
	require.EqualError(t, p.failure(), "no numbers of Print-2: the program writes into the middle of their lines")
	p.out.Exit, p.moaned = 2, []byte("words\npanic: oh\n\ngoroutine 1\n")
	require.EqualError(t, p.failure(), "panic: oh (exit status 2)")
	p.tests.Failure = "--- FAIL: BenchmarkX: x_test.go:1: bad"
	require.EqualError(t, p.failure(), "--- FAIL: BenchmarkX: x_test.go:1: bad (exit status 2)")
}

func TestWithEnv(t *testing.T) {
	require.Equal(t, []string{"B=2", "A=3", "C="}, withEnv([]string{"A=1", "B=2", "A=0"}, "A=3", "C="))
}

// Much output is kept by its ends.
func TestKept(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "x"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("begin" + strings.Repeat("x", mostKept) + "end")
	require.NoError(t, err)
	text := string(kept(f))
	require.True(t, strings.HasPrefix(text, "beginx") && strings.HasSuffix(text, "xend"))
	require.Contains(t, text, "\n[golang-wsl: 8 bytes are left out here]\n")
	require.Len(t, text, mostKept+len("\n[golang-wsl: 8 bytes are left out here]\n"))
}
