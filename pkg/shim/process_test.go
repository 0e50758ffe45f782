package shim

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/stretchr/testify/require"
)

// process is a call of a shim of the tree's data directory.
func (tr *tree) process(t *testing.T, args ...string) *Process {
	t.Helper()
	p := &Process{Exe: tr.root + "/data/golang-wsl/bin/golang-wsl-shim", Args: args, Dir: tr.root}
	tr.program(t, "data/golang-wsl/bin/golang-wsl-shim")
	for name, value := range tr.env {
		p.Environ = append(p.Environ, name+"="+strings.ReplaceAll(value, "TOP", tr.root))
	}
	slices.Sort(p.Environ)
	return p
}

func TestCalled(t *testing.T) {
	for name, want := range map[string][2]string{
		"go": {"go"}, "/x/bin/go": {"go"}, "./gofmt": {"gofmt"}, "go1.4": {"go", "1.4"}, "/x/go1.22rc1": {"go", "1.22rc1"},
		"golang-wsl": {}, "golang-wsl-shim": {}, "gopls": {}, "-go": {}, "": {}, "go.exe": {},
	} {
		command, word, ok := Called(name)
		require.Equal(t, want, [2]string{command, word}, name)
		require.Equal(t, want[0] != "", ok, name)
	}
}

func TestCommand(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	tr.env["PATH"] = "/bin"
	p := tr.process(t, "go", "build", "", "a b")
	environ := slices.Clone(p.Environ)
	c, err := p.Command()
	require.NoError(t, err)
	binary := tr.root + "/data/installs/golang-wsl/1.22.5/bin/go"
	require.Equal(t, Command{Path: binary, Args: []string{binary, "build", "", "a b"}, Env: environ}, *c)
	require.Equal(t, "go", p.Args[0])
}

func TestNameOfThePlugin(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_VERSION"] = "1.22.5"
	tr.program(t, "data/installs/golang/1.22.5/bin/go")
	tr.write(t, "data/golang-wsl/plugin", "golang\n")
	c, err := tr.process(t, "/usr/bin/go").Command()
	require.NoError(t, err)
	require.Equal(t, tr.root+"/data/installs/golang/1.22.5/bin/go", c.Path)
}

func TestShimThatLiesElsewhere(t *testing.T) {
	tr := newTree(t)
	p := tr.process(t, "go")
	p.Exe = "/usr/bin/golang-wsl-shim"
	_, err := p.Command()
	require.True(t, isType[*SetupError](err), "%v", err)

	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	tr.env["ASDF_DATA_DIR"] = "TOP/data"
	p = tr.process(t, "go")
	p.Exe = "/usr/bin/golang-wsl-shim"
	c, err := p.Command()
	require.NoError(t, err)
	require.Equal(t, tr.root+"/data/installs/golang-wsl/1.22.5/bin/go", c.Path)
	_, err = tr.process(t, "golang-wsl-shim").Command()
	require.ErrorContains(t, err, "was called as golang-wsl-shim, and not as go or gofmt")
}

func TestEnvironment(t *testing.T) {
	const (
		orGOBIN = `[ -n "${GOBIN:-}" ] || export GOBIN=`
		stale   = "if [ -n \"${GOROOT:-}\" ]; then export GOROOT=; fi\n"
		old     = "# Go 1.4\nexport GOROOT=\"${ASDF_INSTALL_PATH%/*}/1.4/go\"\n"
	)
	for _, c := range []struct {
		name, word   string
		shared, own  string
		before, want string
	}{
		{"nothing", "1.22.5", "", "", "GOROOT=/stale", "GOROOT=/stale"},
		{"stale GOROOT", "1.22.5", "", stale, "GOROOT=/stale", "GOROOT="},
		{"no GOROOT", "1.22.5", "", stale, "", ""},
		{"very old", "1.22.5", "", old, "GOROOT=/stale", "GOROOT=TOP/data/installs/golang-wsl/1.4/go"},
		{"shared", "1.22.5", orGOBIN + "'it'\\''s'\n[ -n \"${GOFLAGS:-}\" ] || export GOFLAGS='a\nb'\n", "", "", "GOBIN=it's GOFLAGS=a\nb"},
		{"a wish", "1.22.5", orGOBIN + "'x'\n", "", "GOBIN=/mine", "GOBIN=/mine"},
		{"shared, emptied", "1.22.5", "if [ -n \"${GOBIN:-}\" ]; then export GOBIN=; fi\n", "", "GOBIN=/other", "GOBIN="},
		{"own after shared", "1.22.5", "[ -n \"${GOROOT:-}\" ] || export GOROOT='/x'\n", stale, "", "GOROOT="},
		{"path", "path:TOP/own", orGOBIN + "'x'\n", "", "", "GOBIN=x"},
		{"system", "system", orGOBIN + "'x'\n", "", "GOROOT=/stale", "GOROOT=/stale"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTree(t)
			tr.env["ASDF_GOLANG_WSL_VERSION"] = c.word
			tr.env["PATH"] = tr.root + "/own/bin"
			tr.program(t, "own/bin/go")
			if c.shared != "" {
				tr.write(t, "data/golang-wsl/env.sh", c.shared)
			}
			if c.own != "" {
				tr.write(t, "data/installs/golang-wsl/1.22.5/.golang-wsl.env", c.own)
			}
			p := tr.process(t, "go")
			before := slices.Clone(p.Environ)
			if c.before != "" {
				p.Environ = append(p.Environ, c.before)
			}
			got, err := p.Command()
			require.NoError(t, err)
			require.Equal(t, before, got.Env[:len(before)], "what is not Go's stays")
			require.Equal(t, strings.ReplaceAll(c.want, "TOP", tr.root), strings.Join(got.Env[len(before):], " "))
		})
	}
}

func TestFilesThatOnlyAShellCanRead(t *testing.T) {
	for name, text := range map[string]string{
		"data/golang-wsl/env.sh":                          "export GOFLAGS=\"$GOFLAGS -v\"\n",
		"data/installs/golang-wsl/1.22.5/.golang-wsl.env": "export GOROOT=$(pwd)\n",
	} {
		tr := newTree(t)
		tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
		tr.write(t, name, text)
		_, err := tr.process(t, "go").Command()
		var setup *SetupError
		require.ErrorAs(t, err, &setup)
		require.Equal(t, filepath.Join(tr.root, name), setup.File)
		require.Contains(t, err.Error(), strings.TrimSpace(text[:14]))
	}
}

func TestHooksAreForAsdf(t *testing.T) {
	tr := newTree(t)
	tr.program(t, "usr/go")
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	tr.env["PATH"] = "TOP/data/golang-wsl/bin:TOP/usr:TOP/data/golang-wsl/bin/"
	tr.write(t, "home/.asdfrc", "pre_golang-wsl_go = echo hello\n")
	path := func(args ...string) string {
		c, err := tr.process(t, args...).Command()
		require.NoError(t, err)
		require.Equal(t, append([]string{c.Path}, args[1:]...), c.Args)
		list, _ := goenv.Lookup(c.Env, "PATH")
		return strings.ReplaceAll(c.Path+" "+list, tr.root, "")
	}
	const all = "/data/golang-wsl/bin:/usr:/data/golang-wsl/bin/"
	require.Equal(t, "/data/installs/golang-wsl/1.22.5/bin/go "+all, path("go", "x"), "no asdf here, and nobody to run the hook")
	tr.program(t, "data/shims/go")
	require.Equal(t, "/data/shims/go "+all, path("go", "x"))
	require.Equal(t, "/data/installs/golang-wsl/1.22.5/bin/go "+all, path("go1.22.5"))
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "system"
	require.Equal(t, "/data/shims/go /usr", path("go", "x"), "asdf would find us again")
	require.NoError(t, os.Remove(tr.root+"/usr/go"))
	_, err := tr.process(t, "go").Command()
	require.Error(t, err, "asdf runs no hook for nothing")
}
