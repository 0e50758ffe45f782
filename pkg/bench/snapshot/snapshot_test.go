package snapshot

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// This machine, whichever it is, has what every Linux has, and each fact has a value
// or a reason.
func TestTakeThisMachine(t *testing.T) {
	s := Take(t.Context(), Machine{Env: os.Getenv, Dirs: []string{t.TempDir()}})
	require.Equal(t, Schema, s.Schema)
	seen := make(map[[2]string]bool)
	for _, f := range s.Facts {
		require.NotEmpty(t, f.Group+f.Name)
		require.Contains(t, Groups(), f.Group, f)
		require.Contains(t, []Kind{Setting, Counter, Gauge}, f.Kind, f)
		require.NotEmpty(t, f.Source, f)
		require.NotEqual(t, f.Value == "", f.Absent == "", f)
		require.False(t, seen[[2]string{f.Group, f.Name}], "twice: %v", f)
		seen[[2]string{f.Group, f.Name}] = true
	}
	require.Contains(t, s.Value("identity", "version"), "Linux version")
}

func TestDiff(t *testing.T) {
	a := &Snapshot{Facts: []Fact{
		{Group: "cpu", Name: "governor", Kind: Setting, Value: "powersave"},
		{Group: "cpu", Name: "online", Kind: Setting, Value: "0-1"},
		{Group: "memory", Name: "free", Kind: Gauge, Value: "100"},
		{Group: "counters", Name: "ctxt", Kind: Counter, Value: "10"},
		{Group: "counters", Name: "steal", Kind: Counter, Value: "7"},
	}}
	b := &Snapshot{Facts: []Fact{
		{Group: "cpu", Name: "governor", Kind: Setting, Absent: "no permission"},
		{Group: "cpu", Name: "online", Kind: Setting, Value: "0-1"},
		{Group: "cpu", Name: "smt", Kind: Setting, Value: "off"},
		{Group: "memory", Name: "free", Kind: Gauge, Value: "90.5"},
		{Group: "counters", Name: "ctxt", Kind: Counter, Value: "25"},
		{Group: "counters", Name: "steal", Kind: Counter, Value: "7"},
	}}
	require.Equal(t, []Difference{
		{"cpu", "governor", Setting, "powersave", "absent (no permission)", ""},
		{"cpu", "smt", Setting, "absent (not asked for)", "off", ""},
		{"memory", "free", Gauge, "100", "90.5", "-9.5"},
		{"counters", "ctxt", Counter, "10", "25", "+15"},
	}, Diff(a, b))
	require.Empty(t, Diff(a, a))
}

// listed is what a snapshot has of each machine, be it the value or why there is none:
// what a stranger asks for who wants to know on what a number was made.
const listed = `
identity uname version os-release cmdline kind systemd init
cpu cpuinfo model vendor family model-number stepping microcode clock-flags mhz topology smt online present isolated
cpu nohz_full caches governor frequency-driver idle-driver idle-governor performance-cores efficient-cores hypervisor
time clocksource clocksources clock-step-ns clock-cost-ns synchronised rate-correction-ppm timerslack-ns hz
time timer-resolution clock-outside suspended-ns raw-less-monotonic-ns
scheduler preempt rt-runtime-us autogroup features nice policy affinity loadavg psi-cpu psi-memory psi-io
cgroup membership version cpu-max memory-max
memory meminfo swaps swappiness thp-enabled thp-defrag thp-khugepaged-defrag overcommit hugepages numa-nodes
memory numa-balancing ksm damon-reclaim page-reporting-order dirty-ratio dirty-background-ratio
disk mounts root root-free-bytes dir1 dir1-type
network somaxconn congestion-control queues lo-mtu port-range
security randomize-va-space perf-event-paranoid kptr-restrict seccomp no-new-privs lsm max-user-namespaces
security unprivileged-bpf-disabled root
go version gomaxprocs gomaxprocs-because gogc gomemlimit GODEBUG GOEXPERIMENT binary-sha256 binary-pie tool-go
counters stat vmstat interrupts softirqs schedstat own-nivcsw`

func TestSnapshotHasWhatIsAskedFor(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	s := Take(t.Context(), Machine{Dirs: []string{t.TempDir()}, Binary: exe})
	for l := range strings.Lines(strings.TrimSpace(listed)) {
		words := strings.Fields(l)
		for _, name := range words[1:] {
			_, ok := s.Get(words[0], name)
			require.True(t, ok, "%s %s", words[0], name)
		}
	}
	require.Regexp(t, "^[0-9a-f]{64}$", s.Value("go", "binary-sha256"))
	require.Equal(t, runtime.Version(), s.Value("go", "binary-go"))
}

// What is called a setting does not change by itself.
func TestSettingsStay(t *testing.T) {
	m := Machine{Dirs: []string{t.TempDir()}}
	a := Take(t.Context(), m)
	spin := 0
	for begin := time.Now(); time.Since(begin) < 50*time.Millisecond; {
		spin++
	}
	b := Take(t.Context(), m)
	grown := 0
	for _, d := range Diff(a, b) {
		// Others on this machine may mount something meanwhile, or make groups.
		require.True(t, d.Kind != Setting || d.Name == "mounts" || d.Name == "queues" || d.Group == "cgroup", "%s", d)
		if d.Kind == Counter {
			require.NotEmpty(t, d.Delta)
			grown++
		}
	}
	require.NotZero(t, grown)
	require.NotZero(t, spin)
}

func TestDirectoryThatIsNotThere(t *testing.T) {
	s := Take(t.Context(), Machine{Dirs: []string{"/no/such/directory"}, Binary: "/no/such/program"})
	require.Equal(t, "no such file", mustGet(t, s, "disk", "dir1-type").Absent)
	require.Equal(t, "no such file", mustGet(t, s, "go", "binary-sha256").Absent)
}
