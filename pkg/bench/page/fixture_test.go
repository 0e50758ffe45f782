package page

import (
	"bytes"
	"compress/gzip"
	"math"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/flame"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
	"github.com/stretchr/testify/require"
)

var begin = time.Date(2026, 11, 29, 9, 30, 0, 0, time.UTC)

// benchmarks are what runs of a fixture measure, in ns/op, and by how much B differs.
var benchmarks = []struct {
	name  string
	ns    float64
	delta float64
}{
	{"Encode/size=1k-2", 1234, 0.12},
	{"Encode/size=64k-2", 78_500, 0.115},
	{"Decode/size=1k-2", 4321, -0.2},
	{"Walk-2", 250, 0},
}

// comparedSet is ten clean runs of each side and two that do not count.
func comparedSet() *bench.Set {
	random := rand.New(rand.NewPCG(1, 1))
	set := &bench.Set{Schema: bench.Schema}
	for i := range 2 {
		set.Runs = append(set.Runs, &bench.Run{Probe: "go-test", Config: []string{"A", "B"}[i], Begin: begin.Add(time.Duration(i-2) * time.Second), Wall: time.Second,
			Values: []bench.Value{{Name: benchmarks[0].name, Unit: "ns/op", Role: bench.Headline, Number: 1e6}}, Marks: []bench.Mark{{Cause: bench.Warmup}}})
	}
	for i := range 22 {
		r := &bench.Run{
			Probe: "go-test", Config: []string{"A", "B"}[i%2], Begin: begin.Add(time.Duration(i) * 2 * time.Second), Wall: 1900 * time.Millisecond,
			Env: []bench.Key{{Name: "goversion", Value: "go1.26.8"}, {Name: "gomaxprocs", Value: "2"}, {Name: "clocksource", Value: "tsc"}},
		}
		for _, b := range benchmarks {
			ns := b.ns * math.Exp(random.NormFloat64()/80)
			if r.Config == "B" {
				ns *= 1 + b.delta
			}
			if i == 7 || i == 12 {
				ns *= 1.3
			}
			r.AddValue(bench.Value{Name: b.name, Unit: "ns/op", Role: bench.Headline, Number: ns})
			r.AddValue(bench.Value{Name: b.name, Unit: "B/op", Role: bench.Headline, Number: 512})
			r.AddValue(bench.Value{Name: b.name, Unit: "allocs/op", Role: bench.Headline, Number: 3})
		}
		if i == 7 || i == 12 {
			r.Marks = []bench.Mark{{Cause: bench.RunDelay, Value: 7.3, Limit: 2, Unit: "%"}}
		}
		set.Runs = append(set.Runs, r)
	}
	return set
}

// comparedData is a page that compares.
func comparedData(t testing.TB) Data {
	set := comparedSet()
	c, err := bench.Compare(set.Of("go-test", "A"), set.Of("go-test", "B"), bench.Options{})
	require.NoError(t, err)
	return Data{
		Command:    []string{"go", "test", "-bench=.", "./pkg/json"},
		Sides:      [2]string{"main", "work tree"},
		Tool:       "golang-wsl-bench v0.9.0",
		Set:        set,
		Comparison: c,
		GC:         []*gc.Report{heapReport(60)},
		Files:      []File{{"bench.txt", 18_432, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}, {"manifest.json", 4_096, "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"}},
	}
}

// sampledSet is runs of a probe that keeps its samples, n in each.
func sampledSet(runs, n int, configs ...string) *bench.Set {
	random := rand.New(rand.NewPCG(5, 6))
	set := &bench.Set{Schema: bench.Schema}
	for i := range runs * len(configs) {
		r := &bench.Run{Probe: "sched", Config: configs[i%len(configs)], Begin: begin.Add(time.Duration(i) * time.Second), Wall: time.Second}
		shift := math.Exp(random.NormFloat64() / 20)
		for k, name := range []string{"CrossP/park=50us/procs=2", "GoTimer/procs=2"} {
			s := bench.Series{Name: name, Unit: "ns", Role: bench.Headline, Batch: 1, Samples: make([]int64, n)}
			for j := range s.Samples {
				v := 90_000 * shift * math.Exp(random.NormFloat64()/6) * float64(1+k*4)
				if random.Float64() < 0.004 {
					v *= 1 + 30*random.ExpFloat64()
				}
				s.Samples[j] = int64(v)
			}
			r.Add(s)
		}
		r.AddValue(bench.Value{Name: "ClockStep", Unit: "ns", Role: bench.Floor, Number: 10})
		r.AddValue(bench.Value{Name: "Watch/steal", Unit: "%", Role: bench.Diagnostic, Number: 0.1})
		set.Runs = append(set.Runs, r)
	}
	return set
}

// heapReport is n cycles of a heap that grows.
func heapReport(n int) *gc.Report {
	r := &gc.Report{Source: gc.FromTrace, Workload: "go test -bench=. ./pkg/json", Wall: 2 * time.Second, NumGC: n, PauseTotal: time.Duration(n) * 85 * time.Microsecond, CPU: &gc.CPU{GC: 3.4}}
	for i := range n {
		live := uint64(4<<20 + i*180_000 + (i%7)*400_000)
		at := time.Duration(i+1) * 2 * time.Second / time.Duration(n+1)
		r.Heap = append(r.Heap, gc.Point{At: at, Live: live, Goal: 2 * live})
		r.Cycles = append(r.Cycles, gc.Cycle{N: i + 1, At: at, Live: live, Goal: 2 * live, Pause: 85 * time.Microsecond, Trigger: "heap"})
	}
	return r
}

// fullData is a page with all that a page can have.
func fullData(t testing.TB) Data {
	d := comparedData(t)
	require.False(t, d.Set.Runs[9].Clean())
	d.Set.Runs[9].Values[0].Number *= 40 // far off the scale
	d.Bundle = "audit.zip"
	d.Sandbox = &sandbox.Report{
		Rung: sandbox.Cgroupfs, Group: "/sys/fs/cgroup/wslbench-1f3a", Tried: []sandbox.Attempt{{Rung: sandbox.SystemScope, Why: "systemd does not run here"}},
		Limits: []sandbox.Effect{
			{Name: "cpu", Requested: "0.5", Effective: "0.5", By: "cpu.max"}, {Name: "memory", Requested: "536870912", Effective: "536870912", By: "memory.max"},
			{Name: "tasks", Effective: sandbox.None}, {Name: "cpus", Requested: "0", Effective: "0", By: "affinity", Note: "cpuset is not delegated"},
		},
		Settings: []sandbox.Effect{{Name: "aslr", Requested: "off", Effective: sandbox.None, Note: "personality(2): operation not permitted"}, {Name: "timer-slack", Requested: "1", Effective: "1", By: "prctl"}},
	}
	for range d.Set.Runs {
		d.Usage = append(d.Usage, sandbox.Usage{MemoryPeak: 41 << 20, CPUTime: 940 * time.Millisecond, Throttled: 12 * time.Millisecond, Absent: []string{"io.pressure: no such file"}})
	}
	d.Prepare = &prepare.Report{
		Waited: 4 * time.Second,
		Findings: []prepare.Finding{
			{Name: "load", Value: "0.1", Verdict: prepare.OK, Text: "the machine is at rest"},
			{Name: "swap", Value: "12 MiB", Verdict: prepare.Warn, Text: "Swap is in use: a page that comes back from it takes milliseconds."},
			{Name: "clock-rate", Verdict: prepare.Unknown, Text: "there is no clock outside of this kernel to hold it against"},
		},
		Changes: []prepare.Change{{What: "/sys/fs/cgroup/cpu.max", Old: "max 100000", New: "50000 100000", Restored: true}},
		Warmup:  []prepare.Warmup{{Name: "Encode/size=1k-2", Values: make([]float64, 9), Took: 9 * time.Second, Why: "stationary", Stationarity: prepare.Stationarity{OK: true, Drift: 0.004}}},
	}
	d.Before, d.After = facts("tsc", "812"), facts("hyperv_clocksource_tsc_page", "4417")
	d.Flames = []Flame{{}, {Name: "Memory", File: "profiles/mem.pprof", HTML: flamePage(t)}}
	d.Flames[0] = Flame{Name: "CPU", File: "profiles/cpu.pprof", HTML: flamePage(t), Hot: []Hot{{"encoding/json.Marshal", 0.4e9, 0.9e9, "ns"}, {"runtime.mallocgc", 0.3e9, 0.3e9, "ns"}}}
	d.Traces = []Trace{{Report: tracedReport(t)}}
	return d
}

// facts is what is known of a machine, with a clock and a count of switches.
func facts(clock, switches string) *snapshot.Snapshot {
	return &snapshot.Snapshot{Schema: snapshot.Schema, Taken: begin, Facts: []snapshot.Fact{
		{Group: "identity", Name: "kernel", Kind: snapshot.Setting, Value: "6.6.87.2-microsoft-standard-WSL2", Source: "/proc/sys/kernel/osrelease"},
		{Group: "time", Name: "clocksource", Kind: snapshot.Setting, Value: clock, Source: "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
		{Group: "time", Name: "ptp", Kind: snapshot.Setting, Absent: "no such file", Source: "/dev/ptp0"},
		{Group: "counters", Name: "switches", Kind: snapshot.Counter, Value: switches, Source: "/proc/stat"},
	}}
}

// flamePage is a real graph, of a profile of this test.
func flamePage(t testing.TB) []byte {
	var buf bytes.Buffer
	require.NoError(t, pprof.Lookup("allocs").WriteTo(&buf, 0))
	p, err := flame.Parse(buf.Bytes())
	require.NoError(t, err)
	t.Setenv("HOME", t.TempDir())
	html, err := flame.Page(p)
	require.NoError(t, err)
	return html
}

// tracedReport is that of a real trace.
func tracedReport(t testing.TB) *trace.Report {
	f, err := os.Open("../trace/testdata/go1.26.trace.gz")
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	r, err := trace.Analyze(t.Context(), unzipped, trace.Options{})
	require.NoError(t, err)
	return r
}
