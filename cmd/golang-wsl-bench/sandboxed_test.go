package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// The program is its own shim and its own guardian.
func TestSandboxed(t *testing.T) {
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

	box, err := sandbox.Open(context.Background(), sandbox.Options{
		Settings: sandbox.Settings{Nice: 2}, Shim: shimArgs(exe), Journal: journal,
	})
	require.NoError(t, err)
	cell, err := box.Cell("one")
	require.NoError(t, err)
	var out bytes.Buffer
	cmd := exec.Command("sh", "-c", `nice; echo "$@"`, "sh", "--help", "-x", "--", shimCommand)
	cmd.Stdout = &out
	require.NoError(t, startIn(cell, cmd))
	require.NoError(t, cmd.Wait())
	require.Equal(t, "2\n--help -x -- exec-with\n", out.String())
	require.Positive(t, cell.Self().Started)
	require.NoError(t, cell.Close())

	cell, err = box.Cell("two")
	require.NoError(t, err)
	require.ErrorIs(t, startIn(cell, &exec.Cmd{Path: "/nonexistent", Args: []string{"x"}}), os.ErrNotExist)
	require.ErrorIs(t, startIn(cell, exec.Command("nonexistent-program")), exec.ErrNotFound)
	require.NoError(t, box.Close())
	require.NoError(t, journal.Abandon())
	require.NoDirExists(t, left)
}

// runs reports whether a process of that name does.
func runs(name string) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.TrimSpace(string(text)) == name
	})
}
