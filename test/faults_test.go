package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// The exit codes that a fault may end with; cmd/golang-wsl has the table.
const (
	exitUsage   = 2
	exitVersion = 3
	exitNetwork = 4
	exitVerify  = 5
	exitLocked  = 7
)

// A fault is one way in which the world may lie to an install of one release.
type fault struct {
	name    string
	source  string // "official" where it is empty
	version string // "1.99.1" where it is empty: no list outside of this test has it
	env     []string
	lie     func(*liar)
	code    int    // of the helper; 0: the install is right in the end
	want    string // in what it says
	lasting bool   // an honest server does not help: the machine remembers, or is set up so
	lucky   bool   // may also end in a right install
}

// A liar is a server, the release that it lies about and whom it lies to.
type liar struct {
	t *testing.T
	*fakerelease.Server
	*machine
	release fakerelease.Release
	archive []byte // as the source of this machine has it
}

// A trial is a fault that was met.
type trial struct {
	*liar
	done chan result
}

// meet makes a liar and begins an install, which waits for its turn in slots.
func (f *fault) meet(t *testing.T, slots chan struct{}) *trial {
	t.Helper()
	if f.source == "" {
		f.source = "official"
	}
	if f.version == "" {
		f.version = "1.99.1"
	}
	release := fakerelease.New(f.version)
	server := fakerelease.Start(t, release, fakerelease.New("1.99.2"))
	l := &liar{t: t, Server: server, machine: newMachine(t, server, f.source), release: release, archive: release.Tarball()}
	if f.source == "goproxy" {
		l.archive = release.Zip()
	}
	l.machine.set(f.env...)
	f.lie(l)
	tr := &trial{l, make(chan result, 1)}
	cmd := l.command("install", f.version)
	go func() {
		slots <- struct{}{}
		tr.done <- run(t, cmd)
		<-slots
	}()
	return tr
}

// meetAll begins all installs at once: most of the time they wait to try again.
func meetAll(t *testing.T, faults []fault) {
	t.Parallel()
	slots := make(chan struct{}, 12)
	trials := make([]*trial, len(faults))
	for i := range faults {
		trials[i] = faults[i].meet(t, slots)
	}
	for i, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			got := <-trials[i].done
			if f.code == 0 || f.lucky && got.code == 0 {
				got.requireOK(t)
				require.Contains(t, got.stderr, f.want)
				trials[i].requireWorks(t, f.version)
				return
			}
			f.requireRefused(t, trials[i], got)
		})
	}
}

// requireRefused fails the test unless the fault ended in one clear error and
// nothing of it was left behind.
func (f *fault) requireRefused(t *testing.T, tr *trial, got result) {
	t.Helper()
	require.Equal(t, f.code, got.code, got.stderr)
	require.Empty(t, got.stdout)
	require.Contains(t, errorLine(t, got), f.want)
	require.Empty(t, tr.names(t))
	require.Empty(t, tr.staging(t))
	require.Empty(t, tr.find(t, "evil"), "a file outside of its directory")
	if f.code == exitVerify {
		require.Empty(t, tr.archives(t), "refused content was kept")
	}
	require.NotContains(t, strings.Join(tr.archives(t), " "), "sha256-")
	if f.lasting {
		return
	}
	tr.Repent()
	tr.run(t, "install", f.version).requireOK(t)
	tr.requireWorks(t, f.version)
}

// errorLine is the one line that says what went wrong. Hints may follow it, and
// for two contradicting trees the proof.
func errorLine(t *testing.T, got result) string {
	t.Helper()
	text, _, _ := strings.Cut(got.stderr, "SECURITY ERROR\n")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	isError := func(line string) bool { return strings.HasPrefix(line, "golang-wsl: error: ") }
	first := slices.IndexFunc(lines, isError)
	require.GreaterOrEqual(t, first, 0, got.stderr)
	for _, line := range lines[first+1:] {
		require.True(t, strings.HasPrefix(line, "golang-wsl: hint: "), got.stderr)
	}
	return lines[first]
}
