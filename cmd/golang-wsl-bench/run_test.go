package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// needGit skips the test without git, unless REQUIRE_GIT is set.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		require.Empty(t, os.Getenv("REQUIRE_GIT"), "git is not on PATH")
		t.Skip("git is not on PATH")
	}
}

// A repo is one of git with two commits of a module in sub, whose benchmark sleeps
// five times as long in the first.
func repo(t *testing.T) string {
	t.Helper()
	needGit(t)
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GOFLAGS", "-vet=off")
	t.Setenv("GOWORK", "off")
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	git("init", "-q", "-b", "main")
	write(".git/hooks/post-checkout", "#!/bin/sh\necho ran >"+dir+"/hook\n")
	write("sub/go.mod", "module example.com/x\n\ngo 1.21\n")
	for _, took := range []string{"5", "1"} {
		write("sub/x_test.go", `package x

import ("testing"; "time")

func BenchmarkX(b *testing.B) {
	for i := 0; i < b.N; i++ { time.Sleep(`+took+` * time.Millisecond) }
}
`)
		git("add", ".")
		git("commit", "-q", "-m", took)
	}
	return dir
}

// quietApp is the program in this process, where nothing disturbs.
func quietApp(t *testing.T) (a *app, out, errs *bytes.Buffer) {
	t.Helper()
	out, errs = new(bytes.Buffer), new(bytes.Buffer)
	return &app{
		env: os.Getenv, std: streams{nil, out, errs}, probes: allProbes(),
		watch: bench.Watch{Root: fstest.MapFS{}, Kernel: quiet{}, Limits: limits()},
	}, out, errs
}

func runApp(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	a, out, errs := quietApp(t)
	code = run(t.Context(), args, a)
	return out.String(), errs.String(), code
}

// A revision is checked out beside the tree of the user, which stays as it is, and
// nothing is left of it.
func TestRunAgainstARevision(t *testing.T) {
	dir := repo(t)
	t.Setenv("TMPDIR", t.TempDir())
	t.Chdir(filepath.Join(dir, "sub"))
	require.NoError(t, os.WriteFile("new.txt", nil, 0o600))
	list := func() string {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "cd .. && find . -not -path './.git/*' -type f | sort | xargs ls -l; git status --porcelain; git worktree list; git branch -a").Output()
		require.NoError(t, err)
		return string(out)
	}
	before := list()
	out, errs, code := runApp(t, "run", "--json", "--runs", "10", "--wait", "0", "--vs-rev", "HEAD~1", "--", "go", "test", "-bench=X", "-benchtime=3x", ".")
	require.Zero(t, code, errs)
	var doc document
	require.NoError(t, json.Unmarshal([]byte(out), &doc))
	require.Len(t, doc.Commands, 2)
	require.Equal(t, "the work tree as it is, with 1 files that are not as committed", doc.Commands[0].Note)
	require.Regexp(t, `^HEAD~1, [0-9a-f]{12}$`, doc.Commands[1].Note)
	require.Len(t, doc.Commands[1].Commit, 40)
	require.Equal(t, bench.Differs, doc.Comparison.Pairs[0].Verdict)
	require.Equal(t, "worse", doc.Comparison.Pairs[0].Why, "the sleep was longer then")
	require.Greater(t, doc.Comparison.Pairs[0].Delta, 1.0)
	require.Equal(t, before, list())
	require.NoFileExists(t, filepath.Join(dir, "hook"))
	empty(t, os.Getenv("TMPDIR"))
	empty(t, filepath.Join(dir, ".git", "worktrees"))

	_, errs, code = runApp(t, "run", "--quick", "--vs-rev", "nothing", "--", "true")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "--vs-rev nothing: git knows no such revision here")
	t.Chdir(t.TempDir())
	_, errs, code = runApp(t, "run", "--quick", "--vs-rev", "main", "--", "true")
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs, "not a git repository")
}

func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	require.Empty(t, entries)
}

// What is killed leaves nothing: no process, no directory, no work tree that git would
// remember.
func TestRunLeavesNothingWhenKilled(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		dir := repo(t)
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		marker := "sleep 98765." + strconv.Itoa(int(signal))
		cmd := exec.CommandContext(t.Context(), os.Args[0], "run", "--wait", "0", "--vs-rev", "HEAD~1", "--", "sh", "-c", marker)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), mainInTest+"=1")
		require.NoError(t, cmd.Start())
		running := func() bool { return exec.Command("pgrep", "-f", "^"+marker).Run() == nil }
		require.Eventually(t, running, 60*time.Second, 20*time.Millisecond)
		require.NoError(t, cmd.Process.Signal(signal))
		_ = cmd.Wait()
		require.Eventually(t, func() bool {
			left, _ := os.ReadDir(temp)
			trees, _ := os.ReadDir(filepath.Join(dir, ".git", "worktrees"))
			return !running() && len(left)+len(trees) == 0
		}, 30*time.Second, 20*time.Millisecond, signal)
	}
}

// Nothing is run, built or checked out to say what would be.
func TestRunExplains(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("TMPDIR", dir)
	out, errs, code := runApp(t, "run", "--explain", "-o", "out.txt", "--cpu", "50%", "--mem", "512M", "--cpus", "0", "--runs", "12", "--setup", "touch x", "--profile",
		"--vs-rev", "main", "--", "go", "test", "-bench=.", "./...")
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.Contains(t, out, "A: go test -bench=. ./...\nB: go test -bench=. ./... (at main, checked out in a temporary directory)\n")
	require.Contains(t, out, "before: sh -c 'touch x'\n")
	require.Contains(t, out, "measure: 12 processes for each test binary and side, in turn: A B, B A; those that something disturbs are repeated, up to 6 times each\n")
	require.Contains(t, out, "write: out.txt\n")
	require.Regexp(t, `cpu: 50 % of a CPU|50 % of a CPU is NOT to be had`, out)
	require.Regexp(t, `memory: 512\.0MiB`, out)
	require.Contains(t, out, "in a process each\n")
	empty(t, dir)
}

// A profile, a trace and the collector's log are of passes of their own.
func TestRunRecords(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GOFLAGS", "-vet=off")
	t.Setenv("GOWORK", "off")
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("go.mod", []byte("module example.com/x\n\ngo 1.21\n"), 0o600))
	require.NoError(t, os.WriteFile("x_test.go", []byte(`package x

import "testing"

var kept [][]byte

func BenchmarkX(b *testing.B) {
	for i := 0; i < b.N; i++ {
		kept = append(kept[:0], make([]byte, 1<<16))
	}
}
`), 0o600))
	a, _, errs := quietApp(t)
	ev, err := a.gather(t.Context(), &runPlan{
		words: strings.Fields("go test -bench=. -benchtime=2000x ."), runs: 2, warmup: 1, profile: true, deadline: time.Minute,
	})
	require.NoError(t, err, errs.String())
	var names []string
	for _, p := range ev.profiles {
		require.NotEmpty(t, p.data, p.name)
		names = append(names, p.name)
	}
	require.Equal(t, []string{"cpu", "mem", "trace"}, names)
	require.Len(t, ev.collectors, 1)
	require.Positive(t, ev.collectors[0].NumGC)
	tally := ev.set.Tally()
	require.Equal(t, 1, tally.Warmup)
	require.Len(t, ev.usage, len(ev.set.Runs), "of each run")
	byRun := make(map[int]int)
	for _, r := range ev.raw {
		byRun[r.run]++
		if bytes.Contains(r.data, []byte("gc 1 @")) {
			require.Equal(t, -1, r.run, r.name)
			require.Contains(t, r.name, "gctrace")
		}
	}
	require.Equal(t, 1, byRun[0])
	require.GreaterOrEqual(t, byRun[-1], 4)
}
