package test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// TestKill kills installs at 200 random moments. Whatever asdf would show after
// that must run and be as it was released, and the next install must succeed.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, lane := range []struct {
		source string
		byAsdf bool
		kills  int
	}{
		{"official", false, 60}, {"official", true, 60}, {"goproxy", false, 40}, {"goproxy", true, 40},
	} {
		t.Run(fmt.Sprintf("%s, by asdf: %t", lane.source, lane.byAsdf), func(t *testing.T) {
			t.Parallel()
			k := newKiller(t, lane.source)
			if lane.byAsdf {
				k.begin = k.byAsdf(t)
			}
			k.measure(t)
			for range lane.kills {
				k.kill(t, syscall.SIGKILL)
				k.requireWhole(t)
				k.requireNext(t)
			}
			k.requireWork(t, lane.kills)
		})
	}
}

// A killer begins installs that it does not let end.
type killer struct {
	*machine
	version string
	begin   func() *exec.Cmd
	lasts   time.Duration  // of an install that is left alone
	phases  map[string]int // how many installs were killed in which
	healed  int            // empty directories that asdf would have shown
}

func newKiller(t *testing.T, source string) *killer {
	t.Helper()
	release := fakerelease.New("1.99.1")
	release.Padding, release.Ballast = 1<<20, 3000
	k := &killer{machine: newMachine(t, fakerelease.Start(t, release), source), version: release.Version, phases: map[string]int{}}
	k.begin = func() *exec.Cmd { return k.command("install", k.version) }
	return k
}

// measure lets some installs end.
func (k *killer) measure(t *testing.T) {
	t.Helper()
	var times []time.Duration
	for range 3 {
		start := time.Now()
		run(t, k.begin()).requireOK(t)
		times = append(times, time.Since(start))
		k.clean(t)
	}
	slices.Sort(times)
	k.lasts = times[1]
}

// kill sends a signal to an install and all that it has started, at a random
// moment, and notes how far it had come.
func (k *killer) kill(t *testing.T, signal syscall.Signal) result {
	t.Helper()
	cmd := k.begin()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	time.Sleep(rand.N(k.lasts))
	_ = syscall.Kill(-cmd.Process.Pid, signal) // fails where it has ended
	_ = cmd.Wait()
	got := result{stderr: said.String(), code: cmd.ProcessState.ExitCode()}
	phase := k.phase(t)
	if got.code == 0 {
		phase = "ended before"
	}
	k.phases[phase]++
	return got
}

// phase reads from the disk how far an install had come.
func (k *killer) phase(t *testing.T) string {
	t.Helper()
	staged := k.find(t, ".golang-wsl.json")
	archives := strings.Join(k.archives(t), " ")
	unpacking := strings.Contains(archives, "go1.99.1.linux")
	switch {
	case len(k.shown(t)) > 0:
		return "6 published"
	case len(k.names(t)) > 0:
		return "5 publishing, directory made by asdf"
	case len(staged) > 0:
		return "4 complete"
	case archives != "" && !unpacking:
		return "3 verified"
	case unpacking && len(k.find(t, "ballast")) > 0:
		return "2 unpacking"
	case unpacking:
		return "1 downloading"
	case len(k.staging(t)) > 0:
		return "0 asking"
	}
	return "0 starting"
}

// requireWhole fails the test where asdf would show what does not work.
func (k *killer) requireWhole(t *testing.T) {
	t.Helper()
	for _, version := range k.shown(t) {
		k.requireWorks(t, version)
	}
	if len(k.names(t)) > len(k.shown(t)) {
		// asdf made a directory and was killed before it was filled
		// (asdf-vm/asdf#2036). It is gone as soon as anything of ours runs.
		run(t, k.callback("list-all", "")).requireOK(t)
		require.Equal(t, k.shown(t), k.names(t))
		k.healed++
	}
}

// requireNext fails the test unless the next install succeeds and leaves nothing.
func (k *killer) requireNext(t *testing.T) {
	t.Helper()
	if len(k.shown(t)) == 0 {
		start := time.Now()
		run(t, k.begin()).requireOK(t)
		k.lasts = (3*k.lasts + time.Since(start)) / 4 // others may use the machine
		k.requireWorks(t, k.version)
	}
	require.Empty(t, k.staging(t))
	k.clean(t)
}

// clean makes the next install begin from nothing.
func (k *killer) clean(t *testing.T) {
	t.Helper()
	k.run(t, "uninstall", k.version).requireOK(t)
	k.run(t, "cache", "clean").requireOK(t)
	require.Empty(t, k.names(t))
	require.Empty(t, k.staging(t))
}

// requireWork fails the test if most of the kills came too late, and tells how
// many met which phase.
func (k *killer) requireWork(t *testing.T, kills int) {
	t.Helper()
	for _, phase := range slices.Sorted(maps.Keys(k.phases)) {
		t.Logf("%4d  %s", k.phases[phase], phase)
	}
	t.Logf("%4d  empty directories healed; an install lasts %v", k.healed, k.lasts)
	require.Greater(t, kills-k.phases["ended before"], kills/2, "kills that met a running install")
	require.GreaterOrEqual(t, len(k.phases), 3, "phases that were met")
}
