package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// nobody is a user that has no process here.
const nobody = 54321

// unprivileged makes limits hold for the command: for root `ulimit -u` does not.
func unprivileged(cmd *exec.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// openTempDir is a temporary directory that another user can read.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	openDir(t, dir)
	return dir
}

// openDir makes the directories from the temporary one down to dir readable.
func openDir(t *testing.T, dir string) {
	t.Helper()
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		require.NoError(t, os.Chmod(parent, 0o755))
	}
}

// The limit must bite, or the tests that rely on it prove nothing.
func TestTheLimitForbidsProcesses(t *testing.T) {
	cmd := exec.Command("bash", "-c", `ulimit -u 0; exec sh -c '(:); echo forked'`)
	unprivileged(cmd)
	require.NotContains(t, run(t, cmd).stdout, "forked")
}
