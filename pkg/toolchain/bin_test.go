package toolchain

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
)

// names are the files in a directory, with what a link points at.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		name := e.Name()
		if target, err := os.Readlink(filepath.Join(dir, name)); err == nil {
			name += " -> " + target
		}
		list = append(list, name)
	}
	return list
}

func TestLinkCommands(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s, v := i.Store, w.artifact.Version
	built := t.TempDir()
	p := Programs{Helper: filepath.Join(built, "golang-wsl-key-x"), Shim: filepath.Join(built, "golang-wsl-shim-key-x")}
	require.NoError(t, os.WriteFile(p.Helper, []byte("#!/bin/sh\necho helper\n"), 0o755))
	require.NoError(t, os.WriteFile(p.Shim, []byte("#!/bin/sh\necho shim\n"), 0o755))

	require.NoError(t, s.LinkCommands(p))
	fresh := []string{"go -> golang-wsl-shim", "gofmt -> golang-wsl-shim", "golang-wsl", "golang-wsl-shim"}
	require.Equal(t, fresh, names(t, s.Bin()))

	_, _, err := i.Install(t.Context(), v)
	require.NoError(t, err)
	require.NoError(t, s.Alias(t.Context(), "1.99", v, time.Now()))
	all := []string{
		"go -> golang-wsl-shim", "go1.99.0 -> ../../installs/" + s.Plugin + "/1.99.0/go/bin/go", "gofmt -> golang-wsl-shim",
		"golang-wsl", "golang-wsl-shim",
	}
	require.NoError(t, s.LinkCommands(p))
	require.Equal(t, all, names(t, s.Bin()))
	out, err := exec.Command(filepath.Join(s.Bin(), "go1.99.0")).Output()
	require.NoError(t, err)
	require.Equal(t, "go1.99.0\n", string(out))
	out, err = exec.Command(filepath.Join(s.Bin(), "go")).Output()
	require.NoError(t, err)
	require.Equal(t, "shim\n", string(out))

	// Nothing to do is nothing done: links and programs are the same files.
	before := identities(t, s.Bin())
	require.NoError(t, s.LinkCommands(p))
	require.Equal(t, before, identities(t, s.Bin()))

	// A program that calls this for itself must not overwrite itself.
	require.NoError(t, s.LinkCommands(Programs{Helper: filepath.Join(s.Bin(), "golang-wsl"), Shim: filepath.Join(s.Bin(), "golang-wsl-shim")}))
	require.Equal(t, before, identities(t, s.Bin()))

	require.NoError(t, os.WriteFile(p.Helper, []byte("#!/bin/sh\necho newer\n"), 0o755))
	require.NoError(t, s.LinkCommands(p))
	out, err = exec.Command(filepath.Join(s.Bin(), "golang-wsl")).Output()
	require.NoError(t, err)
	require.Equal(t, "newer\n", string(out))

	_, err = s.Remove(t.Context(), "1.99.0")
	require.NoError(t, err)
	require.NoError(t, s.LinkCommands(p))
	require.Equal(t, fresh, names(t, s.Bin()))

	require.NoError(t, s.UnlinkCommands())
	require.Equal(t, []string{"golang-wsl", "golang-wsl-shim"}, names(t, s.Bin()))
	require.NoError(t, Store{DataDir: t.TempDir(), Plugin: "golang"}.UnlinkCommands())
}

// The directory is GOBIN, so that others put files there. Theirs stay, also
// where they have the name of one of ours.
func TestLinkCommandsLeavesOthersAlone(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s, v := i.Store, w.artifact.Version
	helper := filepath.Join(t.TempDir(), "golang-wsl")
	require.NoError(t, os.WriteFile(helper, []byte("helper"), 0o755))
	require.NoError(t, os.MkdirAll(s.Bin(), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(s.Bin(), "go1.99.0"), []byte("golang.org/dl"), 0o755))
	require.NoError(t, os.Symlink("/somewhere", filepath.Join(s.Bin(), "gopls")))
	require.NoError(t, os.Symlink("golang-wsl", filepath.Join(s.Bin(), "gw")))
	require.NoError(t, os.Symlink("../../installs/"+s.Plugin+"/1.98.0/go/bin/go", filepath.Join(s.Bin(), "go1.98.0")))
	require.NoError(t, os.Symlink("../../installs/another/1.98.1/go/bin/go", filepath.Join(s.Bin(), "go1.98.1")))
	_, _, err := i.Install(t.Context(), v)
	require.NoError(t, err)
	require.NoError(t, s.LinkCommands(Programs{Helper: helper}))
	require.Equal(t, []string{
		"go -> golang-wsl", "go1.98.1 -> ../../installs/another/1.98.1/go/bin/go", "go1.99.0", "gofmt -> golang-wsl", "golang-wsl", "gopls -> /somewhere", "gw -> golang-wsl",
	}, names(t, s.Bin()))
}

// identities tells files apart that have the same names.
func identities(t *testing.T, dir string) (list []string) {
	t.Helper()
	out, err := exec.Command("stat", "-c", "%n %i %Y", "--", dir+"/go", dir+"/go1.99.0", dir+"/golang-wsl", dir+"/golang-wsl-shim").Output()
	require.NoError(t, err)
	return strings.Split(string(out), "\n")
}

func TestDefault(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s, v := i.Store, w.artifact.Version
	_, err := s.Default()
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = i.Install(t.Context(), v)
	require.NoError(t, err)
	require.NoError(t, s.Alias(t.Context(), DefaultAlias, v, time.Now()))
	got, err := s.Default()
	require.NoError(t, err)
	require.Equal(t, v, got)

	_, err = s.Remove(t.Context(), "1.99.0")
	var inUse *DefaultError
	require.ErrorAs(t, err, &inUse)
	require.Equal(t, v, inUse.Version)
	require.DirExists(t, s.Dir("1.99.0"))

	gone, err := s.Remove(t.Context(), DefaultAlias)
	require.NoError(t, err)
	require.Equal(t, []string{DefaultAlias}, gone)
	_, err = s.Remove(t.Context(), "1.99.0")
	require.NoError(t, err)
}
