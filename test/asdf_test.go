package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A realAsdf is the asdf of this machine with a data directory of its own.
type realAsdf struct {
	path, home, data, project string
	bash                      bool // 0.15 and before
	env                       []string
	server                    *fakerelease.Server
}

func newAsdf(t *testing.T, versions ...string) *realAsdf {
	t.Helper()
	path := need(t, "asdf")
	var releases []fakerelease.Release
	for _, version := range versions {
		releases = append(releases, fakerelease.New(version))
	}
	root := t.TempDir()
	a := &realAsdf{
		path: path, home: filepath.Join(root, "home"), data: filepath.Join(root, "data"),
		server: fakerelease.Start(t, releases...),
	}
	a.project = filepath.Join(a.home, "project")
	require.NoError(t, os.MkdirAll(a.project, 0o755))
	a.env = append([]string{
		"HOME=" + a.home, "ASDF_DATA_DIR=" + a.data, "GOENV=off", "GOLANG_WSL_HELPER=" + realHelper(t),
		"GOLANG_WSL_SOURCE=official", "GOLANG_WSL_CACHE_DIR=" + filepath.Join(root, "cache"),
		"PATH=" + a.data + "/shims:" + filepath.Dir(path) + ":" + os.Getenv("PATH"),
	}, a.server.Env()...)
	a.write(t, ".asdfrc", "legacy_version_file = yes\n")
	version := a.run(t, "--version")
	a.bash = strings.Contains(version.stdout, "0.14.") || strings.Contains(version.stdout, "0.15.")
	t.Log(strings.TrimSpace(version.stdout))
	return a
}

// write makes a file below the home directory.
func (a *realAsdf) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(a.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// run runs asdf in the project.
func (a *realAsdf) run(t *testing.T, args ...string) result {
	t.Helper()
	return a.runIn(t, a.project, append([]string{a.path}, args...)...)
}

func (a *realAsdf) runIn(t *testing.T, dir string, command ...string) result {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, a.env, strings.NewReader("line one\nline two\n")
	return run(t, cmd)
}

// shim runs the go that a user's shell finds.
func (a *realAsdf) shim(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return a.runIn(t, dir, append([]string{filepath.Join(a.data, "shims", "go")}, args...)...)
}

func TestAsdf(t *testing.T) {
	for _, name := range []string{"golang-wsl", "golang"} {
		t.Run(name, func(t *testing.T) {
			a := newAsdf(t, "1.98.2", "1.98.1", "1.97.1", "1.99rc1")
			a.run(t, "plugin", "add", name, checkout(t)).requireOK(t)

			got := a.run(t, "list", "all", name, "1.98")
			got.requireOK(t)
			require.Equal(t, []string{"1.98.1", "1.98.2"}, strings.Fields(got.stdout))
			require.Equal(t, 2, strings.Count(got.stdout, "\n"), "no empty line")
			require.Equal(t, "1.98.2\n", a.run(t, "latest", name).stdout)
			require.Equal(t, "1.97.1\n", a.run(t, "latest", name, "1.97").stdout)

			a.run(t, "install", name, "1.97.1").requireOK(t)
			a.write(t, "project/.tool-versions", name+" 1.98.1\n")
			a.run(t, "install").requireOK(t)
			a.write(t, ".tool-versions", name+" 1.97.1\n")

			require.Contains(t, a.shim(t, a.project, "version").stdout, "go version go1.98.1 linux/")
			require.Contains(t, a.shim(t, a.home, "version").stdout, "go version go1.97.1 linux/")
			require.Equal(t, "line one\nline two\n", a.shim(t, a.project, "stdin").stdout, "all of stdin is go's")
			require.Contains(t, a.run(t, "exec", "go", "version").stdout, "go1.98.1")
			require.Contains(t, a.run(t, "list", name).stdout, "1.97.1")

			a.run(t, "uninstall", name, "1.97.1").requireOK(t)
			require.NoDirExists(t, filepath.Join(a.data, "installs", name, "1.97.1"))
			require.NotZero(t, a.shim(t, a.home, "version").code)
			require.Contains(t, a.shim(t, a.project, "version").stdout, "go1.98.1")

			require.NotEmpty(t, a.run(t, "help", name).stdout)
			a.run(t, "plugin", "remove", name).requireOK(t)
			require.NoDirExists(t, filepath.Join(a.data, "plugins", name))
			require.NoFileExists(t, filepath.Join(a.data, "golang-wsl", "bin", "go"), "it would hide every other")
		})
	}
}

func TestAsdfFailedInstall(t *testing.T) {
	a := newAsdf(t, "1.98.2")
	a.run(t, "plugin", "add", "golang-wsl", checkout(t)).requireOK(t)
	got := a.run(t, "install", "golang-wsl", "9.9.9")
	require.NotZero(t, got.code)
	require.Contains(t, got.stdout+got.stderr, "golang-wsl: error: ")
	require.NotContains(t, a.run(t, "list", "golang-wsl").stdout, "9.9.9")

	a.run(t, "install", "golang-wsl", "latest").requireOK(t)
	require.Contains(t, a.run(t, "list", "golang-wsl").stdout, "1.98.2")
}

func TestAsdfLegacyFiles(t *testing.T) {
	a := newAsdf(t, "1.98.2", "1.97.1")
	a.run(t, "plugin", "add", "golang-wsl", checkout(t)).requireOK(t)
	a.run(t, "install", "golang-wsl", "1.98.2").requireOK(t)
	a.run(t, "install", "golang-wsl", "1.97.1").requireOK(t)
	a.write(t, "mod/go.mod", "module m\n\ngo 1.97\n\ntoolchain go1.97.1\n")
	a.write(t, "plain/.go-version", "1.98.2\n")
	require.Contains(t, a.shim(t, filepath.Join(a.home, "mod"), "version").stdout, "go1.97.1")
	require.Contains(t, a.shim(t, filepath.Join(a.home, "plain"), "version").stdout, "go1.98.2")
}

func TestAsdfExtensionCommands(t *testing.T) {
	a := newAsdf(t, "1.98.2")
	a.run(t, "plugin", "add", "golang-wsl", checkout(t)).requireOK(t)
	a.run(t, "install", "golang-wsl", "1.98.2").requireOK(t)
	cmd := []string{"cmd", "golang-wsl"}
	if a.bash {
		cmd = cmd[1:]
	}
	own := func(args ...string) result { return a.run(t, append(append([]string(nil), cmd...), args...)...) }

	own("verify", "1.98.2").requireOK(t)
	require.Contains(t, own("list").stdout, "1.98.2")
	flags := []string{"--", "list", "--json"} // asdf 0.16 and later take flags for their own
	if a.bash {
		flags = flags[1:]
	}
	require.Contains(t, own(flags...).stdout, `"1.98.2"`)
	require.Contains(t, own("exec", "1.98.2", "go", "version").stdout, "go1.98.2")
	require.Contains(t, own("help").stdout, "verify")

	changed := filepath.Join(a.data, "installs", "golang-wsl", "1.98.2", "go", "src", "fmt", "print.go")
	require.NoError(t, os.Chmod(changed, 0o644))
	require.NoError(t, os.WriteFile(changed, []byte("package fmt // changed\n"), 0o644))
	got := own("verify", "1.98.2")
	require.Equal(t, 5, got.code)
	require.Contains(t, got.stdout+got.stderr, "src/fmt/print.go")
}

// Adding a plugin builds its helper, and updating it builds the next one.
func TestAsdfBuildsTheHelper(t *testing.T) {
	a := newAsdf(t, "1.98.2")
	cache := filepath.Join(a.home, "cache")
	a.env = append(a.env, "GOLANG_WSL_HELPER=", "GOLANG_WSL_CACHE_DIR="+cache,
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"),
		"GOPROXY="+goEnv(t, "GOPROXY"), "GOSUMDB=", "GOTELEMETRY=off")
	source := checkout(t)
	a.run(t, "plugin", "add", "golang-wsl", source).requireOK(t)
	helpers := func() []string {
		found, err := filepath.Glob(filepath.Join(cache, "helper", "golang-wsl-[0-9a-f]*"))
		require.NoError(t, err)
		return found
	}
	first := helpers()
	require.Len(t, first, 1)
	require.NotEmpty(t, a.run(t, "help", "golang-wsl").stdout)

	require.NoError(t, os.WriteFile(filepath.Join(source, "cmd", "golang-wsl", "more.go"), []byte("package main\n"), 0o644))
	commit(t, source)
	a.run(t, "plugin", "update", "golang-wsl").requireOK(t)
	second := helpers()
	require.Len(t, second, 1)
	require.NotEqual(t, first, second)
}
