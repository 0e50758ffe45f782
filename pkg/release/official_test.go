package release

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// An officialTest is a server and a function that makes a new Official on it, as
// each start of the program does.
type officialTest struct {
	*server
	*clock
	*notebook
	t   *testing.T
	dir string
}

func newOfficialTest(t *testing.T) *officialTest {
	return &officialTest{
		server:   newServer(t, map[string]string{"/dl/": string(readDL(t))}),
		clock:    newClock(),
		notebook: new(notebook),
		t:        t,
		dir:      t.TempDir(),
	}
}

func (o *officialTest) start() *Official {
	return &Official{
		ListURL: o.URL + "/dl/", Mirrors: []string{o.URL + "/a", o.URL + "/b/"},
		Download: testClient(), CacheDir: o.dir, Known: loadKnown(o.t), Now: o.now, Log: o.log,
	}
}

// list starts the program anew and lists; it returns the number of versions.
func (o *officialTest) list() int {
	o.t.Helper()
	vs, err := o.start().List(o.t.Context(), amd64)
	require.NoError(o.t, err)
	return len(vs)
}

// The cut list has 15 versions for linux/amd64, the embedded table 362, so the
// numbers tell which one was used.
const cut, all = 15, 362

func TestOfficialListIsCached(t *testing.T) {
	o := newOfficialTest(t)
	require.Equal(t, cut, o.list())
	require.Equal(t, []string{"GET /dl/"}, o.requests())

	o.Time = o.Add(6*time.Hour - time.Second)
	require.Equal(t, cut, o.list())
	require.Empty(t, o.requests(), "a young list is not asked for again")

	o.Time = o.Add(time.Second)
	require.Equal(t, cut, o.list())
	require.Equal(t, []string{"GET /dl/"}, o.requests())
	require.Empty(t, o.take())
}

func TestOfficialListQuery(t *testing.T) {
	o := newOfficialTest(t)
	official := o.start()
	official.ListURL += "?token=1"
	_, err := official.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Equal(t, "include=all&mode=json&token=1", o.query)
}

func TestOfficialListETag(t *testing.T) {
	o := newOfficialTest(t)
	o.etag = `"one"`
	require.Equal(t, cut, o.list())
	require.Empty(t, o.header.Get("If-None-Match"))

	o.Time = o.Add(7 * time.Hour)
	require.Equal(t, cut, o.list())
	require.Equal(t, `"one"`, o.header.Get("If-None-Match"))
	require.Len(t, o.requests(), 2)

	o.Time = o.Add(5 * time.Hour)
	require.Equal(t, cut, o.list())
	require.Empty(t, o.requests(), "304 makes the list young again")
}

func TestOfficialStaleList(t *testing.T) {
	for name, bad := range map[string]struct{ content, why string }{
		"server error": {"=503", "503 Service Unavailable"},
		"not found":    {"=404", "404 Not Found"},
		"a page":       {"<!DOCTYPE html>", "not JSON"},
		"half":         {`[{"version": "go1.22.5"`, "unexpected end"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOfficialTest(t)
			require.Equal(t, cut, o.list())
			o.set("/dl/", bad.content)
			o.Time = o.Add(7*time.Hour + 20*time.Minute)
			require.Equal(t, cut, o.list())
			lines := o.take()
			require.Len(t, lines, 1)
			require.Contains(t, lines[0], "using the list of 7h ago: ")
			require.Contains(t, lines[0], bad.why)
			require.NotContains(t, lines[0], "\n")
		})
	}
}

func TestOfficialWithoutNetwork(t *testing.T) {
	o := newOfficialTest(t)
	o.Close()
	require.Equal(t, all, o.list())
	lines := o.take()
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "using the built-in list of 2026-08-19: ")
	entries, err := os.ReadDir(o.dir)
	require.NoError(t, err)
	require.Empty(t, entries, "a failure is not cached")
}

func TestOfficialFailureIsRemembered(t *testing.T) {
	o := newOfficialTest(t)
	o.set("/dl/", "=404")
	official := o.start()
	for range 3 {
		_, err := official.List(t.Context(), amd64)
		require.NoError(t, err)
	}
	require.Len(t, o.requests(), 1, "one process does not wait twice")
	o.Time = o.Add(2 * time.Minute)
	_, err := official.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Len(t, o.requests(), 1)
}

func TestOfficialDamagedCache(t *testing.T) {
	o := newOfficialTest(t)
	require.Equal(t, cut, o.list())
	files, err := filepath.Glob(filepath.Join(o.dir, "lists", "official-linux-*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	for _, bad := range []string{"", "<html>", "# " + recordMagic + "\ncolumns linux-amd64\n9.9.9 -\n"} {
		require.NoError(t, os.WriteFile(files[0], []byte(bad), 0o644))
		o.requests()
		require.Equal(t, cut, o.list())
		require.Len(t, o.requests(), 1)
		require.Equal(t, cut, o.list())
		require.Empty(t, o.requests(), "the cache was repaired")
	}
	require.Empty(t, o.take())
}

func TestOfficialUnwritableCache(t *testing.T) {
	o := newOfficialTest(t)
	o.dir = filepath.Join(o.dir, "file")
	require.NoError(t, os.WriteFile(o.dir, nil, 0o644))
	require.Equal(t, cut, o.list())
	require.Contains(t, strings.Join(o.take(), "\n"), "keep the release list: ")
	o.dir = ""
	require.Equal(t, cut, o.list())
	require.Empty(t, o.take())
}

func TestOfficialCacheFromTheFuture(t *testing.T) {
	o := newOfficialTest(t)
	require.Equal(t, cut, o.list())
	o.Time = o.Add(-time.Hour)
	o.requests()
	require.Equal(t, cut, o.list())
	require.Len(t, o.requests(), 1)
}

func TestOfficialCancelled(t *testing.T) {
	o := newOfficialTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := o.start().List(ctx, amd64)
	require.ErrorIs(t, err, context.Canceled)
	_, err = o.start().Find(ctx, version(t, "1.22.5"), amd64)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, o.take())
}

const name1225 = "go1.22.5.linux-amd64.tar.gz"

func TestOfficialFind(t *testing.T) {
	const size, old = 68972532, 76350075
	for _, tt := range []struct {
		name, version string
		a, b          string // what the mirrors have, "" for nothing
		urls          string // paths
		size          int64
	}{
		{"first mirror", "1.22.5", "~68972532", "~68972532", "/a /b", size},
		{"second mirror", "1.22.5", "", "~68972532", "/b", size},
		{"first is broken", "1.22.5", "=500", "~68972532", "/b", size},
		{"first forbids", "1.22.5", "=403", "~68972532", "/b", size},
		{"first has a page", "1.22.5", "<html>", "~68972532", "/b /a", size},
		{"both have pages", "1.22.5", "<html>", "<html>", "/a /b", size},
		{"no sum published", "1.5.2", "", "~76350075", "/b", old},
		{"no size published", "1.4.2", "12345", "", "/a /b", 5},
		{"not in the live list", "1.22.4", "1234", "", "/a /b", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOfficialTest(t)
			name := "go" + tt.version + ".linux-amd64.tar.gz"
			for mirror, content := range map[string]string{"/a/": tt.a, "/b/": tt.b} {
				if content != "" {
					o.set(mirror+name, content)
				}
			}
			official := o.start()
			a, err := official.Find(t.Context(), version(t, tt.version), amd64)
			require.NoError(t, err)
			sum, _ := official.Known.Sum(a.Version, amd64)
			var urls []string
			for _, mirror := range strings.Fields(tt.urls) {
				urls = append(urls, o.URL+mirror+"/"+name)
			}
			require.Equal(t, &Artifact{
				Version: version(t, tt.version), Platform: amd64, Source: "official", Format: TarGz,
				Name: name, URLs: urls, Size: tt.size, SHA256: sum,
			}, a)
			require.Empty(t, o.take())
		})
	}
}

func TestOfficialFindArm(t *testing.T) {
	o := newOfficialTest(t)
	o.set("/a/go1.21rc2.linux-armv6l.tar.gz", "~65029033")
	a, err := o.start().Find(t.Context(), version(t, "1.21rc2"), Platform{"linux", "arm"})
	require.NoError(t, err)
	require.Equal(t, "go1.21rc2.linux-armv6l.tar.gz", a.Name)
}

func TestOfficialFindFails(t *testing.T) {
	missing := func(t *testing.T, err error) {
		var e *NotFoundError
		require.ErrorAs(t, err, &e)
		require.Equal(t, "official", e.Source)
	}
	status := func(code int) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			var e *download.StatusError
			require.ErrorAs(t, err, &e)
			require.Equal(t, code, e.Code)
			require.False(t, isNotFound(err))
		}
	}
	for _, tt := range []struct {
		name, version, a, b, list string
		check                     func(*testing.T, error)
	}{
		// Tarballs of these two lie in the bucket, but were never released.
		{"withdrawn", "1.7.2", "tarball", "tarball", "", missing},
		{"unannounced", "1.21rc1", "tarball", "tarball", "", missing},
		{"no such version", "1.99.0", "", "", "", missing},
		{"on no mirror", "1.22.5", "", "=410", "", missing},
		{"a mirror is down", "1.22.5", "=503", "", "", status(503)},
		{"a mirror forbids", "1.22.5", "", "=403", "", status(403)},
		{"nobody knows", "1.99.0", "tarball", "", "=500", status(500)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOfficialTest(t)
			name := "go" + tt.version + ".linux-amd64.tar.gz"
			for path, content := range map[string]string{"/a/" + name: tt.a, "/b/" + name: tt.b, "/dl/": tt.list} {
				if content != "" {
					o.set(path, content)
				}
			}
			_, err := o.start().Find(t.Context(), version(t, tt.version), amd64)
			require.Error(t, err)
			tt.check(t, err)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// A version that is newer than the cached list is looked for in today's.
func TestOfficialFindNewerThanCache(t *testing.T) {
	o := newOfficialTest(t)
	require.Equal(t, cut, o.list())
	o.set("/a/go1.27.1.linux-amd64.tar.gz", "new")
	_, err := o.start().Find(t.Context(), version(t, "1.27.1"), amd64)
	require.True(t, isNotFound(err))

	sum := strings.Repeat("ab", 32)
	o.set("/dl/", `[{"version": "go1.27.1", "stable": true, "files": [{"filename": "go1.27.1.linux-amd64.tar.gz",
		"os": "linux", "arch": "amd64", "version": "go1.27.1", "sha256": "`+sum+`", "size": 3, "kind": "archive"}]},`+
		strings.TrimPrefix(string(readDL(t)), "["))
	o.requests()
	a, err := o.start().Find(t.Context(), version(t, "1.27.1"), amd64)
	require.NoError(t, err)
	require.Equal(t, sum, a.SHA256)
	require.Equal(t, []string{"GET /dl/", "HEAD /a/go1.27.1.linux-amd64.tar.gz"}, o.requests())
	require.Equal(t, cut+1, o.list())
}

func TestOfficialSumConflict(t *testing.T) {
	const good = "904b924d435eaea086515bc63235b192ea441bd8c9b198c507e85009e6e4c7f0"
	bad := strings.Repeat("00", 32)
	o := newOfficialTest(t)
	o.set("/a/"+name1225, "x")
	o.set("/dl/", strings.ReplaceAll(string(readDL(t)), good, bad))
	for range 2 { // from the network, and from the cache
		_, err := o.start().Find(t.Context(), version(t, "1.22.5"), amd64)
		var conflict *SumConflictError
		require.ErrorAs(t, err, &conflict)
		require.Equal(t, bad, conflict.Live)
		require.Equal(t, good, conflict.Known)
		require.ErrorContains(t, err, good)
		require.ErrorContains(t, err, bad)
		require.ErrorContains(t, err, o.URL)
	}
	o.set("/dl/", string(readDL(t)))
	a, err := o.start().Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err, "a list that was corrected is read again")
	require.Equal(t, good, a.SHA256)
}

func TestOfficialFindOffline(t *testing.T) {
	o := newOfficialTest(t)
	o.set("/dl/", "=500")
	o.set("/a/"+name1225, "x")
	a, err := o.start().Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.NotEmpty(t, a.SHA256)
	lines := o.take()
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "using the built-in list")

	o.Close()
	_, err = o.start().Find(t.Context(), version(t, "1.22.5"), amd64)
	var network *download.Error
	require.True(t, errors.As(err, &network), "%v", err)
	require.Empty(t, o.take(), "what was not used is not told")
}

// The password of a list does not leave the program.
func TestOfficialPassword(t *testing.T) {
	o := newOfficialTest(t)
	list := func() {
		official := o.start()
		official.ListURL = strings.Replace(official.ListURL, "://", "://me:secret@", 1)
		_, err := official.List(t.Context(), amd64)
		require.NoError(t, err)
	}
	list()
	files, err := filepath.Glob(filepath.Join(o.dir, "lists", "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NotContains(t, files[0]+string(data), "secret")

	o.set("/dl/", "<html>")
	o.Time = o.Add(7 * time.Hour)
	list()
	lines := o.take()
	require.Len(t, lines, 1)
	require.NotContains(t, lines[0], "secret")
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0m", 10 * time.Second: "0m", 59 * time.Minute: "59m", 7*time.Hour + 50*time.Minute: "7h",
		47 * time.Hour: "47h", 48 * time.Hour: "2 days", 100 * 24 * time.Hour: "100 days",
	} {
		require.Equal(t, want, age(d))
	}
}
