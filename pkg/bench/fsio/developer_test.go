package fsio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// runGo is a Runner as a program has it.
func runGo(ctx context.Context, c Command) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", c.Args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = c.Dir, append(os.Environ(), c.Env...), time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, err
}

// ownCache runs go with the GOCACHE that the tests have anyway: to compile what
// package testing needs takes a minute on a busy machine.
func ownCache(ctx context.Context, c Command) ([]byte, error) {
	c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(e string) bool { return strings.HasPrefix(e, "GOCACHE=") })
	return runGo(ctx, c)
}

// A log is what go was asked for, and answers without doing it.
type log struct {
	mu       sync.Mutex
	commands []string
	answer   func(ctx context.Context, c Command) ([]byte, error)
}

func (l *log) run(ctx context.Context, c Command) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	cache := ""
	for _, e := range c.Env {
		if dir, ok := strings.CutPrefix(e, "GOCACHE="); ok {
			cache = filepath.Base(filepath.Dir(filepath.Dir(dir)))
		}
	}
	place := filepath.Base(filepath.Dir(filepath.Dir(c.Dir)))
	l.commands = append(l.commands, strings.Join([]string{c.Args[0], place, "with", cache}, " "))
	if l.answer != nil {
		return l.answer(ctx, c)
	}
	return nil, nil
}

func twoDirs(t *testing.T) (a, b string) {
	t.Helper()
	parent := t.TempDir()
	a, b = filepath.Join(parent, "first"), filepath.Join(parent, "second")
	require.NoError(t, os.Mkdir(a, 0o700))
	require.NoError(t, os.Mkdir(b, 0o700))
	return a, b
}

// What Generate writes is the same each time, formatted, and a program. With another
// salt each package is another.
func TestGenerate(t *testing.T) {
	dir, again, salted := t.TempDir(), t.TempDir(), t.TempDir()
	require.NoError(t, Generate(dir, Module{Packages: 45, Salt: 1}))
	require.NoError(t, Generate(again, Module{Packages: 45, Salt: 1}))
	require.NoError(t, Generate(salted, Module{Packages: 45, Salt: 2}))
	out, err := exec.Command("diff", "-r", dir, again).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command("diff", "-rq", dir, salted).CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 45, strings.Count(string(out), "differ"))
	out, err = exec.Command("gofmt", "-l", dir).CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, string(out))
	printed, err := runGo(t.Context(), Command{Args: []string{"run", "./cmd/app"}, Dir: dir, Env: []string{"GOPROXY=off", "GOWORK=off"}})
	require.NoError(t, err, "%s", printed)
	printed, err = runGo(t.Context(), Command{Args: []string{"list", "-f", "{{len .Imports}}", "./p020", "./p040", "./p000"}, Dir: dir, Env: []string{"GOWORK=off"}})
	require.NoError(t, err)
	require.Equal(t, []string{"7", "7", "4"}, strings.Fields(string(printed)), "the first of a layer imports 2 to 3 of the layer below")
	require.ErrorContains(t, Generate(t.TempDir(), Module{}), "1 or more")
}

// The real go, in both places; a build with nothing to do is faster than one with
// everything.
func TestBuilds(t *testing.T) {
	a, b := twoDirs(t)
	run, err := bench.Once(t.Context(), New(Options{Dirs: []string{a, b}, Quick: true, Only: []string{"stat-hit"}, Go: runGo}))
	require.NoError(t, err)
	empty(t, a, b)
	for _, letter := range []string{"a", "b"} {
		cold := series(t, run, "Build/state=cold/cache=same/place="+letter)
		warm := series(t, run, "Build/state=warm/cache=same/place="+letter)
		series(t, run, "Build/state=edited/cache=same/place="+letter)
		require.Len(t, cold.Samples, 1)
		require.Greater(t, cold.Samples[0], warm.Samples[0])
	}
	var names []string
	for _, r := range Ratios(run) {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"FS/stat/name=hit", "Build/state=cold/cache=same", "Build/state=warm/cache=same", "Build/state=edited/cache=same"}, names)
}

// By default there are rounds enough for an interval, and the sources of the second
// place are also built with the cache of the first. The turns change.
func TestTurnsOfBuilds(t *testing.T) {
	a, b := twoDirs(t)
	l := new(log)
	run, err := bench.Once(t.Context(), New(Options{Dirs: []string{a, b}, Only: []string{"stat-hit"}, Go: l.run, Packages: 3}))
	require.NoError(t, err)
	const same1, same2, other = "build first with first", "build second with second", "build second with first"
	require.Len(t, l.commands, 3+6*3*3)
	require.Equal(t, []string{same1, same2, other}, l.commands[:3], "each is made warm")
	require.Equal(t, []string{same2, other, same1, same2, other, same1, same2, other, same1}, l.commands[3:12])
	require.Equal(t, []string{other, same1, same2}, l.commands[12:15])
	for _, r := range Ratios(run)[1:] {
		require.Equal(t, 6, r.Rounds)
		require.Positive(t, r.Lo)
	}
	require.Len(t, series(t, run, "Build/state=edited/cache=a/place=b").Samples, 6)
}

const benchmarks = `package x

import "testing"

func BenchmarkOne(b *testing.B) {
	for range b.N {
	}
}

func BenchmarkTwo(b *testing.B) {
	b.Run("size=1", func(b *testing.B) {
		for range b.N {
		}
	})
}
`

func TestBenchmarksOfAPackage(t *testing.T) {
	from := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module x\n\ngo 1.22\n", "sub/x_test.go": benchmarks, ".git/HEAD": "", "sub/testdata/file": "x"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(from, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(from, name), []byte(text), 0o400))
	}
	require.NoError(t, os.Symlink("file", filepath.Join(from, "sub/testdata/link")))
	a, b := twoDirs(t)
	o := Options{Dirs: []string{a, b}, Quick: true, Only: []string{"stat-hit"}, Go: ownCache, Packages: -1, Test: Test{Package: filepath.Join(from, "sub")}}
	run, err := bench.Once(t.Context(), New(o))
	require.NoError(t, err)
	empty(t, a, b)
	for _, name := range []string{"GoTest/command", "GoTest/One", "GoTest/Two/size=1"} {
		require.Len(t, series(t, run, name+"/place=a").Samples, 1)
		require.Len(t, series(t, run, name+"/ratio=b:a").Samples, 1)
	}
	require.Equal(t, "ps", series(t, run, "GoTest/One/place=b").Unit)

	o.Test.Bench = "Three"
	e := wrong(t, o, b) // whose turn is first in the first round
	require.ErrorContains(t, e, `no benchmark of ./sub is named like "Three"`)
	o.Test.Package = "/"
	_, err = bench.Once(t.Context(), New(o))
	require.ErrorContains(t, err, "/ is in no module")
	empty(t, a, b)
}

// What go says about a failure is in the error, and nothing is left.
func TestGoFails(t *testing.T) {
	a, b := twoDirs(t)
	o := Options{Dirs: []string{a, b}, Quick: true, Only: []string{"stat-hit"}, Packages: 2}
	o.Go = (&log{answer: func(_ context.Context, c Command) ([]byte, error) {
		if strings.HasPrefix(c.Dir, b) {
			return nil, errors.New("exit status 1: no")
		}
		return nil, nil
	}}).run
	require.ErrorContains(t, wrong(t, o, b), "go build in "+b+": exit status 1: no")
	empty(t, a, b)

	o.Go = func(ctx context.Context, _ Command) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() }
	o.GoTimeout = 100 * time.Millisecond
	require.ErrorIs(t, wrong(t, o, a), ErrHung)
	empty(t, a, b)

	never := make(chan struct{})
	defer close(never)
	o.Go = func(context.Context, Command) ([]byte, error) { <-never; return nil, nil }
	o.Timeout = 500 * time.Millisecond
	e := wrong(t, o, a)
	require.ErrorIs(t, e, ErrHung)
	require.Equal(t, "go build", e.Op)
	empty(t, b)
}

// What was measured before the builds is kept where they are interrupted.
func TestBuildInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Dirs: []string{dir}, Quick: true, Only: []string{"stat-hit"}, Packages: 2}
	o.Go = func(ctx context.Context, _ Command) ([]byte, error) { cancel(); <-ctx.Done(); return nil, ctx.Err() }
	run, err := bench.Once(ctx, New(o))
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, run.Partial)
	require.NotEmpty(t, series(t, run, "FS/stat/name=hit/place=a").Samples)
	empty(t, dir)
}
