package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	rtrace "runtime/trace"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore"
)

var tool = Tool{"golang-wsl-bench", "(devel)", "", "go1.26.8", "linux/amd64", strings.Repeat("ab", 32)}

// output is what a test binary writes.
func output(rng *rand.Rand, factor float64) string {
	var text strings.Builder
	text.WriteString("goos: linux\ngoarch: amd64\npkg: encoding/json\ncpu: A CPU @ 2.00GHz\n")
	for _, name := range []string{"Encode/size=1k", "Decode/size=1k"} {
		ns := 1200 * factor * (1 + 0.02*rng.NormFloat64())
		fmt.Fprintf(&text, "Benchmark%s-2 \t   10000\t %.1f ns/op\t  %.2f MB/s\t     128 B/op\t       2 allocs/op\n", name, ns, 1e6/ns)
	}
	text.WriteString("PASS\n")
	return text.String()
}

// sides are 12 runs of A and of B in turn, of which B is as slow as factor says. The
// third run of A is disturbed, the fourth of B partial.
func sides(t *testing.T, factor float64) *Evidence {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("", 3600))
	e := &Evidence{Tool: tool, Set: &bench.Set{Schema: bench.Schema}}
	for i := range 24 {
		side, slower := "A", 1.0
		if i%2 == 1 {
			side, slower = "B", factor
		}
		text := output(rng, slower)
		out, err := gotest.Parse(strings.NewReader(text))
		require.NoError(t, err)
		run := &bench.Run{
			Probe: "go-test encoding/json", Config: side, Begin: begin.Add(time.Duration(i) * time.Minute), Wall: time.Second,
			Values: append(out.Values, bench.Value{Name: "Watch/run-delay", Unit: "%", Role: bench.Diagnostic, Number: 0.1}),
			Env:    []bench.Key{{Name: "goversion", Value: "go1.26.8"}, {Name: "gomaxprocs", Value: "2"}, {Name: "cpus", Value: "2"}},
		}
		switch i {
		case 4:
			run.Marks = []bench.Mark{{Cause: bench.Steal, Value: 12, Limit: 0.5, Unit: "%"}}
		case 7:
			run.Partial = true
		}
		e.Set.Runs = append(e.Set.Runs, run)
		e.Raw = append(e.Raw, Raw{fmt.Sprintf("%04d-%s.txt", i+1, side), i, []byte(text)})
		e.Usage = append(e.Usage, sandbox.Usage{MemoryPeak: 1 << 20, Events: map[string]int64{"pids.max": 0, "memory.max": 2}})
	}
	e.Raw = append(e.Raw, Raw{"0025-once.txt", -1, []byte("PASS\n")}, Raw{"0003-A.stderr.txt", 2, []byte("hello\n")})
	return e
}

// full is evidence with something of everything.
func full(t *testing.T) *Evidence {
	t.Helper()
	e := sides(t, 1.2)
	e.Command = Command{
		Line: []string{"golang-wsl", "bench", "report", "-o", "audit.zip", "--vs-rev", "main", "--", "go", "test", "-bench=.", "encoding/json"},
		Sides: []Side{
			{"A", []string{"go", "test", "-bench=."}, "/home/annabel/src/secret-plan", "", "the work tree"},
			{"B", []string{"go", "test", "-bench=."}, "/home/annabel/src/secret-plan", "0123456789abcdef", ""},
		},
		Units: []Unit{{"go-test encoding/json", "A", strings.Repeat("cd", 32), []bench.Key{{Name: "goversion", Value: "go1.26.8"}}}},
		Env:   []bench.Key{{Name: "GOGC", Value: "100"}},
	}
	e.Sandbox = &sandbox.Report{
		Rung:   sandbox.Cgroupfs,
		Limits: []sandbox.Effect{{Name: "cpu", Requested: "0.5", Effective: "0.5", By: "cpu.max"}, {Name: "cpus", Requested: "0", Effective: sandbox.None}},
	}
	e.Prepare = &prepare.Report{
		Findings: []prepare.Finding{{Name: "load", Value: "1.5", Verdict: prepare.Warn, Text: "others need the CPUs"}},
		Changes:  []prepare.Change{{What: "/sys/x", Old: "a", New: "b", Restored: true}},
	}
	e.Before, e.After = machine("100", "madvise"), machine("200", "always")
	e.Profiles = []Profile{{"cpu", "A", "encoding/json", packed(t, stacks())}, {"cpu", "B", "encoding/json", packed(t, stacks())}}
	e.GC = []*gc.Report{{Source: gc.FromTrace, NumGC: 1, Heap: []gc.Point{{At: time.Second, Live: 1 << 20}}}}
	e.Traces = []Trace{{"A", "encoding/json", traced(t)}}
	return e
}

// traced is what a trace of this process says, which does some system calls.
func traced(t *testing.T) *trace.Report {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, rtrace.Start(&buf))
	for range 10 {
		_, err := os.ReadFile("evidence_test.go")
		require.NoError(t, err)
		time.Sleep(time.Millisecond)
	}
	rtrace.Stop()
	report, err := trace.Analyze(t.Context(), &buf, trace.Options{})
	require.NoError(t, err)
	return report
}

func machine(ctxt, thp string) *snapshot.Snapshot {
	return &snapshot.Snapshot{
		Schema: snapshot.Schema, Taken: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		Facts: []snapshot.Fact{
			{Group: "identity", Name: "uname", Kind: snapshot.Setting, Value: "Linux anns-laptop 6.6.87 x86_64", Source: "uname(2)"},
			{Group: "memory", Name: "thp", Kind: snapshot.Setting, Value: thp, Source: "/sys/kernel/mm/transparent_hugepage/enabled"},
			{Group: "counters", Name: "ctxt", Kind: snapshot.Counter, Value: ctxt, Raw: "eth0 02:42:ac:11:00:02\n", Source: "/proc/stat"},
		},
	}
}

// stacks is a profile of two stacks.
func stacks() *profile.Profile {
	m := &profile.Mapping{ID: 1, Start: 0x1000, Limit: 0x9000, File: "/home/annabel/src/secret-plan/json.test", HasFunctions: true}
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		Mapping:    []*profile.Mapping{m}, TimeNanos: 1_800_000_000_000_000_000, DurationNanos: 2_000_000_000,
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 10_000_000, Comments: []string{"by annabel"},
	}
	for i, name := range []string{"main.main", "main.encode", "main.decode"} {
		f := &profile.Function{ID: uint64(i + 1), Name: name, SystemName: name, Filename: "/home/annabel/src/secret-plan/main.go"}
		p.Function = append(p.Function, f)
		p.Location = append(p.Location, &profile.Location{ID: f.ID, Mapping: m, Address: 0x1000 + f.ID, Line: []profile.Line{{Function: f, Line: 3}}})
	}
	for i, n := range []int64{70, 30} {
		p.Sample = append(p.Sample, &profile.Sample{
			Location: []*profile.Location{p.Location[i+1], p.Location[0]}, Value: []int64{n, n * 10_000_000},
			Label: map[string][]string{"user": {"annabel"}},
		})
	}
	return p
}

func packed(t *testing.T, p *profile.Profile) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, p.Write(&buf))
	return buf.Bytes()
}

func bundled(t *testing.T, e *Evidence, o Options) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, Write(&buf, e, o))
	return buf.Bytes()
}

func open(t *testing.T, zip []byte) *Bundle {
	t.Helper()
	b, err := Open(bytes.NewReader(zip), int64(len(zip)))
	require.NoError(t, err)
	return b
}

// checked is what verify says, by the tool that has written.
func checked(t *testing.T, zip []byte) *Verification {
	t.Helper()
	return open(t, zip).Verify(Checks{Tool: tool})
}

// forged is a bundle in which files were changed, with a manifest that fits.
func forged(t *testing.T, zip []byte, change func(files map[string][]byte)) []byte {
	t.Helper()
	b := open(t, zip)
	files := make(map[string][]byte)
	for name, data := range b.files {
		files[name] = bytes.Clone(data)
	}
	change(files)
	m := *b.Manifest
	m.Files = nil
	for _, f := range b.Manifest.Files {
		if data, ok := files[f.Name]; ok {
			m.Files = append(m.Files, made{f.Name, data, f.Derived}.listed())
			delete(files, f.Name)
		}
	}
	for name, data := range files {
		m.Files = append(m.Files, made{name, data, false}.listed())
		b.files[name] = data
	}
	text, err := m.marshal()
	require.NoError(t, err)
	all := []zipstore.File{{Name: manifestName, Data: text}}
	changed := make(map[string][]byte)
	for name, data := range b.files {
		changed[name] = bytes.Clone(data)
	}
	change(changed)
	for _, f := range m.Files {
		all = append(all, zipstore.File{Name: f.Name, Data: changed[f.Name]})
	}
	if b.sig != nil {
		all = append(all, zipstore.File{Name: signatureName, Data: b.sig})
	}
	var buf bytes.Buffer
	require.NoError(t, zipstore.Write(&buf, all))
	return buf.Bytes()
}
