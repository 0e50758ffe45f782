package test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// The list is what the sum of a tarball comes from.
func TestListFaults(t *testing.T) {
	wrong := strings.Repeat("0f", 32)
	list := func(change func([]byte) []byte) func(*liar) {
		return func(l *liar) { l.Replace("/dl/", change(fakerelease.List(l.Releases))) }
	}
	instead := func(text string) func(*liar) { return list(func([]byte) []byte { return []byte(text) }) }
	meetAll(t, []fault{
		{name: "wrong sum", lie: func(l *liar) { l.Announce(l.release, wrong) }, code: exitVerify, want: wrong},
		{name: "sum that contradicts what is known", version: "1.22.5", lie: func(*liar) {}, code: exitVerify, want: "is known", lasting: true},
		{name: "known release, other bytes, no list", version: "1.22.5", lie: func(l *liar) { l.onPath("/dl/", status(404, always)) }, code: exitVerify, want: "sha256 of the bytes", lasting: true},
		{name: "no sum", lie: func(l *liar) { l.Announce(l.release, "") }},
		{name: "no sum, no log", lie: func(l *liar) {
			l.Announce(l.release, "")
			l.onPath("/sumdb/", status(404, always))
		}, code: exitVerify, want: "no official sha256"},
		{name: "sum is no sum", lie: func(l *liar) { l.Announce(l.release, "see the web page") }, code: exitNetwork, want: "is not a sha256"},
		{name: "page", lie: instead(loginPage), code: exitNetwork, want: "not JSON"},
		{name: "empty", lie: instead(""), code: exitNetwork, want: "not JSON"},
		{name: "empty array", lie: instead("[]"), code: exitNetwork, want: "no release"},
		{name: "other JSON", lie: instead(`{"error":"quota"}`), code: exitNetwork, want: "not JSON"},
		{name: "truncated", lie: list(func(b []byte) []byte { return b[:len(b)/2] }), code: exitNetwork, want: "unexpected end"},
		{name: "not in it", lie: func(l *liar) { l.Replace("/dl/", fakerelease.List(l.Releases[1:])) }, code: exitVersion, want: "not found"},
		{name: "redirect loop", lie: func(l *liar) { l.onPath("/dl/", loops) }, code: exitNetwork, want: "redirect loop"},
		{name: "stall", env: []string{short}, lie: func(l *liar) { l.onPath("/dl/", stalls(make([]byte, 9), 1, 1)) }},
		{name: "5xx, then success", lie: func(l *liar) { l.onPath("/dl/", status(502, 2)) }},
		{name: "5xx", lie: func(l *liar) { l.onPath("/dl/", status(502, always)) }, code: exitNetwork, want: "502 Bad Gateway"},
		{name: "endless", lie: func(l *liar) {
			l.Replace("/dl/", append([]byte("["), bytes.Repeat([]byte(" "), 33<<20)...))
		}, code: exitNetwork, want: "larger than expected"},
		{name: "about another version", source: "goproxy", lie: func(l *liar) {
			l.onPath(".info", func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte(`{"Version":"v0.0.1-go1.99.2.linux-amd64"}`))
				return true
			})
		}, code: exitNetwork, want: "is about version"},
		{name: "page for the module", source: "goproxy", lie: func(l *liar) {
			l.onPath(".info", func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte(loginPage))
				return true
			})
		}, code: exitNetwork, want: "is not JSON"},
	})
}

// A list that was wrong once must not be believed for hours.
func TestCorrectedListIsRead(t *testing.T) {
	t.Parallel()
	release := fakerelease.New("1.99.1")
	server := fakerelease.Start(t, release)
	m := newMachine(t, server, "official")
	server.Announce(release, strings.Repeat("0f", 32))
	require.Equal(t, exitVerify, m.run(t, "install", "1.99.1").code)
	server.Repent()
	m.run(t, "install", "1.99.1").requireOK(t)
}
