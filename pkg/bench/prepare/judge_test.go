package prepare

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// facts makes a snapshot of lines "group name = value"; "group name" alone is absent.
func facts(lines ...string) *snapshot.Snapshot {
	s := new(snapshot.Snapshot)
	for _, l := range lines {
		name, value, there := strings.Cut(l, " = ")
		group, name, _ := strings.Cut(name, " ")
		f := snapshot.Fact{Group: group, Name: name, Value: value}
		if !there {
			f.Absent = "no such file"
		}
		if name == "topology" {
			f.Value, f.Raw = "1 packages", strings.ReplaceAll(value, ";", "\n")
		}
		s.Facts = append(s.Facts, f)
	}
	return s
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		verdict Verdict
		text    string // a part of it
		lines   []string
	}{
		{"load", OK, "nobody else", []string{"scheduler load1 = 0.39", "scheduler cpus = 2"}},
		{"load", Warn, "the load is 0.40, and below 0.40", []string{"scheduler load1 = 0.40", "scheduler cpus = 2"}},
		{"load", Unknown, "no such file", []string{"scheduler load1", "scheduler cpus = 2"}},
		{"pressure", Warn, "12.0 %", []string{"scheduler psi-cpu-some-avg10 = 12.00"}},
		{"pressure", OK, "nothing waits", []string{"scheduler psi-cpu-some-avg10 = 0.00"}},
		{"pressure", Unknown, "no such file", []string{"scheduler psi-cpu"}},
		{"governor", OK, "do not slow down", []string{"cpu governor = performance"}},
		{"governor", Warn, "--governor performance", []string{"cpu governor = powersave, schedutil"}},
		{"governor", Unknown, "virtual machine", []string{"cpu governor", "cpu clock-flags = tsc hypervisor"}},
		{"boost", OK, "faster while they are cool", []string{"cpu no-turbo = 0"}},
		{"boost", OK, "one speed", []string{"cpu boost = 0"}},
		{"swap", OK, "there is none", []string{"memory swap-total-kib = 0", "memory swap-free-kib = 0"}},
		{"swap", OK, "not used", []string{"memory swap-total-kib = 4096", "memory swap-free-kib = 4096"}},
		{"swap", Warn, "swapped out", []string{"memory swap-total-kib = 40960", "memory swap-free-kib = 4096"}},
		{"huge-pages", OK, "ask for them", []string{"memory thp-enabled = always [madvise] never", "memory thp-defrag = always defer [madvise] never"}},
		{"huge-pages", OK, "early runs", []string{"memory thp-enabled = [always] madvise never", "memory thp-defrag = always defer [madvise] never"}},
		{"huge-pages", Warn, "makes room", []string{"memory thp-enabled = [always] madvise never", "memory thp-defrag = [always] madvise never"}},
		{"huge-pages", Unknown, "no such file", []string{"memory thp-enabled"}},
		{"memory-reclaim", Warn, "page cache", []string{"identity kind = wsl2", "windows experimental.autoMemoryReclaim = dropCache (default)"}},
		{"memory-reclaim", OK, "no memory back", []string{"identity kind = wsl2", "windows experimental.autoMemoryReclaim = disabled"}},
		{"memory-reclaim", Unknown, "no such file", []string{"identity kind = wsl2", "windows .wslconfig"}},
		{"battery", Warn, "connect it", []string{"power BAT0-type = Battery", "power BAT0-status = Discharging"}},
		{"battery", OK, "on mains", []string{"power BAT0-type = Battery", "power BAT0-status = Full"}},
		{"battery", OK, "there is none", []string{"power supplies"}},
		{"battery", Warn, "connect it", []string{"identity kind = wsl2", "power windows-battery = discharging"}},
		{"battery", OK, "there is none", []string{"identity kind = wsl1", "power windows-battery = none"}},
		{"battery", Unknown, "no such file", []string{"identity kind = wsl2", "power windows-battery"}},
		{"power-plan", Warn, "save power", []string{"identity kind = wsl2", "power windows-plan = power saver"}},
		{"power-plan", OK, "not set to save", []string{"power profile = balanced"}},
		{"clock-source", OK, "25 ns", []string{"time clocksource = tsc", "time clock-cost-ns = 25.0"}},
		{"clock-source", Warn, "1040 ns", []string{"time clocksource = hpet", "time clock-cost-ns = 1040"}},
		{"clock-source", Warn, "900 ns", []string{"time clocksource = tsc", "time clock-cost-ns = 900"}},
		{"clock-step", Warn, "100 ns", []string{"time clock-step-ns = 100"}},
		{"clock-step", OK, "tells short times", []string{"time clock-step-ns = 20"}},
		{"clock-slew", OK, "by much", []string{"time rate-correction-ppm = -12.5", "time tick-us = 10000"}},
		{"clock-slew", Warn, "corrects the clock", []string{"time rate-correction-ppm = 0.0", "time tick-us = 10004"}},
		{"suspend", OK, "not slept", []string{"time suspended-ns = 0"}},
		{"suspend", OK, "sleeps at times", []string{"time suspended-ns = 60000000000"}},
		{"timer-slack", OK, "as everywhere", []string{"time timerslack-ns = 50000"}},
		{"timer-slack", Warn, "usually 50000", []string{"time timerslack-ns = 1"}},
		{"gomaxprocs", Warn, "more Ps", []string{"go gomaxprocs = 4", "scheduler cpus = 2", "go GOMAXPROCS = 4"}},
		{"gomaxprocs", OK, "it may run", []string{"go gomaxprocs = 2", "scheduler cpus = 2", "go gomaxprocs-because = it may run on 2 CPUs"}},
		{"group", Warn, "out of CPU time", []string{"cgroup cpu-max = 0.5", "counters cpu.stat throttled_usec, 2 above = 4711"}},
		{"group", OK, "never been too little", []string{"cgroup cpu-max = 7.99", "counters cpu.stat throttled_usec = 0"}},
		{"group", OK, "no group", []string{"cgroup cpu-max = max"}},
		{"kernel-tracer", Warn, "traces the kernel", []string{"security tracer = function"}},
		{"loopback", Warn, "tc qdisc del", []string{"network queues = eth0:mq lo:netem"}},
	} {
		findings := Judge(Facts{Snapshot: facts(test.lines...)})
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.Name == test.name })
		require.GreaterOrEqual(t, i, 0, "%s of %q", test.name, test.lines)
		require.Equal(t, test.verdict, findings[i].Verdict, "%q: %+v", test.lines, findings[i])
		require.Contains(t, findings[i].Text, test.text, "%q", test.lines)
	}
}

// Of what does not exist on a machine nothing is said.
func TestJudgeLeavesOut(t *testing.T) {
	for _, f := range Judge(Facts{Snapshot: facts("identity kind = native", "security tracer = nop", "network queues = lo:noqueue")}) {
		require.NotContains(t, []string{"memory-reclaim", "power-plan", "kernel-tracer", "loopback", "tracing", "perf", "group", "boost"}, f.Name)
	}
}

func TestJudgeMore(t *testing.T) {
	get := func(f Facts, name string) Finding {
		findings := Judge(f)
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		return findings[i]
	}
	s := facts("cpu topology = cpu0: package 0, core 0, shared by 0-1;cpu1: package 0, core 0, shared by 0-1;cpu2: package 0, core 1, shared by 2")
	require.Equal(t, Warn, get(Facts{Snapshot: s, CPUs: []int{0}}, "cpus").Verdict)
	require.Contains(t, get(Facts{Snapshot: s, CPUs: []int{0}}, "cpus").Text, "processor 1 is a thread of the same core")
	require.Equal(t, OK, get(Facts{Snapshot: s, CPUs: []int{0, 1}}, "cpus").Verdict)
	require.Equal(t, OK, get(Facts{Snapshot: s, CPUs: []int{2}}, "cpus").Verdict)
	require.Equal(t, Fail, get(Facts{Snapshot: s, Tracing: true}, "tracing").Verdict)
	require.Equal(t, Unknown, get(Facts{Snapshot: s}, "clock-rate").Verdict)
	for ppm, want := range map[float64]Verdict{70000: Fail, -201: Unknown, 190: OK, 195: Unknown, -301: Fail, 0: OK} {
		got := get(Facts{Snapshot: s, Rate: &Rate{PPM: ppm, Within: 10, Against: "x"}}, "clock-rate")
		require.Equal(t, want, got.Verdict, "%v: %s", ppm, got.Text)
	}
	require.Equal(t, Unknown, get(Facts{Snapshot: s, Rate: &Rate{Absent: "no clock"}}, "clock-rate").Verdict)
	perf := get(Facts{Snapshot: s, Counters: []string{"task-clock"}, Missing: map[string]string{"cycles": "no such counter"}}, "perf")
	require.Equal(t, Unknown, perf.Verdict)
	require.Contains(t, perf.Text, "cycles: no such counter")
}

// Of this machine there is a finding for everything that the issue names.
func TestJudgeThisMachine(t *testing.T) {
	s := snapshot.Take(t.Context(), snapshot.Machine{Env: os.Getenv})
	findings := Judge(Facts{Snapshot: s})
	for _, name := range strings.Fields("load governor swap huge-pages clock-source clock-step clock-rate suspend battery timer-slack cpus gomaxprocs") {
		require.True(t, slices.ContainsFunc(findings, func(f Finding) bool { return f.Name == name && f.Text != "" }), name)
	}
}

func TestWorst(t *testing.T) {
	require.Equal(t, OK, Worst(nil))
	require.Equal(t, Fail, Worst([]Finding{{Verdict: Warn}, {Verdict: Fail}, {Verdict: Unknown}}))
	require.Equal(t, Warn, (&Report{Findings: []Finding{{Verdict: Warn}, {Verdict: OK}}}).Worst())
}

// docs/bench.md says when each finding is one.
func TestDocsHaveEachFinding(t *testing.T) {
	text, err := os.ReadFile("../../../docs/bench.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(text), "| Finding |")
	table, _, _ = strings.Cut(table, "\n\n")
	every := Facts{Tracing: true, Missing: map[string]string{"cycles": "none"}, Snapshot: facts(
		"identity kind = wsl2", "security tracer = function", "network queues = lo:netem", "cgroup cpu-max = max", "cpu boost = 1")}
	findings := Judge(every)
	require.Len(t, findings, len(rules()), "each rule has something to say")
	for _, f := range append(findings, Finding{Name: "lock"}, Finding{Name: "idle"}) {
		require.Contains(t, table, "`"+f.Name+"`")
	}
}
