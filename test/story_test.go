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

// A user has one home, which several kinds of Linux see.
type user struct {
	root, home, outside string
	helper              string
	env                 []string
}

// newUser has the rc files of a fresh Debian account, and the plugin's clone.
func newUser(t *testing.T, env ...string) *user {
	t.Helper()
	root := memoryDir(t)
	u := &user{root: root, home: filepath.Join(root, "my home's $HOME"), outside: filepath.Join(root, "srv")}
	u.helper = installedHelper(t, root)
	require.NoError(t, os.MkdirAll(u.home, 0o755))
	require.NoError(t, os.MkdirAll(u.outside, 0o755))
	u.write(t, ".profile", "# a login bash reads this\nif [ -n \"$BASH_VERSION\" ] && [ -f \"$HOME/.bashrc\" ]; then . \"$HOME/.bashrc\"; fi\n")
	u.write(t, ".bashrc", "case $- in *i*) ;; *) return ;; esac\nPS1='$ '")
	u.write(t, ".zshrc", "PS1='$ '\r\n")
	u.env = append([]string{
		"HOME=" + u.home, "PATH=" + filepath.Dir(u.helper) + ":" + os.Getenv("PATH"), "TERM=dumb", "LC_ALL=C", "GOENV=off",
		"SHELL=/bin/bash", "GOTOOLCHAIN=local", "GOFLAGS=",
	}, env...)
	return u
}

// installedHelper is the helper and its shim, where no plugin is around.
func installedHelper(t *testing.T, root string) string {
	t.Helper()
	bin := filepath.Join(root, "usr", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	built := realHelper(t)
	for _, name := range []string{"golang-wsl", "golang-wsl-shim"} {
		require.NoError(t, os.Symlink(filepath.Join(filepath.Dir(built), name), filepath.Join(bin, name)))
	}
	return filepath.Join(bin, "golang-wsl")
}

func (u *user) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(u.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func (u *user) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(u.home, name))
	require.NoError(t, err)
	return string(text)
}

// types what a user types into a new shell of one kind of Linux. Each command is
// a line; what it shows on stdout comes back.
func (u *user) types(t *testing.T, kind string, shell []string, lines ...string) result {
	t.Helper()
	cmd := exec.Command(shell[0], shell[1:]...)
	cmd.Env, cmd.Dir = u.env, u.home
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	onKernel(t, kind, cmd)
	return run(t, cmd)
}

// storyShells are started for real: interactive, and as login shells.
func storyShells(t *testing.T) map[string][]string {
	return map[string][]string{
		"bash":       {need(t, "bash"), "-i"},
		"bash login": {need(t, "bash"), "-l", "-i"},
		"zsh":        {need(t, "zsh"), "-i"},
		"zsh login":  {need(t, "zsh"), "-l", "-i"},
		"fish":       {need(t, "fish"), "-i"},
		"fish login": {need(t, "fish"), "-l", "-i"},
	}
}

// A story has the versions that play in it: the default of WSL1, the default of
// WSL2, and what a project pins.
type story struct{ one, two, project string }

func TestStory(t *testing.T) {
	needKernels(t)
	s := story{"1.97.14", "1.98.5", "1.99.1"}
	server := fakerelease.Start(t, fakerelease.New(s.one), fakerelease.New(s.two), fakerelease.New(s.project))
	for name, shell := range storyShells(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUser(t, append(server.Env(), "GOPROXY="+server.GOPROXY()+",off", "GOLANG_WSL_SOURCE=official")...)
			s.tell(t, u, shell)
		})
	}
}

// The same with the releases of the issue, from the real world.
func TestRealStory(t *testing.T) {
	needKernels(t)
	m := realMachine(t)
	for name, shell := range map[string][]string{"bash": {"bash", "-i"}, "zsh": {need(t, "zsh"), "-i"}, "fish": {need(t, "fish"), "-i"}} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t, append(reach(), "GOPROXY="+goEnv(t, "GOPROXY"), "GOLANG_WSL_SOURCE=goproxy", "GOLANG_WSL_CACHE_DIR="+m.cache)...)
			s := story{"1.20.14", "1.22.5", "1.23.1"}
			s.tell(t, u, shell, s.switchesToolchain)
		})
	}
}

// tell is the story. More of it can be told before the end.
func (s story) tell(t *testing.T, u *user, shell []string, more ...func(*testing.T, *user, []string)) {
	before := map[string]string{".bashrc": u.read(t, ".bashrc"), ".zshrc": u.read(t, ".zshrc"), ".profile": u.read(t, ".profile")}
	got := u.types(t, "native", shell, quoted(u.helper)+" setup --from "+quoted(checkout(t)))
	require.Contains(t, got.stderr, "golang-wsl: open a new shell")
	require.NotContains(t, got.stderr, "error")

	deep := filepath.Join(u.home, "a", "b", "c", "d")
	inside, outside := filepath.Join(u.home, "inside"), filepath.Join(u.outside, "project")
	for _, dir := range []string{deep, inside, outside} {
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	for _, dir := range []string{inside, outside} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".tool-versions"), []byte("golang-wsl "+s.project+"\n"), 0o644))
	}
	goIn := func(kind, dir string) string {
		t.Helper()
		got := u.types(t, kind, shell, "cd "+quoted(dir), "go version")
		return strings.TrimSuffix(got.stdout, "\n") + complaint(got)
	}
	says := func(version string) string { return "go version go" + version + " linux/" }
	everywhere := func(kind, version string) {
		t.Helper()
		for _, dir := range []string{u.home, deep, u.outside} {
			require.Contains(t, goIn(kind, dir), says(version), "%s in %s", kind, dir)
		}
	}

	u.types(t, "wsl1", shell, "golang-wsl default "+s.one)
	everywhere("wsl1", s.one)
	require.NotContains(t, goIn("wsl2", u.home), says(s.one), "the other kind has none of it")
	u.types(t, "wsl2", shell, "golang-wsl default "+s.two)
	everywhere("wsl2", s.two)
	everywhere("wsl1", s.one)
	require.Equal(t, "golang-wsl default\n", u.read(t, ".tool-versions"))

	for _, kind := range []string{"wsl1", "wsl2"} {
		require.Contains(t, goIn(kind, inside), "golang-wsl install "+s.project, "the cure")
		u.types(t, kind, shell, "cd "+quoted(inside), "golang-wsl install")
		require.Contains(t, goIn(kind, inside), says(s.project))
		require.Contains(t, goIn(kind, outside), says(s.project))
	}
	everywhere("wsl2", s.two)
	everywhere("wsl1", s.one)
	require.NoDirExists(t, filepath.Join(u.home, ".asdf", "installs"), "plain Linux has its own")
	require.DirExists(t, filepath.Join(u.home, ".asdf-wsl1", "installs", "golang-wsl", s.one))
	require.NoDirExists(t, filepath.Join(u.home, ".asdf-wsl2", "installs", "golang-wsl", s.one))

	s.crossesOver(t, u, shell)
	s.staysNative(t, u, shell)
	for _, tell := range more {
		tell(t, u, shell)
	}

	u.types(t, "wsl2", shell, "golang-wsl setup --undo")
	for name, text := range before {
		require.Equal(t, text, u.read(t, name), "undone to the byte: %s", name)
	}
	require.NotContains(t, u.types(t, "wsl2", shell, "echo dir=$ASDF_DATA_DIR").stdout, "asdf")
}

// crossesOver starts a shell of one kind in the environment of the other.
func (s story) crossesOver(t *testing.T, u *user, shell []string) {
	got := u.types(t, "wsl1", shell, "env -0")
	other := *u
	other.env = nil
	for pair := range strings.SplitSeq(got.stdout, "\x00") {
		if pair = strings.TrimSpace(pair); strings.Contains(pair, "=") {
			other.env = append(other.env, pair)
		}
	}
	require.Contains(t, strings.Join(other.env, "\n"), "ASDF_DATA_DIR="+u.home+"/.asdf-wsl1")
	got = other.types(t, "wsl2", shell, "go version", "env")
	require.Contains(t, got.stdout, "go version go"+s.two+" linux/", got.stderr)
	for line := range strings.Lines(got.stdout) {
		if strings.HasPrefix(line, "PATH=") || strings.HasPrefix(line, "ASDF_") || strings.HasPrefix(line, "MISE_") {
			require.NotContains(t, line, "wsl1")
		}
	}
}

// staysNative is plain Linux with the same home.
func (s story) staysNative(t *testing.T, u *user, shell []string) {
	got := u.types(t, "native", shell, "golang-wsl default "+s.project, "go version", "golang-wsl status --json")
	require.Contains(t, got.stdout, "go version go"+s.project+" linux/", got.stderr)
	require.Contains(t, got.stdout, `"data_dir": "`+u.home+`/.asdf"`)
	require.Contains(t, u.types(t, "wsl1", shell, "go version").stdout, "go"+s.one)
}

// switchesToolchain lets the go command obey a toolchain line. It looks for
// go1.23.1 on PATH, and so needs no network: the verified one is there.
func (s story) switchesToolchain(t *testing.T, u *user, shell []string) {
	module := filepath.Join(u.home, "module")
	require.NoError(t, os.MkdirAll(module, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module m\n\ngo 1.21\n\ntoolchain go"+s.project+"\n"), 0o644))
	got := u.types(t, "wsl2", shell, "cd "+quoted(module), "go version", "env GOTOOLCHAIN=auto GOPROXY=off go version", "env GOTOOLCHAIN=auto GOPROXY=off go env GOROOT GOBIN")
	require.Contains(t, got.stdout, "go version go"+s.two+" linux/", got.stderr)
	require.Contains(t, got.stdout, "go version go"+s.project+" linux/", got.stderr)
	data := filepath.Join(u.home, ".asdf-wsl2")
	require.Contains(t, got.stdout, filepath.Join(data, "installs", "golang-wsl", s.project, "go")+"\n")
	require.Contains(t, got.stdout, filepath.Join(data, "golang-wsl", "bin")+"\n")

	// What go install makes can be called at once, by this kind alone.
	require.NoError(t, os.WriteFile(filepath.Join(module, "main.go"), []byte("package main\n\nfunc main() { println(\"hello from m\") }\n"), 0o644))
	got = u.types(t, "wsl2", shell, "cd "+quoted(module), "go install -mod=mod .", "m")
	require.Contains(t, got.stderr, "hello from m")
	require.NotContains(t, u.types(t, "wsl1", shell, "m").stderr, "hello from m")
}

// quoted is a word for any of the three shells.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(text) + `"`
}

// complaint is what went wrong, without the noise that a shell without a terminal
// makes.
func complaint(r result) string {
	var lines []string
	for line := range strings.Lines(r.stderr) {
		if strings.Contains(line, "golang-wsl: ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
