package test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A download that was killed half way goes on where it was.
func TestKilledDownloadIsResumed(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			release := fakerelease.New("1.99.1")
			release.Padding = 1 << 20
			server := fakerelease.Start(t, release)
			l := &liar{t: t, Server: server, machine: newMachine(t, server, source), release: release, archive: release.Tarball()}
			if source == "goproxy" {
				l.archive = release.Zip()
			}
			var mu sync.Mutex
			var ranges []string
			half := len(l.archive) / 2
			l.onArchive(func(n int, w http.ResponseWriter, r *http.Request) bool {
				mu.Lock()
				ranges = append(ranges, r.Header.Get("Range"))
				mu.Unlock()
				if n == 1 {
					serve(&halting{w, half, r}, r, l.archive)
					return true
				}
				serve(w, r, l.archive)
				return true
			})

			cmd := l.command("install", "1.99.1")
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool { return partSize(t, l.machine) == int64(half) }, 20*time.Second, 5*time.Millisecond)
			require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
			require.Error(t, cmd.Wait())
			require.Empty(t, l.names(t))

			l.run(t, "install", "1.99.1").requireOK(t)
			l.requireWorks(t, "1.99.1")
			mu.Lock()
			defer mu.Unlock()
			require.Len(t, ranges, 2)
			require.Empty(t, ranges[0])
			require.Equal(t, fmt.Sprintf("bytes=%d-", half), ranges[1])
			require.Empty(t, l.staging(t))
			require.Len(t, l.archives(t), 1, "the part file has become the archive")
		})
	}
}

// A line that goes silent after so many bytes.
type halting struct {
	http.ResponseWriter
	left int
	r    *http.Request
}

func (h *halting) Write(p []byte) (int, error) {
	n, err := h.ResponseWriter.Write(p[:min(len(p), h.left)])
	if h.left -= n; h.left <= 0 {
		h.ResponseWriter.(http.Flusher).Flush()
		<-h.r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// partSize is how much of an archive has arrived.
func partSize(t *testing.T, m *machine) int64 {
	for _, name := range ls(t, filepath.Join(m.cache, "archives", "partial")) {
		if info, err := os.Stat(filepath.Join(m.cache, "archives", "partial", name)); err == nil &&
			(strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".zip")) {
			return info.Size()
		}
	}
	return -1
}

// What one data directory has downloaded no other one does, whatever source
// answers first, and not even a server is needed.
func TestCacheIsShared(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy", "auto", "goproxy,official"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			server := fakerelease.Start(t, fakerelease.New("1.99.1"))
			m := newMachine(t, server, source)
			m.run(t, "install", "1.99.1").requireOK(t)
			require.Equal(t, 1, downloads(server, "1.99.1"))

			second := m.sibling()
			second.run(t, "install", "1.99.1").requireOK(t)
			second.requireWorks(t, "1.99.1")
			require.Equal(t, 1, downloads(server, "1.99.1"))

			server.Close()
			second.run(t, "uninstall", "1.99.1").requireOK(t)
			got := second.run(t, "install", "1.99.1")
			got.requireOK(t)
			require.Contains(t, got.stderr, "verified by")
			require.NotContains(t, got.stderr, "next try", "nobody needs to be asked")
			second.requireWorks(t, "1.99.1")
		})
	}
}

// An archive that was damaged in the cache is noticed and fetched again.
func TestDamagedCacheIsNoticed(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		server := fakerelease.Start(t, fakerelease.New("1.99.1"))
		m := newMachine(t, server, source)
		m.run(t, "install", "1.99.1").requireOK(t)
		m.run(t, "uninstall", "1.99.1").requireOK(t)
		kept := m.archives(t)
		require.Len(t, kept, 1)
		path := filepath.Join(m.cache, "archives", kept[0])
		require.NoError(t, os.Truncate(path, 50_000))
		got := m.run(t, "install", "1.99.1")
		got.requireOK(t)
		require.Contains(t, got.stderr, "in the cache is damaged and will be fetched again")
		require.Equal(t, 2, downloads(server, "1.99.1"))
		m.requireWorks(t, "1.99.1")
		require.Equal(t, kept, m.archives(t))
	}
}
