package prepare

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tree is a machine of files: two groups of processors, and a load.
func tree(t testing.TB) Files {
	t.Helper()
	f := Files{Root: t.TempDir()}
	for name, text := range map[string]string{
		"sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "powersave\n",
		"sys/devices/system/cpu/cpufreq/policy4/scaling_governor": "schedutil\n",
		"proc/loadavg":        "2.00 1.00 0.50 1/300 4711\n",
		"dev/cpu_dma_latency": "",
	} {
		name = filepath.Join(f.Root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	return f
}

func (f Files) governors(t testing.TB) (list []string) {
	t.Helper()
	for _, name := range f.glob(governorFiles) {
		text, err := f.read(name)
		require.NoError(t, err)
		list = append(list, text)
	}
	return list
}

// scribe is a journal that looks at what it is told of.
type scribe struct {
	t     testing.TB
	files Files
	lines []string
	fails bool
}

func (s *scribe) File(name, old string) (func(), error) {
	if s.fails {
		return nil, errors.New("nobody listens")
	}
	now, err := s.files.read(name)
	require.NoError(s.t, err)
	require.Equal(s.t, old, now, "announced before it is changed")
	s.lines = append(s.lines, "+"+name)
	return func() {
		now, err := s.files.read(name)
		require.NoError(s.t, err)
		require.Equal(s.t, old, now, "taken back when it is undone")
		s.lines = append(s.lines, "-"+name)
	}, nil
}

func find(t testing.TB, findings []Finding, name string) Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return findings[i]
}

func TestPrepareChangesAndUndoes(t *testing.T) {
	files := tree(t)
	journal := &scribe{t: t, files: files}
	report, undo, err := Prepare(t.Context(), Options{
		Facts: Facts{Snapshot: facts()}, Files: files, Governor: "performance", Awake: true, Journal: journal,
	})
	require.NoError(t, err)
	require.Equal(t, []string{"performance", "performance"}, files.governors(t))
	require.Equal(t, OK, find(t, report.Findings, "governor").Verdict)
	require.Contains(t, find(t, report.Findings, "governor").Done, "2 of 2")
	require.Equal(t, OK, find(t, report.Findings, "idle").Verdict)
	require.Len(t, report.Changes, 3)
	for _, c := range report.Changes {
		require.False(t, c.Restored, c)
	}
	require.NoError(t, undo())
	require.NoError(t, undo(), "twice")
	require.Equal(t, []string{"powersave", "schedutil"}, files.governors(t))
	for _, c := range report.Changes {
		require.True(t, c.Restored, c)
	}
	const dir = "/sys/devices/system/cpu/cpufreq/"
	require.Equal(t, []string{
		"+" + dir + "policy0/scaling_governor", "+" + dir + "policy4/scaling_governor",
		"-" + dir + "policy4/scaling_governor", "-" + dir + "policy0/scaling_governor",
	}, journal.lines)
}

// Nothing is changed that was not asked for, and nothing that cannot be announced.
func TestPrepareChangesNothing(t *testing.T) {
	files := tree(t)
	report, undo, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: files})
	require.NoError(t, err)
	require.Empty(t, report.Changes)
	require.NoError(t, undo())
	report, undo, err = Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: files, Governor: "performance", Journal: &scribe{fails: true}})
	require.NoError(t, err)
	require.Empty(t, report.Changes)
	require.Contains(t, find(t, report.Findings, "governor").Text, "nobody listens")
	require.Equal(t, Warn, find(t, report.Findings, "governor").Verdict)
	require.NoError(t, undo())
	require.Equal(t, []string{"powersave", "schedutil"}, files.governors(t))
}

// The second group of processors does not take the governor: the first has its own
// back.
func TestGovernorIsAllOrNone(t *testing.T) {
	files := tree(t)
	second := filepath.Join(files.Root, "sys/devices/system/cpu/cpufreq/policy4/scaling_governor")
	require.NoError(t, os.Remove(second))
	require.NoError(t, os.Mkdir(second, 0o755))
	report, undo, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: files, Governor: "performance"})
	require.NoError(t, err)
	require.Equal(t, Warn, find(t, report.Findings, "governor").Verdict)
	first, err := files.read("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor")
	require.NoError(t, err)
	require.Equal(t, "powersave", first)
	require.True(t, report.Changes[0].Restored)
	require.NoError(t, undo())
}

// What cannot be undone is an error, and in the report.
func TestUndoThatFails(t *testing.T) {
	files := tree(t)
	report, undo, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: files, Governor: "performance"})
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(files.Root, "sys/devices/system/cpu/cpufreq/policy4/scaling_governor")))
	require.ErrorContains(t, undo(), "restore /sys/devices/system/cpu/cpufreq/policy4/scaling_governor")
	require.True(t, report.Changes[0].Restored, "the other is undone all the same")
	require.False(t, report.Changes[1].Restored)
	require.NotEmpty(t, report.Changes[1].Error)
}

func TestNoGovernor(t *testing.T) {
	report, _, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: Files{Root: t.TempDir()}, Governor: "performance", Awake: true})
	require.NoError(t, err)
	require.Equal(t, Warn, find(t, report.Findings, "governor").Verdict)
	require.Equal(t, Warn, find(t, report.Findings, "idle").Verdict)
}

func TestPrepareWaitsForCalm(t *testing.T) {
	files := tree(t)
	clock := time.Unix(0, 0)
	load := []string{"1.50", "0.80", "0.10"}
	var said []string
	o := Options{
		Facts: Facts{Snapshot: facts("scheduler cpus = 2", "scheduler load1 = 2.00")}, Files: files, Wait: time.Minute,
		Now: func() time.Time { return clock },
		Sleep: func(_ context.Context, d time.Duration) error {
			clock = clock.Add(d)
			if len(load) == 0 {
				return nil
			}
			err := os.WriteFile(filepath.Join(files.Root, "proc/loadavg"), []byte(load[0]+" 1 1 1/1 1\n"), 0o644)
			load = load[1:]
			return err
		},
		Progress: func(w Waiting) { said = append(said, w.String()) },
	}
	report, _, err := Prepare(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 3*time.Second, report.Waited)
	require.Equal(t, Finding{"load", "0.10", OK, "nobody else needs the processors", "waited for 3s"}, find(t, report.Findings, "load"))
	require.Equal(t, "the load is 2.00, and should be below 0.40", said[0])

	require.NoError(t, os.WriteFile(filepath.Join(files.Root, "proc/loadavg"), []byte("9.00 1 1 1/1 1\n"), 0o644))
	report, _, err = Prepare(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, time.Minute, report.Waited)
	require.Equal(t, Warn, find(t, report.Findings, "load").Verdict)
}

// Who is interrupted while waiting leaves nothing behind.
func TestPrepareInterrupted(t *testing.T) {
	files := tree(t)
	ctx, cancel := context.WithCancel(t.Context())
	report, undo, err := Prepare(ctx, Options{
		Facts: Facts{Snapshot: facts("scheduler cpus = 2")}, Files: files, Wait: time.Hour, Governor: "performance",
		Progress: func(Waiting) { cancel() },
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"powersave", "schedutil"}, files.governors(t))
	require.True(t, report.Changes[0].Restored)
	require.NoError(t, undo())
}

func TestOneBenchmarkAtATime(t *testing.T) {
	o := Options{Lock: fmt.Sprintf("prepare-test-%d", os.Getpid())}
	f, release, _, err := Exclude(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, OK, f.Verdict)

	second, none, _, err := Exclude(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, Fail, second.Verdict)
	require.Nil(t, none)

	ctx, cancel := context.WithCancel(t.Context())
	o.Wait, o.Progress = time.Hour, func(Waiting) { cancel() }
	_, none, _, err = Exclude(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, none)

	o.Progress = func(w Waiting) {
		require.Equal(t, "another benchmark runs on this machine", w.String())
		require.NoError(t, release())
	}
	third, release, waited, err := Exclude(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, OK, third.Verdict)
	require.GreaterOrEqual(t, waited, pause)
	require.NoError(t, release())

	report, _, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Files: tree(t), Found: []Finding{third}})
	require.NoError(t, err)
	require.Equal(t, third, find(t, report.Findings, "lock"))

	o.Lock = strings.Repeat("longer than a name may be", 10)
	f, none, _, err = Exclude(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, Unknown, f.Verdict)
	require.Nil(t, none)
}

// The real device, where this process may write to it: the kernel's answer while it is
// held is 0, and afterwards what it was before, unless others hold it as well (cyclictest
// does).
func TestRealLatency(t *testing.T) {
	writable := false
	if w, err := os.OpenFile(latencyFile, os.O_WRONLY, 0); err == nil {
		writable = true
		require.NoError(t, w.Close())
	}
	latency := func() int32 { // four bytes; to read on would be an error
		file, err := os.Open(latencyFile)
		require.NoError(t, err)
		defer file.Close()
		data := make([]byte, 4)
		_, err = io.ReadFull(file, data)
		require.NoError(t, err)
		return int32(binary.NativeEndian.Uint32(data))
	}
	before := int32(0)
	if writable {
		before = latency()
	}
	report, undo, err := Prepare(t.Context(), Options{Facts: Facts{Snapshot: facts()}, Awake: true})
	require.NoError(t, err)
	f := find(t, report.Findings, "idle")
	if !writable {
		require.Equal(t, Warn, f.Verdict)
		require.Contains(t, f.Text, "cannot be kept awake")
		require.Empty(t, report.Changes)
		return
	}
	require.Equal(t, OK, f.Verdict)
	require.Zero(t, latency())
	require.NoError(t, undo())
	require.True(t, report.Changes[0].Restored)
	require.Eventually(t, func() bool { return before == 0 || latency() == before }, time.Minute, 10*time.Millisecond)
}
