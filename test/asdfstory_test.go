package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// TestAsdfStory is what a user of asdf does, in the words of asdf's own manual:
// "asdf global" on WSL1, "asdf set" on WSL2, one home.
func TestAsdfStory(t *testing.T) {
	asdf := need(t, "asdf")
	needKernels(t)
	server := fakerelease.Start(t, fakerelease.New("1.97.14"), fakerelease.New("1.98.5"), fakerelease.New("1.99.1"))
	for name, shell := range map[string][]string{"bash": {"bash", "-i"}, "zsh": {need(t, "zsh"), "-i"}, "fish": {need(t, "fish"), "-i"}} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, append(server.Env(), "GOPROXY="+server.GOPROXY()+",off", "GOLANG_WSL_SOURCE=official", "GOLANG_WSL_HELPER="+realHelper(t))...)
			// A quote in the data directory is more than asdf 0.16 and later can do.
			u.home = filepath.Join(u.root, "home of asdf")
			require.NoError(t, os.MkdirAll(u.home, 0o755))
			for _, file := range []string{".bashrc", ".zshrc"} {
				u.write(t, file, "")
			}
			u.env = append(u.env, "HOME="+u.home, "PATH="+filepath.Dir(asdf)+":"+os.Getenv("PATH"))
			tellAsdfStory(t, u, shell)
		})
	}
}

func tellAsdfStory(t *testing.T, u *user, shell []string) {
	ok := func(kind string, lines ...string) result {
		t.Helper()
		got := u.types(t, kind, shell, append(lines, "echo it is done")...)
		require.Contains(t, got.stdout, "it is done", got.stderr)
		return got
	}
	setDefault := func(version string) string { return "asdf set golang-wsl " + version + " --home" }
	own := "asdf cmd golang-wsl "
	if asdfIsOld() {
		setDefault = func(version string) string { return "asdf global golang-wsl " + version }
		own = "asdf golang-wsl "
	}
	// Nothing is set up yet: asdf's own directory is ~/.asdf.
	ok("native", "asdf plugin add golang-wsl "+quoted(checkout(t)), own+"setup")
	require.FileExists(t, filepath.Join(u.home, ".asdf-wsl1", "plugins", "golang-wsl", "bin", "install"))
	require.FileExists(t, filepath.Join(u.home, ".asdf-wsl2", "plugins", "golang-wsl", "bin", "install"))

	project := filepath.Join(u.outside, "project")
	require.NoError(t, os.MkdirAll(project, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(project, ".tool-versions"), []byte("golang-wsl 1.99.1\n"), 0o644))
	ok("wsl1", "asdf install golang-wsl 1.97.14", setDefault("1.97.14"))
	ok("wsl2", "asdf install golang-wsl 1.98.5", setDefault("1.98.5"), "cd "+quoted(project), "asdf install")
	require.Equal(t, "golang-wsl default\n", u.read(t, ".tool-versions"))

	deep := filepath.Join(u.home, "a", "b", "c", "d")
	require.NoError(t, os.MkdirAll(deep, 0o755))
	for _, kind := range []struct{ name, version string }{{"wsl1", "1.97.14"}, {"wsl2", "1.98.5"}, {"wsl1", "1.97.14"}} {
		for _, dir := range []string{u.home, deep, u.outside} {
			want := "go version go" + kind.version + " linux/"
			require.Contains(t, ok(kind.name, "cd "+quoted(dir), "go version").stdout, want, "by the fast shim")
			got := ok(kind.name, "cd "+quoted(dir), `"$ASDF_DATA_DIR/shims/go" version`)
			require.Contains(t, got.stdout, want, "by asdf's shim: %s", got.stderr)
		}
	}
	require.Contains(t, ok("wsl2", "cd "+quoted(project), "go version").stdout, "go1.99.1")
	require.Contains(t, ok("wsl2", "asdf shell golang-wsl 1.99.1", "go version").stdout, "go1.99.1")
	require.Contains(t, ok("wsl2", "asdf shell golang-wsl 1.99.1", "asdf shell golang-wsl --unset", "go version").stdout, "go1.98.5")

	// The default is not pulled away; the word can be installed where it is missing.
	got := ok("wsl2", "asdf uninstall golang-wsl 1.98.5")
	require.Contains(t, got.stdout+got.stderr, "golang-wsl: error: remove 1.98.5: it is the default here")
	require.Contains(t, ok("wsl2", "go version").stdout, "go1.98.5")
	ok("wsl1", "asdf uninstall golang-wsl default", "asdf uninstall golang-wsl 1.97.14", "asdf install")
	require.Contains(t, ok("wsl1", "go version").stdout, "go1.99.1", "the latest, as nothing else is configured")

	// Past the function the shared line is overwritten: the next shell says so.
	write := "command asdf set -u golang-wsl 1.98.5"
	if asdfIsOld() {
		write = "command asdf global golang-wsl 1.98.5"
	}
	ok("wsl2", write)
	require.Contains(t, ok("wsl2").stderr, "to make that the default of this kind only: golang-wsl default 1.98.5")
	ok("wsl2", "golang-wsl default 1.98.5")
	require.NotContains(t, ok("wsl2").stderr, "for every kind")
	require.Equal(t, "golang-wsl default\n", u.read(t, ".tool-versions"))
}
