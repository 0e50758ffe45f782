package checksumdb_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

const mod = "golang.org/toolchain"

// A history is a log that grows by what is looked up in it: x/mod's own server.
type history struct {
	*sumdb.TestServer
	flavour string // two histories with other flavours log other hashes
}

func newHistory(skey, flavour string) *history {
	h := &history{flavour: flavour}
	h.TestServer = sumdb.NewTestServer(skey, func(path, version string) ([]byte, error) {
		if strings.Contains(version, "missing") {
			return nil, fs.ErrNotExist // bare: the server's check does not unwrap
		}
		return fmt.Appendf(nil, "%s %s %s\n%s %s/go.mod %s\n", path, version,
			h.h1(path, version), path, version, h.h1(path, version+"/go.mod")), nil
	})
	return h
}

func (h *history) h1(path, version string) string {
	sum := sha256.Sum256([]byte(h.flavour + path + version))
	return "h1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// grow logs n more records, so that trees have more than one level of tiles (256).
func (h *history) grow(t *testing.T, prefix string, n int) {
	t.Helper()
	for i := range n {
		_, err := h.Lookup(t.Context(), module.Version{Path: mod, Version: fmt.Sprintf("v0.0.1-%s%d", prefix, i)})
		require.NoError(t, err)
	}
}

// A fake serves a database below "/" and, as a module proxy does, below
// "/sumdb/<name>/". It can be told to lie.
type fake struct {
	name, skey, vkey, url string

	mu      sync.Mutex
	history *history
	twist   func(path string, body []byte) []byte // nil: honest; a nil result: 404
	down    bool
	hits    []string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{name: "log.example"}
	var err error
	f.skey, f.vkey, err = note.GenerateKey(nil, f.name)
	require.NoError(t, err)
	f.history = newHistory(f.skey, "")
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	h, twist, down := f.history, f.twist, f.down
	f.hits = append(f.hits, r.URL.Path)
	f.mu.Unlock()
	if down {
		panic(http.ErrAbortHandler)
	}
	r = r.Clone(r.Context())
	r.URL.Path = strings.TrimPrefix(r.URL.Path, "/sumdb/"+f.name)
	if r.URL.Path == "/supported" {
		return
	}
	rec := httptest.NewRecorder()
	sumdb.NewServer(h).ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	if twist != nil && rec.Code == http.StatusOK {
		if body = twist(r.URL.Path, body); body == nil {
			rec.Code = http.StatusNotFound
		}
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	hits := f.hits
	f.hits = nil
	return hits
}

func (f *fake) lie(twist func(string, []byte) []byte) { f.set(func() { f.twist = twist }) }

// options reach the fake by its URL in GOSUMDB.
func (f *fake) options(dir string) checksumdb.Options {
	return checksumdb.Options{GOSUMDB: f.vkey + " " + f.url, CacheDir: dir, Download: downloader()}
}

// downloader tries twice and does not wait.
func downloader() *download.Client {
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return &download.Client{Retries: 2, Sleep: noWait}
}

func open(t *testing.T, o checksumdb.Options) *checksumdb.DB {
	t.Helper()
	db, err := checksumdb.Open(o)
	require.NoError(t, err)
	return db
}

func proxies(t *testing.T, setting string) goproxy.List {
	t.Helper()
	list, err := goproxy.Parse(setting)
	require.NoError(t, err)
	return list
}

// mustLookup looks up a version and compares with what the history logged.
func (f *fake) mustLookup(t *testing.T, db *checksumdb.DB, version string) checksumdb.Record {
	t.Helper()
	rec, err := db.Lookup(t.Context(), mod, version)
	require.NoError(t, err)
	require.Equal(t, f.history.h1(mod, version), rec.H1)
	require.Equal(t, f.name, rec.DB)
	return rec
}

// snapshot reads all files below dir, but for the lock.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir+"/")] = string(data)
		return err
	})
	require.NoError(t, err)
	return files
}

// flip changes one bit.
func flip(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at%len(data)] ^= 1
	return data
}
