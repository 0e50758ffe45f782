package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkout is a git repository with the sources as they are now, for clients
// that clone a plugin.
func checkout(t *testing.T) string {
	t.Helper()
	need(t, "git")
	from, to := repository(t), filepath.Join(t.TempDir(), "repository")
	for _, dir := range []string{"bin", "lib", "cmd", "pkg"} {
		copyTree(t, filepath.Join(from, dir), filepath.Join(to, dir))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o644))
	}
	git(t, to, "init", "-q", "-b", "main")
	commit(t, to)
	return to
}

// commit commits all that is in the repository.
func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=test", "-c", "user.email=test@example.test", "-c", "commit.gpgsign=false",
		"commit", "-q", "-m", "a state of the sources")
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	run(t, cmd).requireOK(t)
}
