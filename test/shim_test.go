package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// realShim builds the shim once for all tests and returns its path.
func realShim(t *testing.T) string {
	t.Helper()
	path, err := buildShim()
	require.NoError(t, err)
	return path
}

var buildShim = sync.OnceValues(func() (string, error) {
	helper, err := buildHelper()
	if err != nil {
		return "", err
	}
	path := helper + "-shim"
	cmd := exec.Command("go", "build", "-o", path, "../cmd/golang-wsl-shim")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// What the shim imports is loaded and initialised before each go command.
func TestShimIsSmall(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/golang-wsl-shim")
	cmd.Dir = repository(t)
	got := run(t, cmd)
	got.requireOK(t)
	for name := range strings.FieldsSeq(got.stdout) {
		require.NotContains(t, []string{"context", "os/exec", "os/user", "net", "regexp", "encoding/json", "bufio", "sort"}, name)
		if strings.Contains(name, ".") {
			require.Contains(t, []string{module + "/pkg/goenv", module + "/pkg/shim", module + "/cmd/golang-wsl-shim"}, name)
		}
	}
}

// A shimmed is a data directory with the shim in it, and a home.
type shimmed struct {
	home, data, plugin string
	env                []string
}

func newShimmed(t *testing.T, plugin string, versions ...string) *shimmed {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	s := &shimmed{home: filepath.Join(root, "home"), data: filepath.Join(root, "data"), plugin: plugin}
	require.NoError(t, os.MkdirAll(s.home, 0o755))
	require.NoError(t, os.MkdirAll(s.bin(), 0o755))
	for name, from := range map[string]string{"golang-wsl": realHelper(t), "golang-wsl-shim": realShim(t)} {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(s.bin(), name), data, 0o755))
	}
	for _, name := range []string{"go", "gofmt"} {
		require.NoError(t, os.Symlink("golang-wsl-shim", filepath.Join(s.bin(), name)))
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.data, "golang-wsl", "plugin"), []byte(plugin+"\n"), 0o644))
	for _, version := range versions {
		s.install(t, version)
	}
	s.env = []string{"HOME=" + s.home, "ASDF_DATA_DIR=" + s.data, "GOENV=off", "PATH=" + s.bin() + ":" + os.Getenv("PATH"), "GOLANG_WSL_CACHE_DIR=" + root + "/cache"}
	return s
}

func (s *shimmed) bin() string { return filepath.Join(s.data, "golang-wsl", "bin") }

func (s *shimmed) root(version string) string {
	return filepath.Join(s.data, "installs", s.plugin, version)
}

// install makes a go and a gofmt that say which they are and what they get.
func (s *shimmed) install(t *testing.T, version string) {
	t.Helper()
	fakeCommands(t, s.root(version), version)
	for name, text := range map[string]string{
		".golang-wsl.env":  "if [ -n \"${GOROOT:-}\" ]; then export GOROOT=; fi\n",
		".golang-wsl.json": `{"version":"` + version + `"}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(s.root(version), name), []byte(text), 0o644))
	}
}

// fakeCommands tells its name for a go whose first argument is none of a few.
func fakeCommands(t *testing.T, root, name string) {
	t.Helper()
	for _, command := range []string{"go", "gofmt"} {
		text := fmt.Sprintf("#!/bin/sh\ncase $1 in exit) exit \"$2\" ;; stdin) exec cat ;; kill) kill -\"$2\" $$ ;; limit) ulimit -n; exit ;; esac\n"+
			"echo '%s of %s' GOROOT=\"${GOROOT-none}\" GOBIN=\"${GOBIN-none}\"\nprintf '<%%s>' \"$@\"\necho\n", command, name)
		file := filepath.Join(root, "bin", command)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o755))
	}
}

// command calls a shim in a directory below home, by name as a shell does.
func (s *shimmed) command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.bin(), name), args...)
	cmd.Args[0] = name
	cmd.Dir, cmd.Env = filepath.Join(s.home, dir), s.env
	require.NoError(t, os.MkdirAll(cmd.Dir, 0o755))
	return cmd
}

func (s *shimmed) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(s.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

func TestShim(t *testing.T) {
	for _, plugin := range []string{"golang-wsl", "golang"} {
		s := newShimmed(t, plugin, "1.22.5", "1.20.14")
		s.write(t, ".tool-versions", plugin+" 1.22.5\n")
		s.write(t, "p/.tool-versions", plugin+" 1.20.14\n")
		for _, c := range []struct{ dir, name, want string }{
			{"", "go", "go of 1.22.5"},
			{"p", "go", "go of 1.20.14"},
			{"p/a/b/c/d", "gofmt", "gofmt of 1.20.14"},
		} {
			got := run(t, s.command(t, c.dir, c.name, "a b", "", "*", `"$x"`))
			got.requireOK(t)
			require.Equal(t, c.want+" GOROOT=none GOBIN=none\n<a b><><*><\"$x\">\n", got.stdout)
			require.Empty(t, got.stderr)
		}
	}
}

func TestShimChangesNothingAboutTheProcess(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5")
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	require.Equal(t, 42, run(t, s.command(t, "", "go", "exit", "42")).code)

	cmd := s.command(t, "", "go", "stdin")
	cmd.Stdin = strings.NewReader("line one\nline two\n")
	require.Equal(t, "line one\nline two\n", run(t, cmd).stdout)

	cmd = s.command(t, "", "go", "kill", "INT")
	run(t, cmd)
	require.Equal(t, syscall.SIGINT, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(), "a shell must see what Ctrl-C did")

	// The Go runtime raises the limit for itself.
	cmd = exec.Command("sh", "-c", `ulimit -S -n 123; exec "$0" limit`, filepath.Join(s.bin(), "go"))
	cmd.Dir, cmd.Env = s.home, s.env
	require.Equal(t, "123\n", run(t, cmd).stdout)
}

func TestShimEnvironment(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5", "1.4")
	require.NoError(t, os.WriteFile(filepath.Join(s.data, "golang-wsl", "env.sh"), []byte("[ -n \"${GOBIN:-}\" ] || export GOBIN='/it'\\''s here'\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(s.root("1.4"), ".golang-wsl.env"), []byte("export GOROOT=\"${ASDF_INSTALL_PATH%/*}/1.4/go\"\n"), 0o644))
	require.NoError(t, os.Symlink("golang-wsl-shim", filepath.Join(s.bin(), "go1.4")))
	s.env = append(s.env, "GOROOT=/stale")
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	require.Equal(t, "go of 1.22.5 GOROOT= GOBIN=/it's here\n<>\n", run(t, s.command(t, "", "go")).stdout)
	// cmd/go calls such a name where a go.mod asks for another toolchain.
	require.Equal(t, "go of 1.4 GOROOT="+s.root("1.4")+"/go GOBIN=/it's here\n<>\n", run(t, s.command(t, "", "go1.4")).stdout)
	s.env = append(s.env, "GOBIN=/mine")
	require.Equal(t, "go of 1.22.5 GOROOT= GOBIN=/mine\n<>\n", run(t, s.command(t, "", "go")).stdout)
}

// What the small program does not do, the helper beside it does.
func TestShimHandsOver(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5", "1.20.14")
	s.write(t, ".asdfrc", "legacy_version_file = yes\n")
	s.write(t, "m/go.mod", "module m\n\ngo 1.22.1\n")
	s.write(t, "v/.go-version", "1.20.14\n")
	s.write(t, "bad/go.mod", "<<<<<<< HEAD\n")
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	for dir, want := range map[string]string{"m/a": "1.22.5", "v": "1.20.14", "bad": "1.22.5", "": "1.22.5"} {
		got := run(t, s.command(t, dir, "go", "a b"))
		got.requireOK(t)
		require.Equal(t, "go of "+want+" GOROOT=none GOBIN=none\n<a b>\n", got.stdout)
		require.Empty(t, got.stderr)
	}
	require.NoDirExists(t, filepath.Join(filepath.Dir(s.data), "cache"), "a look at a file leaves none")
}

func TestShimErrors(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5", "noexec", "broken")
	require.NoError(t, os.WriteFile(filepath.Join(s.root("noexec"), "bin", "go"), []byte("\x7fELF nonsense"), 0o755))
	require.NoError(t, os.Remove(filepath.Join(s.root("broken"), "bin", "go")))
	for _, c := range []struct {
		text, env  string
		code       int
		what, hint string
	}{
		{"", "", 126, "no version is set for go: there is no ASDF_GOLANG_WSL_VERSION, and no .tool-versions from HOME/p upwards or in HOME has a line for golang-wsl", "golang-wsl default latest"},
		{"1.99.0", "", 126, "go 1.99.0 is not installed in DATA (asked for by HOME/p/.tool-versions)", "golang-wsl install 1.99.0"},
		{"default", "", 126, "go default is not installed in DATA (asked for by HOME/p/.tool-versions)", "golang-wsl default latest"},
		{"1.22.5", "ASDF_GOLANG_WSL_VERSION=1.98 1.97", 126, "none of go 1.98, 1.97 is installed in DATA (asked for by ASDF_GOLANG_WSL_VERSION)", "golang-wsl install 1.98"},
		{"1.22.5", "ASDF_GOLANG_WSL_VERSION= ", 126, "ASDF_GOLANG_WSL_VERSION names no version", "unset ASDF_GOLANG_WSL_VERSION"},
		{"broken", "", 126, "DATA/installs/golang-wsl/broken has no executable bin/go (asked for by HOME/p/.tool-versions)", "golang-wsl uninstall broken && golang-wsl install broken"},
		{"ref:x", "", 126, "go ref:x is not installed in DATA (asked for by HOME/p/.tool-versions)", `only released versions can be installed; "golang-wsl list all" shows them`},
		{"system", "PATH=/nowhere", 1, "no other go is on PATH (system, asked for by HOME/p/.tool-versions)", "write a version in place of that, or put another Go on PATH"},
		{"path:/nowhere", "", 1, "no executable go in bin of path:/nowhere (asked for by HOME/p/.tool-versions)", "write a version in place of that, or put another Go on PATH"},
		{"noexec", "", 1, "run DATA/installs/golang-wsl/noexec/bin/go: exec format error", "it is not a program for this machine"},
		{"1.22.5", "HOME=", 1, "HOME is not set", ""},
	} {
		if c.text != "" {
			s.write(t, "p/.tool-versions", "golang-wsl "+c.text+"\n")
		}
		cmd := s.command(t, "p", "go", "version")
		cmd.Env = append(cmd.Env, c.env)
		got := run(t, cmd)
		require.Equal(t, c.code, got.code, c.text)
		want := "golang-wsl: error: " + c.what + "\n"
		if c.hint != "" {
			want += "golang-wsl: hint: " + c.hint + "\n"
		}
		require.Equal(t, want, strings.NewReplacer(s.home, "HOME", s.data, "DATA").Replace(got.stderr))
		require.Empty(t, got.stdout)
	}
}

func TestShimWithFilesOfOthers(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5")
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	env := filepath.Join(s.data, "golang-wsl", "env.sh")
	require.NoError(t, os.WriteFile(env, []byte("GOBIN=$HOME/bin\n"), 0o644))
	got := run(t, s.command(t, "", "go"))
	require.Equal(t, 1, got.code)
	require.Equal(t, "golang-wsl: error: read "+env+": line 1 is not one that golang-wsl writes: \"GOBIN=$HOME/bin\"\n"+
		"golang-wsl: hint: golang-wsl setup writes that file anew\n", got.stderr)
}

// Somebody has taken the helper away: the shim still works, and says what is
// wrong where it does not.
func TestShimAlone(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5")
	require.NoError(t, os.Remove(filepath.Join(s.bin(), "golang-wsl")))
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	run(t, s.command(t, "", "go")).requireOK(t)
	s.write(t, ".tool-versions", "golang-wsl 1.99\n")
	got := run(t, s.command(t, "", "go"))
	require.Equal(t, 126, got.code)
	require.Equal(t, "golang-wsl: error: go 1.99 is not installed in "+s.data+" (asked for by "+s.home+"/.tool-versions)\n", got.stderr)

	cmd := s.command(t, "", "golang-wsl-shim")
	require.Equal(t, 126, run(t, cmd).code)
}

// While a program is being written to, nobody can run it.
func TestShimOfABusyFile(t *testing.T) {
	s := newShimmed(t, "golang-wsl", "1.22.5")
	s.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
	data, err := os.ReadFile(need(t, "true"))
	require.NoError(t, err)
	file := filepath.Join(s.root("1.22.5"), "bin", "go")
	require.NoError(t, os.WriteFile(file, data, 0o755))
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	require.NoError(t, err)
	got := run(t, s.command(t, "", "go"))
	require.NoError(t, f.Close())
	require.Equal(t, "golang-wsl: error: run "+file+": text file busy\n"+
		"golang-wsl: hint: something is writing to that file; when it is done, this works\n", got.stderr)
}
