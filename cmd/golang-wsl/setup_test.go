package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// newSetup is a run of setup for a user who has bash and zsh.
func newSetup(t *testing.T, env map[string]string) (*setup, *bytes.Buffer) {
	t.Helper()
	tools := t.TempDir()
	for _, name := range []string{"bash", "zsh"} {
		require.NoError(t, os.WriteFile(filepath.Join(tools, name), nil, 0o755))
	}
	env["PATH"] = tools
	var stderr bytes.Buffer
	s := &setup{app: newApp(func(name string) string { return env[name] }, streams{err: &stderr})}
	s.homeDir = env["HOME"]
	var err error
	s.hookDir, err = s.configDir()
	require.NoError(t, err)
	return s, &stderr
}

// asNobody runs fn without root's rights over files. Linux has them per thread.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		require.NoError(t, unix.Setfsuid(65534))
		defer func() { require.NoError(t, unix.Setfsuid(0)) }()
	}
	fn()
}

// A home that its owner cannot write to: what can be done is done, and the exit
// code tells of the rest.
func TestSetupInReadOnlyHome(t *testing.T) {
	root := t.TempDir()
	home, zdotdir, config := filepath.Join(root, "home"), filepath.Join(root, "z"), filepath.Join(root, "config")
	for _, dir := range []string{home, zdotdir, config} {
		require.NoError(t, os.Mkdir(dir, 0o777))
		require.NoError(t, os.Chmod(dir, 0o777))
	}
	rc := filepath.Join(home, ".bashrc")
	require.NoError(t, os.WriteFile(rc, []byte("a\n"), 0o666))
	require.NoError(t, os.Chmod(home, 0o555))
	defer os.Chmod(home, 0o755)
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	s, stderr := newSetup(t, map[string]string{"HOME": home, "ZDOTDIR": zdotdir, "XDG_CONFIG_HOME": config})
	// Whoever may not see the shells has none.
	for dir := s.env("PATH"); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}

	asNobody(t, s.editShells)
	err := errors.Join(s.errs...)
	require.ErrorContains(t, err, "edit "+rc+": ")
	require.ErrorIs(t, err, fs.ErrPermission)
	require.Len(t, s.errs, 1)
	require.Equal(t, exitSystem, s.diagnose(err).code)
	text, err := os.ReadFile(rc)
	require.NoError(t, err)
	require.Equal(t, "a\n", string(text))
	require.Equal(t, []string{".bashrc"}, names(home))
	require.Contains(t, stderr.String(), "z/.zshrc: added a block (new file)\n")
}

func TestLoginFile(t *testing.T) {
	s, _ := newSetup(t, map[string]string{"HOME": t.TempDir()})
	require.Equal(t, filepath.Join(s.homeDir, ".profile"), s.loginFile())
	for _, name := range []string{".profile", ".bash_login", ".bash_profile"} { // each before the last
		require.NoError(t, os.WriteFile(filepath.Join(s.homeDir, name), nil, 0o644))
		require.Equal(t, filepath.Join(s.homeDir, name), s.loginFile())
	}
}

func TestSetupSpeaksInLines(t *testing.T) {
	s, stderr := newSetup(t, map[string]string{"HOME": "/home/me"})
	s.did("/home/me/a\nb\x1b[31m", wrote, "x")
	s.did("/home/me2", removed, "x")
	s.dryRun = true
	s.did("/home/me/.bashrc", tookOut, "x")
	require.Equal(t, "golang-wsl: ~/a?b?[31m: wrote x\ngolang-wsl: /home/me2: removed x\ngolang-wsl: ~/.bashrc: would take out x\n", stderr.String())
}
