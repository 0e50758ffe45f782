package toolchain

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
)

// world is a source, a checksum database and a server with one release on it.
type world struct {
	artifact release.Artifact
	h1       string
	logErr   error
	data     []byte
	served   atomic.Int64
	url      string
}

func (w *world) Name() string { return w.artifact.Source }
func (w *world) List(context.Context, release.Platform) ([]goversion.Version, error) {
	return []goversion.Version{w.artifact.Version}, nil
}
func (w *world) Find(context.Context, goversion.Version, release.Platform) (*release.Artifact, error) {
	a := w.artifact
	a.URLs = []string{w.url + "/" + a.Name}
	return &a, nil
}
func (w *world) Lookup(context.Context, string, string) (checksumdb.Record, error) {
	if w.logErr != nil {
		return checksumdb.Record{}, w.logErr
	}
	return checksumdb.Record{H1: w.h1, ID: 7, TreeSize: 9, DB: "test.log"}, nil
}
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.served.Add(1)
	rw.Header().Set("ETag", `"v1"`)
	http.ServeContent(rw, r, "x", time.Time{}, bytes.NewReader(w.data))
}

// module is a release by the names in its module; "bin/go" is needed.
var module = map[string]string{"VERSION": "go1.99.0", "bin/go": "#!/bin/sh\necho go1.99.0\n", "src/_go.mod": "module std\n", "src/fmt/print.go": "package fmt\n"}

func newWorld(t *testing.T, format release.Format) *world {
	t.Helper()
	zip := moduleZip(t, "1.99.0", module)
	w := &world{h1: hashZip(t, zip), data: zip}
	w.artifact = release.Artifact{Version: version(t, "1.99.0"), Platform: linux, Source: "test", Format: format, Name: "go1.99.0.zip", Size: -1}
	if format == release.TarGz {
		w.data = tarball(t, module)
		sum := sha256.Sum256(w.data)
		w.artifact.Name, w.artifact.SHA256 = "go1.99.0.tar.gz", hex.EncodeToString(sum[:])
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// tarball is the release archive of the same release: it has what the module
// lacks, and go.mod under its own name.
func tarball(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	put := func(name, body string) {
		require.NoError(t, tw.WriteHeader(&tar.Header{Name: "go/" + fileName(name), Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(body))}))
		_, err := io.WriteString(tw, body)
		require.NoError(t, err)
	}
	for name, body := range files {
		put(name, body)
	}
	put("doc/asm.html", "<html>")
	put("test/a.go", "package main")
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return buf.Bytes()
}

func (w *world) installer(t *testing.T) *Installer {
	t.Helper()
	return &Installer{
		Store: Store{DataDir: t.TempDir(), Plugin: "golang"}, Platform: linux, Source: w, Log: w,
		Download: &download.Client{Retries: 2, Sleep: func(context.Context, time.Duration) error { return nil }},
		Cache:    Cache{Dir: t.TempDir()}, Now: func() time.Time { return time.Unix(1e9, 0) },
	}
}

// leftovers are what is in staging and installs.
func leftovers(t *testing.T, s Store) (names []string) {
	t.Helper()
	for _, dir := range []string{s.staging(), s.installs()} {
		entries, err := os.ReadDir(dir)
		require.True(t, err == nil || os.IsNotExist(err))
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestInstall(t *testing.T) {
	for _, format := range []release.Format{release.TarGz, release.Zip} {
		t.Run(format.String(), func(t *testing.T) {
			w := newWorld(t, format)
			i := w.installer(t)
			m, done, err := i.Install(t.Context(), w.artifact.Version)
			require.NoError(t, err)
			require.True(t, done)
			require.Equal(t, w.h1, m.H1)
			require.Equal(t, &LogEntry{Name: "test.log", Record: 7, TreeSize: 9}, m.Log)
			require.Equal(t, format == release.TarGz, m.Official)
			require.Equal(t, []string{"1.99.0"}, leftovers(t, i.Store))

			link, err := os.Readlink(filepath.Join(i.Store.Dir("1.99.0"), "bin", "go"))
			require.NoError(t, err)
			require.Equal(t, "../go/bin/go", link)
			info, err := os.Stat(filepath.Join(i.Store.Dir("1.99.0"), "bin", "go"))
			require.NoError(t, err)
			require.NotZero(t, info.Mode()&0o100)
			body, err := os.ReadFile(filepath.Join(i.Store.GOROOT("1.99.0"), "src", "go.mod"))
			require.NoError(t, err)
			require.Equal(t, "module std\n", string(body))

			_, done, err = i.Install(t.Context(), w.artifact.Version)
			require.NoError(t, err)
			require.False(t, done)

			// Another data directory, the same cache: nothing is downloaded.
			served := w.served.Load()
			i.Store.DataDir = t.TempDir()
			_, done, err = i.Install(t.Context(), w.artifact.Version)
			require.NoError(t, err)
			require.True(t, done)
			require.Equal(t, served, w.served.Load())
		})
	}
}

// Whatever is wrong, nothing is installed and nothing is left, in the cache
// neither.
func TestInstallRefuses(t *testing.T) {
	for _, format := range []release.Format{release.TarGz, release.Zip} {
		for name, spoil := range map[string]func(*world){
			"wrong h1": func(w *world) { w.h1 = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
			"flipped bits": func(w *world) {
				for k := len(w.data) / 4; k < len(w.data)/2; k++ {
					w.data[k] ^= 4
				}
			},
			"cut":          func(w *world) { w.data = w.data[:len(w.data)-20] },
			"not archive":  func(w *world) { w.data = []byte("<html>sign in</html>") },
			"nothing":      func(w *world) { w.data = nil },
			"nobody knows": func(w *world) { w.artifact.SHA256, w.logErr = "", errors.New("no route") },
			"forged":       func(w *world) { w.logErr = &checksumdb.SecurityError{DB: "test.log", Summary: "forged"} },
		} {
			t.Run(format.String()+"/"+name, func(t *testing.T) {
				w := newWorld(t, format)
				spoil(w)
				i := w.installer(t)
				_, _, err := i.Install(t.Context(), w.artifact.Version)
				require.Error(t, err)
				require.Empty(t, leftovers(t, i.Store), "%v", err)
				archives, err := i.Cache.List()
				require.NoError(t, err)
				require.Empty(t, archives)
				require.False(t, exists(i.Cache.part(&w.artifact)))
			})
		}
	}
}

// A cached archive that has gone bad is fetched again.
func TestDamagedCache(t *testing.T) {
	for _, format := range []release.Format{release.TarGz, release.Zip} {
		w := newWorld(t, format)
		i := w.installer(t)
		path := i.Cache.path(format, w.artifact.SHA256, w.h1)
		require.NoError(t, os.WriteFile(path, []byte("rotten"), 0o644))
		_, _, err := i.Install(t.Context(), w.artifact.Version)
		require.NoError(t, err)
		good, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, w.data, good)
	}
}

// A part file that somebody has spoilt costs one more try, no more.
func TestDamagedPart(t *testing.T) {
	w := newWorld(t, release.TarGz)
	i := w.installer(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(i.Cache.part(&w.artifact)), 0o755))
	ctx, cancel := context.WithCancel(t.Context())
	body, err := i.Download.Open(ctx, w.url+"/x", i.Cache.part(&w.artifact))
	require.NoError(t, err)
	_, err = io.ReadFull(body, make([]byte, 100))
	require.NoError(t, err)
	cancel()
	require.NoError(t, body.Close())
	part, err := os.ReadFile(i.Cache.part(&w.artifact))
	require.NoError(t, err)
	part[50] ^= 1
	require.NoError(t, os.WriteFile(i.Cache.part(&w.artifact), part, 0o644))
	_, _, err = i.Install(t.Context(), w.artifact.Version)
	require.NoError(t, err)
}

// asdf and mise make the directory first; what lies there is not ours to replace.
func TestPublish(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	v := w.artifact.Version
	require.NoError(t, i.Stage(t.Context(), v))
	require.NoError(t, os.MkdirAll(i.Store.Dir("1.99.0"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(i.Store.Dir("1.99.0"), "mine"), nil, 0o644))
	_, _, err := i.Install(t.Context(), v)
	require.ErrorIs(t, err, ErrForeign)
	require.NoError(t, os.Remove(filepath.Join(i.Store.Dir("1.99.0"), "mine")))
	_, _, err = i.Install(t.Context(), v)
	require.NoError(t, err)
	_, _, err = i.Install(t.Context(), v)
	require.NoError(t, err, "a second time is no fault")
}

// A source that answers and then cannot deliver is not the last word.
func TestOtherSource(t *testing.T) {
	broken := newWorld(t, release.TarGz)
	broken.artifact.Source = "broken"
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	broken.url = server.URL
	good := newWorld(t, release.Zip)
	i := good.installer(t)
	var said []string
	i.Say = func(line string) { said = append(said, line) }
	i.Source = &release.Chooser{Sources: []release.Source{broken, good}}
	m, _, err := i.Install(t.Context(), good.artifact.Version)
	require.NoError(t, err)
	require.Equal(t, "test", m.Source)
	require.Len(t, said, 1)
	require.Contains(t, said[0], "404")

	// Where the other does not have it, the first fault is the one to tell.
	i = good.installer(t)
	i.Source = &release.Chooser{Sources: []release.Source{broken, nothing{}}}
	_, _, err = i.Install(t.Context(), good.artifact.Version)
	require.ErrorAs(t, err, new(*download.StatusError))

	// A mismatch ends it.
	forged := newWorld(t, release.TarGz)
	forged.artifact.Source, forged.artifact.SHA256 = "forged", strings.Repeat("0", 64)
	i = good.installer(t)
	i.Source = &release.Chooser{Sources: []release.Source{forged, good}}
	_, _, err = i.Install(t.Context(), good.artifact.Version)
	require.ErrorAs(t, err, new(*MismatchError))
}

// nothing is a source that has nothing.
type nothing struct{}

func (nothing) Name() string { return "nothing" }
func (nothing) List(context.Context, release.Platform) ([]goversion.Version, error) {
	return nil, nil
}
func (nothing) Find(_ context.Context, v goversion.Version, p release.Platform) (*release.Artifact, error) {
	return nil, &release.NotFoundError{Version: v, Platform: p, Source: "nothing"}
}

func TestLocked(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	unlock, err := i.lock(t.Context(), w.artifact.Version)
	require.NoError(t, err)
	i.LockTimeout = 20 * time.Millisecond
	_, _, err = i.Install(t.Context(), w.artifact.Version)
	require.ErrorAs(t, err, new(*LockedError))
	unlock()
	_, _, err = i.Install(t.Context(), w.artifact.Version)
	require.NoError(t, err)
}
