package test

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// Who asks an install to stop gets his way at once, and finds nothing left.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			unignore(t, sig)
			k := newKiller(t, "official")
			k.measure(t)
			stopped := 0
			for range 20 {
				got := k.kill(t, sig)
				if got.code != 0 {
					stopped++
					k.requireStopped(t, got)
				}
				k.requireWhole(t)
				k.requireNext(t)
			}
			t.Log(k.phases)
			require.Greater(t, stopped, 8, "signals that met a running install")
		})
	}
}

// requireStopped fails the test unless the install said that it was stopped and
// left neither an install nor the half of one.
func (k *killer) requireStopped(t *testing.T, got result) {
	t.Helper()
	require.Empty(t, k.names(t))
	require.Empty(t, k.staging(t))
	if got.code == -1 {
		return // before it could listen, so before it did anything
	}
	require.Equal(t, 1, got.code)
	require.Equal(t, "golang-wsl: error: interrupted", errorLine(t, got))
	require.Equal(t, 1, strings.Count(got.stderr, "golang-wsl: error: "))
}

// Waiting for a server or for another install is no reason to be deaf.
func TestInterruptWhileWaiting(t *testing.T) {
	t.Parallel()
	unignore(t, syscall.SIGINT)
	server := fakerelease.Start(t, fakerelease.New("1.99.1"))
	l := &liar{t: t, Server: server, machine: newMachine(t, server, "official"), archive: make([]byte, 100)}
	arrived := make(chan struct{}, 1)
	l.onPath("/go/", func(n int, w http.ResponseWriter, r *http.Request) bool {
		arrived <- struct{}{}
		return stalls(l.archive, 10, always)(n, w, r)
	})
	var said bytes.Buffer
	first, second := l.command("install", "1.99.1"), l.command("install", "1.99.1")
	first.Stderr = &said
	require.NoError(t, first.Start())
	<-arrived

	waiting, err := second.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, second.Start())
	line, err := bufio.NewReader(waiting).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "golang-wsl: waiting for another install of 1.99.1\n", line)
	for _, cmd := range []*exec.Cmd{second, first} {
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		require.Error(t, cmd.Wait())
		require.Equal(t, 1, cmd.ProcessState.ExitCode())
	}
	require.Equal(t, "golang-wsl: error: interrupted", errorLine(t, result{stderr: said.String()}))
	require.Empty(t, l.names(t))
	require.Empty(t, l.staging(t))
}

// unignore lets the processes that a test starts have a signal, even where the
// tests themselves were started to ignore it, as by nohup: what a process
// handles, and no longer ignores, is back to its default in its children.
func unignore(t *testing.T, signals ...os.Signal) {
	t.Helper()
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, signals...)
	t.Cleanup(func() { signal.Stop(handled) })
}

// An install under nohup outlives its terminal.
func TestNohup(t *testing.T) {
	t.Parallel()
	server := fakerelease.Start(t, fakerelease.New("1.99.1"))
	l := &liar{t: t, Server: server, machine: newMachine(t, server, "official")}
	arrived, goOn := make(chan struct{}, 10), make(chan struct{})
	l.onPath("/go/", func(int, http.ResponseWriter, *http.Request) bool {
		arrived <- struct{}{}
		<-goOn
		return false
	})
	cmd := l.command("install", "1.99.1")
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh", l.path}, cmd.Args[1:]...)
	require.NoError(t, cmd.Start())
	<-arrived
	require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
	time.Sleep(200 * time.Millisecond) // for the signal to do harm, if it can
	close(goOn)
	require.NoError(t, cmd.Wait())
	require.Equal(t, []string{"1.99.1"}, l.names(t))
}

// Whatever of ours runs next heals what a killed asdf has left: an empty
// directory that it takes for an install (asdf-vm/asdf#2036).
func TestHeal(t *testing.T) {
	t.Parallel()
	server := fakerelease.Start(t, fakerelease.New("1.99.1"), fakerelease.New("1.99.2"))
	m := newMachine(t, server, "official")
	m.run(t, "install", "1.99.2").requireOK(t)
	foreign := m.installed("1.2.3")
	require.NoError(t, os.Mkdir(foreign, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(foreign, "file"), nil, 0o644))
	for name, cmd := range map[string]*exec.Cmd{
		"list-all":        m.callback("list-all", ""),
		"post-plugin-add": m.callback("post-plugin-add", ""),
		"download":        m.callback("download", "1.99.2"),
		"install":         m.command("install", "1.99.2"),
	} {
		require.NoError(t, os.Mkdir(m.installed("1.99.1"), 0o755))
		run(t, cmd).requireOK(t)
		require.NoDirExists(t, m.installed("1.99.1"), name)
	}
	require.FileExists(t, filepath.Join(foreign, "file"))
	m.requireWorks(t, "1.99.2")
}
