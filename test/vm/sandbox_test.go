package vm

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tests of the sandbox, with all its rungs: they prove what limits do, and that
// nothing is left. No rung may be missing, so that the variables forbid to skip.
func TestSandbox(t *testing.T) {
	m := need(t)
	require.NoError(t, command("go", "test", "-c", "-o", filepath.Join(m.share, "sandbox.test"), "../../pkg/bench/sandbox"))
	for _, who := range []struct {
		name  string
		run   func(*testing.T, ...string) result
		env   []string
		rungs []string
	}{
		{"root", m.root, []string{"REQUIRE_CGROUP2=1", "REQUIRE_SYSTEMD=1"}, []string{"system-scope", "cgroupfs"}},
		{"dev", m.dev, []string{"REQUIRE_CGROUP2=1", "REQUIRE_USER_SYSTEMD=1"}, []string{"user-scope"}},
	} {
		t.Run(who.name, func(t *testing.T) {
			args := append([]string{"env", "-C", "/tmp"}, who.env...)
			got := who.run(t, append(args, "/share/sandbox.test", "-test.v", "-test.run=^TestReal", "-test.timeout=15m")...)
			t.Log(got.stdout)
			got.requireOK(t)
			for _, test := range []string{"CPU", "Memory", "MemoryEndsAll", "Tasks", "CPUs", "Group", "Hostile", "Close", "Kill"} {
				for _, rung := range who.rungs {
					require.Contains(t, got.stdout, "\n    --- PASS: TestReal"+test+"/"+rung+" (")
				}
			}
		})
	}
	m.requireEmpty(t)
}

// requireEmpty fails the test unless all that was ours is gone: groups and units.
func (m *machine) requireEmpty(t *testing.T) {
	t.Helper()
	got := m.root(t, "bash", "-c", "find /sys/fs/cgroup -name '*golang-wsl*'; systemctl list-units --all --plain --no-legend '*golang-wsl*';"+
		" runuser -l dev -c \"systemctl --user list-units --all --plain --no-legend '*golang-wsl*'\"")
	got.requireOK(t)
	require.Empty(t, got.stdout)
}
