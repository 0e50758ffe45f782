package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// The program is its own guardian.
func TestGuardian(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	journal, err := sandbox.StartGuard(guardArgs(exe), os.Stderr)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return runs("bench-guardian") }, 20*time.Second, 5*time.Millisecond,
		"pkill golang-wsl-bench does not mean it")
	left := filepath.Join(t.TempDir(), "left")
	_, err = journal.Dir(left)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(left, "below"), 0o777))
	require.NoError(t, journal.Abandon())
	require.NoDirExists(t, left)
}

// And its own shim: what looks like flags of this program is the payload's.
func TestShim(t *testing.T) {
	file := filepath.Join(t.TempDir(), "said")
	_, errs, code := runApp(t, "run", "--quick", "--wait", "0", "--nice", "2", "--",
		"sh", "-c", `nice >"$0"; echo "$@" >>"$0"`, file, "--help", "-x", "--", shimCommand)
	require.Zero(t, code, errs)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "2\n--help -x -- exec-with\n", string(text))
}

// runs reports whether a process of that name does.
func runs(name string) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.TrimSpace(string(text)) == name
	})
}
