package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// On a full disk a file of before stays, and nothing else is left.
func TestWriteToAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8k"); err != nil {
		t.Skip("cannot mount here:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(dir, "run.json")
	require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
	require.NoError(t, checkOutput(path))

	big := &bench.Set{Runs: []*bench.Run{{Probe: "x", Series: []bench.Series{{Name: "X", Unit: "ns", Samples: make([]int64, 20_000)}}}}}
	err := new(app).write(path, big)
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "write "+path+": ")
	code, hint := diagnose(err)
	require.Equal(t, exitSystem, code)
	require.NotEmpty(t, hint)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestLocale(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{}, false},
		{map[string]string{"LANG": "C"}, false},
		{map[string]string{"LANG": "en_US.UTF-8"}, true},
		{map[string]string{"LANG": "de_DE.utf8"}, true},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, false},
		{map[string]string{"LANG": "C", "LC_CTYPE": "C.UTF-8"}, true},
	} {
		a := &app{env: func(name string) string { return c.env[name] }}
		require.Equal(t, c.want, a.utf8(), "%v", c.env)
	}
}
