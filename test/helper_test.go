package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const once = "golang-wsl: building the helper (once) with "

func TestHelperIsBuiltOnce(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	got := run(t, p.command("list-all", "1.2"))
	got.requireOK(t)
	require.Equal(t, "one callback list-all 1.2 https://proxy.test,direct "+p.dir+"\n", got.stdout)
	require.Equal(t, once+filepath.Join(p.home, "fake", "bin", "go")+" ...\n", got.stderr)

	got = run(t, p.command("list-all"))
	got.requireOK(t)
	require.Empty(t, got.stderr)
	require.Equal(t, 1, p.builds(t))
	p.requireClean(t, 1)
}

// The go command itself, as a user has it.
func TestHelperIsBuiltByGo(t *testing.T) {
	p := newPlugin(t, `it's "q" $(touch x)`)
	p.set("GOPATH="+filepath.Join(p.home, "go"), "GOFLAGS=-mod=vendor", "GOARCH=mips", "GOOS=plan9", "GOROOT=/stale", "GOWORK=/nowhere",
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOTELEMETRY=off")
	got := run(t, p.command("list-all"))
	got.requireOK(t)
	require.True(t, strings.HasPrefix(got.stdout, `one ["callback" "list-all"] `+p.dir+" "), got.stdout)
	require.Contains(t, got.stdout, goEnv(t, "GOPROXY"))
	p.requireClean(t, 1)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

func TestCachedHelperStartsNoProcess(t *testing.T) {
	p := withFakeGo(t, `it's "q" $(touch x)`)
	run(t, p.command("list-all")).requireOK(t)
	openDir(t, p.cache())
	openDir(t, p.dir)

	cmd := exec.Command("bash", "-uc", `ulimit -u 0; exec bash -u "$@"`, "bash", p.door("list-all"), "x")
	cmd.Env = p.env
	unprivileged(cmd)
	got := run(t, cmd)
	got.requireOK(t)
	require.Equal(t, "one callback list-all x https://proxy.test,direct "+p.dir+"\n", got.stdout)
}

func TestNamedHelperMustRun(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	plain := filepath.Join(p.home, "plain")
	require.NoError(t, os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644))
	for _, path := range []string{plain, p.home, "/nowhere"} {
		p.set("GOLANG_WSL_HELPER=" + path)
		got := run(t, p.command("list-all"))
		require.Equal(t, 1, got.code)
		require.Empty(t, got.stdout)
		require.Equal(t, "golang-wsl: error: GOLANG_WSL_HELPER names "+path+", which is no executable file\n"+
			"golang-wsl: hint: unset GOLANG_WSL_HELPER, and the plugin finds or builds its own helper\n", got.stderr)
	}
	require.Zero(t, p.builds(t))
}

func TestChangedSourcesAreBuilt(t *testing.T) {
	for _, change := range []struct {
		what   string
		builds int
		do     func(t *testing.T, p *plugin)
	}{
		{"nothing", 1, func(*testing.T, *plugin) {}},
		{"only a time", 1, func(t *testing.T, p *plugin) { p.write(t, "pkg/noun/noun.go", fixtureFiles["pkg/noun/noun.go"]) }},
		{"a test", 1, func(t *testing.T, p *plugin) { p.write(t, "pkg/noun/noun_test.go", "package noun // changed") }},
		{"test data", 1, func(t *testing.T, p *plugin) { p.write(t, "pkg/noun/testdata/x", "changed") }},
		{"a document", 1, func(t *testing.T, p *plugin) { p.write(t, "README.md", "new") }},
		{"a source", 2, func(t *testing.T, p *plugin) {
			p.write(t, "pkg/noun/noun.go", "package noun\n\nconst Word = \"two\"\n")
		}},
		{"a source of the shim", 2, func(t *testing.T, p *plugin) { p.write(t, "cmd/golang-wsl-shim/main.go", "package main // changed") }},
		{"a source of what measures", 2, func(t *testing.T, p *plugin) {
			p.write(t, "cmd/golang-wsl-bench/main.go", "package main // changed")
		}},
		{"an embedded file", 2, func(t *testing.T, p *plugin) { p.write(t, "pkg/noun/table.tsv", "changed") }},
		{"go.sum", 2, func(t *testing.T, p *plugin) { p.write(t, "go.sum", "changed") }},
		{"a new file", 2, func(t *testing.T, p *plugin) { p.write(t, "pkg/noun/new.go", "package noun") }},
		{"a new package", 2, func(t *testing.T, p *plugin) { p.write(t, "pkg/verb/sub/new.go", "package sub") }},
		{"a deleted file", 2, func(t *testing.T, p *plugin) {
			require.NoError(t, os.Remove(filepath.Join(p.dir, "pkg/noun/sub/deep.go")))
		}},
	} {
		t.Run(change.what, func(t *testing.T) {
			p := withFakeGo(t, "golang-wsl")
			run(t, p.command("list-all")).requireOK(t)
			age(t, p)
			change.do(t, p)
			for range 2 {
				run(t, p.command("list-all")).requireOK(t)
			}
			require.Equal(t, change.builds, p.builds(t))
			p.requireClean(t, 1)
		})
	}
}

// The look at the sources goes down a few levels only. It must reach all that
// the real helper is built from.
func TestAllSourcesAreLookedAt(t *testing.T) {
	root := repository(t)
	list := exec.Command("go", "list", "-deps", "-f",
		`{{if .Module}}{{if .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`,
		"./cmd/golang-wsl", "./cmd/golang-wsl-shim", "./cmd/golang-wsl-bench")
	list.Dir = root
	got := run(t, list)
	got.requireOK(t)
	var files []string
	for line := range strings.Lines(got.stdout) {
		if line = strings.TrimSpace(line); line != "" {
			name, err := filepath.Rel(root, line)
			require.NoError(t, err)
			files = append(files, name)
		}
	}
	require.Greater(t, len(files), 20)

	p := newPlugin(t, "golang-wsl")
	for _, name := range files {
		p.write(t, name, "")
	}
	cmd := exec.Command("bash", append([]string{"-uc", `
. lib/helper.bash
golang_wsl_stamp=$HOME/stamp
find . -exec touch -d '2020-01-01' {} +
touch -d '2020-01-01' "$golang_wsl_stamp"
golang_wsl_unchanged || echo "all are old"
for file; do
  touch "$file"
  if golang_wsl_unchanged; then echo "$file"; fi
  touch -r "$golang_wsl_stamp" "$file"
done`, "bash"}, files...)...)
	cmd.Dir, cmd.Env = p.dir, p.env
	got = run(t, cmd)
	got.requireOK(t)
	require.Empty(t, got.stdout)
}

// age makes stamp and sources older, so that a change is newer on any file
// system and for a bash that compares whole seconds.
func age(t *testing.T, p *plugin) {
	t.Helper()
	past := time.Now().Add(-time.Hour)
	for _, root := range []string{p.dir, filepath.Join(p.cache(), "plugins")} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chtimes(path, past, past)
		}))
	}
}

// A second look at unchanged content must be the last one.
func TestTouchedSourcesAreReadOnce(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	run(t, p.command("list-all")).requireOK(t)
	age(t, p)
	p.write(t, "pkg/noun/noun.go", fixtureFiles["pkg/noun/noun.go"])
	run(t, p.command("list-all")).requireOK(t)

	cmd := p.command("list-all")
	cmd.Env = append(p.env, "PATH=/nowhere") // no tool that could read them again
	cmd.Path, cmd.Args = need(t, "bash"), []string{"bash", p.door("list-all")}
	got := run(t, cmd)
	require.NotContains(t, got.stderr, "golang-wsl:")
	require.NotContains(t, got.stderr, "sha256sum")
}

func TestTwoPluginsShareACache(t *testing.T) {
	a, b := withFakeGo(t, "golang"), withFakeGo(t, "golang")
	b.env = a.env
	run(t, a.command("list-all")).requireOK(t)

	got := run(t, b.command("list-all"))
	got.requireOK(t)
	require.Empty(t, got.stderr, "the same sources need no second build")
	require.True(t, strings.HasSuffix(got.stdout, b.dir+"\n"))

	age(t, a)
	b.write(t, "pkg/noun/noun.go", "package noun\n\nconst Word = \"two\"\n")
	require.True(t, strings.HasPrefix(run(t, b.command("list-all")).stdout, "two "))
	require.True(t, strings.HasPrefix(run(t, a.command("list-all")).stdout, "one "))
	require.Equal(t, 2, a.builds(t))
	a.requireClean(t, 2)

	a.write(t, "pkg/noun/noun.go", "package noun\n\nconst Word = \"two\"\n")
	require.True(t, strings.HasPrefix(run(t, a.command("list-all")).stdout, "two "))
	require.Equal(t, 2, a.builds(t))
}

func TestCacheDirectory(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	for _, c := range []struct{ env, cache string }{
		{"XDG_CACHE_HOME=" + p.home + "/xdg $(x)", p.home + "/xdg $(x)/golang-wsl/helper"},
		{"GOLANG_WSL_CACHE_DIR=" + p.home + "/it's mine/", p.home + "/it's mine/helper"},
	} {
		p.set(c.env)
		run(t, p.command("list-all")).requireOK(t)
		found, err := filepath.Glob(strings.ReplaceAll(c.cache, "*", `\*`) + "/golang-wsl-[0-9a-f]*")
		require.NoError(t, err)
		require.Len(t, found, 1)
	}
	require.NoDirExists(t, p.cache())
}

func TestNoHome(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	cmd := exec.Command("bash", "-c", `unset HOME; exec bash -u "$0" x`, p.door("list-all"))
	cmd.Env = append(p.env, "GOLANG_WSL_CACHE_DIR="+p.home+"/cache")
	got := run(t, cmd)
	got.requireOK(t)
	require.Contains(t, got.stdout, "list-all x")
	env, err := os.ReadFile(filepath.Join(p.home, "fake", "env"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^HOME=/`, string(env))
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	file := filepath.Join(p.home, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	p.set("GOLANG_WSL_CACHE_DIR=" + file)
	got := run(t, p.command("list-all"))
	require.Equal(t, 1, got.code)
	require.Empty(t, got.stdout)
	require.Equal(t, "golang-wsl: error: cannot write to "+file+"/helper\n"+
		"golang-wsl: hint: set GOLANG_WSL_CACHE_DIR to a directory that you can write to\n", got.stderr)
}

// What the build needs must not reach the helper, and what the user set for
// other work must not reach the build.
func TestEnvironments(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("GOARCH=mips", "GOFLAGS=-mod=vendor", "GOROOT=/stale", "GOWORK=/x/go.work", "GOTOOLCHAIN=local", "CGO_ENABLED=1", "GOEXPERIMENT=x")
	p.edit(t, "lib/helper.bash", `exec "$golang_wsl_helper" "$@"`, `exec env`)
	got := run(t, p.command("list-all"))
	got.requireOK(t)
	for _, want := range []string{"GOARCH=mips", "GOFLAGS=-mod=vendor", "GOROOT=/stale", "GOWORK=/x/go.work", "GOTOOLCHAIN=local", "CGO_ENABLED=1"} {
		require.Contains(t, got.stdout, want+"\n")
	}
	require.NotContains(t, got.stdout, "GOTMPDIR=")
	require.NotContains(t, got.stdout, "golang_wsl_")

	data, err := os.ReadFile(filepath.Join(p.home, "fake", "env"))
	require.NoError(t, err)
	built := "\n" + string(data)
	for _, want := range []string{"GOARCH=amd64", "GOOS=linux", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOTOOLCHAIN=auto", "CGO_ENABLED=0"} {
		require.Contains(t, built, "\n"+want+"\n")
	}
	require.NotContains(t, built, "\nGOROOT=")
	require.NotContains(t, built, "\nGOEXPERIMENT=")
}
