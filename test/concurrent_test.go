package test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// together runs the commands at the same time.
func together(t *testing.T, cmds ...*exec.Cmd) []result {
	t.Helper()
	results := make([]result, len(cmds))
	var all sync.WaitGroup
	for i, cmd := range cmds {
		all.Go(func() { results[i] = run(t, cmd) })
	}
	all.Wait()
	return results
}

// times is the same command n times.
func times(n int, command func() *exec.Cmd) []*exec.Cmd {
	cmds := make([]*exec.Cmd, n)
	for i := range cmds {
		cmds[i] = command()
	}
	return cmds
}

// downloads counts the requests for archives of a version.
func downloads(server *fakerelease.Server, version string) int {
	return server.Asked("/go/go"+version+".") + server.Asked("go"+version+".linux-"+fakerelease.New(version).Arch+".zip")
}

func TestEightInstallsAtOnce(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy", "auto"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			server := fakerelease.Start(t, fakerelease.New("1.99.1"))
			m := newMachine(t, server, source)
			installed := 0
			for _, got := range together(t, times(8, func() *exec.Cmd { return m.command("install", "1.99.1") })...) {
				got.requireOK(t)
				installed += strings.Count(got.stderr, "installed in")
			}
			require.Equal(t, 1, installed, "the others find it done")
			require.Equal(t, 1, downloads(server, "1.99.1"))
			m.requireWorks(t, "1.99.1")
			require.Empty(t, m.staging(t))
		})
	}
}

// asdf locks nothing: its own mkdir fails for seven of eight, and it goes on.
func TestEightInstallsByAsdf(t *testing.T) {
	t.Parallel()
	k := newKiller(t, "auto")
	begin := k.byAsdf(t)
	for _, got := range together(t, times(8, begin)...) {
		got.requireOK(t)
	}
	require.Equal(t, 1, downloads(k.server, k.version))
	k.requireWorks(t, k.version)
	require.Equal(t, []string{k.version}, k.names(t))
	require.Empty(t, k.staging(t))
}

func TestTwoDataDirectories(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			server := fakerelease.Start(t, fakerelease.New("1.99.1"))
			one := newMachine(t, server, source)
			two := one.sibling()
			for _, got := range together(t, one.command("install", "1.99.1"), two.command("install", "1.99.1")) {
				got.requireOK(t)
				require.Contains(t, got.stderr, "installed in")
			}
			require.Equal(t, 1, downloads(server, "1.99.1"))
			one.requireWorks(t, "1.99.1")
			two.requireWorks(t, "1.99.1")
		})
	}
}

func TestEightVersionsAtOnce(t *testing.T) {
	t.Parallel()
	var releases []fakerelease.Release
	for i := range 8 {
		releases = append(releases, fakerelease.New(fmt.Sprintf("1.99.%d", i+1)))
	}
	server := fakerelease.Start(t, releases...)
	m := newMachine(t, server, "auto")
	var cmds []*exec.Cmd
	for _, r := range releases {
		cmds = append(cmds, m.command("install", r.Version))
	}
	for _, got := range together(t, cmds...) {
		got.requireOK(t)
	}
	for _, r := range releases {
		require.Equal(t, 1, downloads(server, r.Version), r.Version)
		m.requireWorks(t, r.Version)
	}
	require.Len(t, m.names(t), 8)
	require.Empty(t, m.staging(t))
}

func TestLockTimeout(t *testing.T) {
	t.Parallel()
	server := fakerelease.Start(t, fakerelease.New("1.99.1"), fakerelease.New("1.99.2"))
	m := newMachine(t, server, "official")
	arrived, goOn := make(chan struct{}), make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/go/go1.99.1") {
			close(arrived)
			<-goOn
		}
		return false
	})
	first := make(chan result, 1)
	go func() { first <- run(t, m.command("install", "1.99.1")) }()
	<-arrived

	for name, cmd := range map[string]*exec.Cmd{
		"install":           m.command("install", "1.99.1"),
		"download callback": m.callback("download", "1.99.1"),
		"other directory":   m.sibling().command("install", "1.99.1"),
	} {
		cmd.Env = append(cmd.Env, "GOLANG_WSL_LOCK_TIMEOUT=200ms")
		start := time.Now()
		got := run(t, cmd)
		require.Equal(t, exitLocked, got.code, "%s: %s", name, got.stderr)
		require.Contains(t, errorLine(t, got), "another process holds")
		require.Contains(t, got.stderr, "waiting for another")
		require.GreaterOrEqual(t, time.Since(start), 200*time.Millisecond)
	}
	m.run(t, "install", "1.99.2").requireOK(t) // is not in the way
	close(goOn)
	(<-first).requireOK(t)
	m.requireWorks(t, "1.99.1")

	m.set("GOLANG_WSL_LOCK_TIMEOUT=soon")
	got := m.run(t, "install", "1.99.1")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, errorLine(t, got), `GOLANG_WSL_LOCK_TIMEOUT: "soon" is not a duration`)
}
