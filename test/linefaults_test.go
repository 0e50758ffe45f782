package test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

const short = "GOLANG_WSL_STALL=400ms"

// What comes and goes on the way ends in an install, what stays in an error of
// the network; both for the tarball and for the module.
func TestLineFaults(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		t.Run(source, func(t *testing.T) { meetAll(t, lineFaults(source)) })
	}
}

func lineFaults(source string) []fault {
	faults := []fault{
		{name: "5xx, then success", lie: func(l *liar) { l.onArchive(status(503, 2)) }},
		{name: "5xx", lie: func(l *liar) { l.onArchive(status(500, always)) }, code: exitNetwork, want: "500 Internal Server Error"},
		{name: "too many requests", lie: func(l *liar) { l.onArchive(status(429, 1, "Retry-After", "1")) }},
		{name: "gone between head and get", lie: func(l *liar) { l.onArchive(status(404, always)) }, code: exitNetwork, want: "404 Not Found"},
		{name: "forbidden", lie: func(l *liar) { l.onArchive(status(403, always)) }, code: exitNetwork, want: "403 Forbidden"},
		{name: "redirect loop", lie: func(l *liar) { l.onArchive(loops) }, code: exitNetwork, want: "redirect loop"},
		{name: "stall before the first byte", env: []string{short}, lie: func(l *liar) { l.onArchive(stalls(l.archive, 0, 1)) }},
		{name: "stall in the middle", env: []string{short}, lie: func(l *liar) { l.onArchive(stalls(l.archive, 30_000, 1)) }},
		{name: "stall for ever", env: []string{short}, lie: func(l *liar) { l.onArchive(stalls(l.archive, 0, always)) }, code: exitNetwork, want: "stalled"},
		{name: "reset before the first byte", lie: func(l *liar) { l.onArchive(resets(l.archive, func(int) int { return 0 })) }, code: exitNetwork, want: "EOF"},
		{name: "resets every 20 kB", lie: func(l *liar) { l.onArchive(resets(l.archive, func(int) int { return 20_000 })) }},
		{name: "length too large, once", lie: func(l *liar) { l.onArchive(wrongLength(l.archive, 100, 1)) }},
		{name: "length too large", lie: func(l *liar) { l.onArchive(wrongLength(l.archive, 100, always)) }, code: exitNetwork, want: "EOF"},
		{name: "length too small", lie: func(l *liar) { l.onArchive(wrongLength(l.archive, -100, always)) }, code: exitVerify},
		{name: "changed under way", lie: func(l *liar) { l.onArchive(changes(l.archive)) }},
		{name: "ranges of something else", lie: func(l *liar) { l.onArchive(wrongRange(l.archive)) }},
	}
	for i := range 3 {
		at := 1 + rand.IntN(60_000)
		faults = append(faults, fault{
			name: fmt.Sprintf("reset at %d", at),
			lie:  func(l *liar) { l.onArchive(resets(l.archive, func(n int) int { return at*(i+2-n) - 1 })) },
		})
	}
	for i := range faults {
		faults[i].source = source
	}
	return faults
}

// wrongLength promises more or fewer bytes than there are.
func wrongLength(body []byte, by, last int) answer {
	return func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > last {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+by))
		_, _ = w.Write(body[:min(len(body), len(body)+by)])
		return true
	}
}

// changes begins with one content and goes on with another.
func changes(body []byte) answer {
	other := bytes.Repeat([]byte("x"), len(body))
	return func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			serve(&brittle{w, 40_000}, r, other)
		}
		return false
	}
}

// wrongRange breaks off and then answers a range with the first bytes.
func wrongRange(body []byte) answer {
	return func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			serve(&brittle{w, 40_000}, r, body)
		}
		if r.Header.Get("Range") == "" {
			return false
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(body)-1, len(body)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(body)
		return true
	}
}

// A server that asks for patience gets it.
func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	server := fakerelease.Start(t, fakerelease.New("1.99.1"))
	l := &liar{Server: server, machine: newMachine(t, server, "official"), release: fakerelease.New("1.99.1")}
	l.onArchive(status(429, 1, "Retry-After", "2"))
	start := time.Now()
	got := l.run(t, "install", "1.99.1")
	got.requireOK(t)
	require.GreaterOrEqual(t, time.Since(start), 2*time.Second)
	require.Contains(t, got.stderr, "429 Too Many Requests; next try in 2s")
	require.Equal(t, 2, server.Asked("/go/go1.99.1"))
}
