package test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// twist changes what the checksum database answers below a path.
func (l *liar) twist(part string, change func([]byte) []byte) {
	honest := l.Server
	l.onPath(part, func(_ int, w http.ResponseWriter, r *http.Request) bool {
		rec := httptest.NewRecorder()
		honest.ServeLog(rec, r)
		w.WriteHeader(rec.Code)
		_, _ = w.Write(change(rec.Body.Bytes()))
		return true
	})
}

func replacing(pattern, by string) func([]byte) []byte {
	re := regexp.MustCompile(pattern)
	return func(body []byte) []byte { return re.ReplaceAll(body, []byte(by)) }
}

func turnBit(body []byte) []byte {
	body, _ = flipped(body)
	return body
}

// lies of a log that is not what it says; none is outweighed by a right sha256.
func forgeries(source string) []fault {
	faults := []fault{
		{name: "head with another signature", want: "not signed", lie: func(l *liar) {
			l.twist("/lookup/", replacing(`— (\S+) \S{16}`, "— $1 AAAAAAAAAAAAAAAA"))
		}},
		{name: "head of another tree", want: "invalid signature", lie: func(l *liar) {
			l.twist("/lookup/", replacing(`(database tree\n\d+\n)....`, "${1}AAAA"))
		}},
		{name: "hash in the record", want: "cannot authenticate record", lie: func(l *liar) {
			l.twist("/lookup/", replacing(`h1:....`, "h1:AAAA"))
		}},
		{name: "tile", want: "inconsistent tile", lie: func(l *liar) { l.twist("/tile/", turnBit) }},
		{name: "key of somebody else", want: "not signed", lasting: true, lie: func(l *liar) {
			l.set("GOSUMDB=" + fakerelease.Start(l.t, l.release).Key() + " " + l.URL + "/sumdb")
		}},
		{name: "other h1, well signed", want: "h1 of the files", lasting: true, lie: func(l *liar) {
			other := l.release
			other.Padding++
			l.Fork(other)
		}},
		{name: "fork", want: "two histories", lasting: true, lie: func(l *liar) {
			l.machine.run(l.t, "install", "1.99.2").requireOK(l.t)
			l.machine.run(l.t, "uninstall", "1.99.2").requireOK(l.t)
			l.machine.run(l.t, "cache", "clean").requireOK(l.t)
			l.Fork(l.release)
		}},
	}
	for i := range faults {
		faults[i].source, faults[i].code = source, exitVerify
	}
	return faults
}

func TestForgedLog(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		t.Run(source, func(t *testing.T) { meetAll(t, forgeries(source)) })
	}
}

// A log that gives no answer leaves the sha256 as the only proof, which is
// enough where there is one.
func TestSilentLog(t *testing.T) {
	const note = "only the official sha256 was checked"
	silences := map[string]func(*liar){
		"page":          func(l *liar) { l.twist("/lookup/", func([]byte) []byte { return []byte(loginPage) }) },
		"page as tile":  func(l *liar) { l.twist("/tile/", func([]byte) []byte { return []byte(loginPage) }) },
		"half a tile":   func(l *liar) { l.twist("/tile/", func(b []byte) []byte { return b[:len(b)/2] }) },
		"not found":     func(l *liar) { l.onPath("/lookup/", status(404, always)) },
		"5xx":           func(l *liar) { l.onPath("/sumdb/", status(503, always)) },
		"redirect loop": func(l *liar) { l.onPath("/lookup/", loops) },
		"unreachable":   func(l *liar) { l.set("GOSUMDB=" + l.Key() + " http://127.0.0.1:1/sumdb") },
	}
	var faults []fault
	for name, lie := range silences {
		code := exitNetwork
		if name != "5xx" && name != "redirect loop" && name != "unreachable" {
			code = exitVerify
		}
		faults = append(faults,
			fault{name: "official, " + name, lie: lie, want: note},
			fault{name: "goproxy, " + name, source: "goproxy", lie: lie, code: code, want: "no answer from the checksum database", lasting: name == "unreachable"},
		)
	}
	meetAll(t, append(faults, fault{
		name: "5xx, then success", source: "goproxy", lie: func(l *liar) { l.onPath("/sumdb/", status(500, 2)) }, want: "sum.fake.test",
	}))
}

// Before Go 1.21 the log describes the module, which need not be the tarball.
func TestTarballUnlikeModule(t *testing.T) {
	t.Parallel()
	for version, code := range map[string]int{"1.20.99": 0, "1.4.99": 0, "1.21.99": exitVerify, "1.99.1": exitVerify} {
		t.Run(version, func(t *testing.T) {
			release := fakerelease.New(version)
			release.Unlike = true
			m := newMachine(t, fakerelease.Start(t, release), "official")
			got := m.run(t, "install", version)
			require.Equal(t, code, got.code, got.stderr)
			if code != 0 {
				require.Contains(t, errorLine(t, got), "h1 of the files")
				require.Empty(t, m.names(t))
				return
			}
			require.Contains(t, got.stderr, version+": the checksum database describes the module of this release, not its archive")
			m.requireWorks(t, version)
		})
	}
}

// Toolchains cannot opt out of the checksum database: with "off" it is the one
// of the Go project that must answer, which a machine cannot be talked out of.
func TestDatabaseCannotBeSwitchedOff(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"official", "goproxy"} {
		server := fakerelease.Start(t, fakerelease.New("1.99.1"))
		server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			const relay = "/proxy/sumdb/sum.golang.org/"
			if r.URL.Path == relay+"supported" {
				return true
			}
			r.URL.Path = strings.Replace(r.URL.Path, relay, "/sumdb/", 1)
			return false
		})
		m := newMachine(t, server, source)
		m.set("GOSUMDB=off", "GONOSUMDB=*", "GONOSUMCHECK=1", "GOPRIVATE=*", "GOFLAGS=-insecure", "GOINSECURE=*")
		requireVerified(t, m)

		m = newMachine(t, server, source)
		m.set("GOSUMDB=", "GOPRIVATE=", "GONOSUMDB=")
		m.run(t, "env", "profile", "private", "--private", "*", "--yes-unverified").requireOK(t)
		require.Equal(t, "off\n", m.run(t, "env", "GOSUMDB").stdout, "env.sh says so")
		requireVerified(t, m)
	}
}

// requireVerified installs what a database that lies has vouched for.
func requireVerified(t *testing.T, m *machine) {
	t.Helper()
	asked := m.server.Asked("/proxy/sumdb/sum.golang.org/lookup/")
	got := m.run(t, "install", "1.99.1")
	require.Equal(t, exitVerify, got.code, got.stderr)
	require.Contains(t, errorLine(t, got), "sum.golang.org misbehaves")
	require.Greater(t, m.server.Asked("/proxy/sumdb/sum.golang.org/lookup/"), asked)
	require.Empty(t, m.names(t))
	require.Empty(t, m.archives(t))
}

// What a log once proved holds without it.
func TestLogIsRemembered(t *testing.T) {
	t.Parallel()
	server := fakerelease.Start(t, fakerelease.New("1.99.1"))
	m := newMachine(t, server, "goproxy")
	m.run(t, "install", "1.99.1").requireOK(t)
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "sumdb") {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	m.run(t, "uninstall", "1.99.1").requireOK(t)
	m.run(t, "cache", "clean").requireOK(t)
	m.run(t, "install", "1.99.1").requireOK(t)
	require.Contains(t, m.run(t, "verify").stdout, "as released")
}
