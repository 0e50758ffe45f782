package checksumdb_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

func TestLookup(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 700)
	db := open(t, f.options(t.TempDir()))
	require.Equal(t, "log.example", db.Name())

	rec := f.mustLookup(t, db, "v0.0.1-old300")
	require.EqualValues(t, 300, rec.ID)
	require.EqualValues(t, 700, rec.TreeSize)

	rec = f.mustLookup(t, db, "v0.0.1-go1.22.5.linux-amd64")
	require.EqualValues(t, 700, rec.ID)
	require.EqualValues(t, 701, rec.TreeSize)

	_, err := db.Lookup(t.Context(), mod, "v0.0.1-missing")
	require.ErrorIs(t, err, checksumdb.ErrNotFound)
	require.EqualError(t, err, "look up golang.org/toolchain@v0.0.1-missing: no such module version in the checksum database")
	_, err = db.Lookup(t.Context(), mod, "../../latest")
	require.Error(t, err)
	require.NotErrorIs(t, err, checksumdb.ErrNotFound)
	require.Empty(t, slicesContaining(f.requests(), ".."))
}

func slicesContaining(list []string, part string) (out []string) {
	for _, s := range list {
		if strings.Contains(s, part) {
			out = append(out, s)
		}
	}
	return out
}

// Whatever was looked up once must be proven again without a network, also after
// the head has moved on under it, several times, by steps of all sizes.
func TestOffline(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 2))
	var versions []string
	for step := range 25 {
		f.history.grow(t, fmt.Sprintf("step%d.", step), rnd.IntN(400))
		version := fmt.Sprintf("v0.0.1-wanted%d", step)
		f.mustLookup(t, open(t, f.options(dir)), version)
		versions = append(versions, version)
	}
	f.set(func() { f.down = true })
	f.requests()
	for _, version := range versions {
		f.mustLookup(t, open(t, f.options(dir)), version)
	}
	require.Empty(t, f.requests(), "the cache must suffice")
	_, err := open(t, f.options(dir)).Lookup(t.Context(), mod, "v0.0.1-new")
	require.ErrorAs(t, err, new(*download.Error))
}

// A head is stored together with the tiles that lead to it, also when the lookup that
// brought it then fails: what was proven before stays provable offline.
func TestOfflineAfterFailure(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	f.history.grow(t, "old", 700)
	f.mustLookup(t, open(t, f.options(dir)), "v0.0.1-old3")
	f.history.grow(t, "new", 800)
	f.lie(func(path string, body []byte) []byte {
		if path == "/tile/8/0/001" { // has the wanted record, and no part in the proof of the heads
			return nil
		}
		return body
	})
	_, err := open(t, f.options(dir)).Lookup(t.Context(), mod, "v0.0.1-old333")
	require.ErrorContains(t, err, "/tile/8/0/001")
	require.Contains(t, snapshot(t, dir)["log.example/latest"], "\n1500\n")
	f.set(func() { f.down = true })
	f.mustLookup(t, open(t, f.options(dir)), "v0.0.1-old3")
}

// A failure is not remembered: the same DB works when the network is back.
func TestRecovers(t *testing.T) {
	f := newFake(t)
	f.down = true
	db := open(t, f.options(t.TempDir()))
	_, err := db.Lookup(t.Context(), mod, "v0.0.1-a")
	require.ErrorAs(t, err, new(*download.Error))
	require.ErrorContains(t, err, f.url+"/lookup/golang.org/toolchain@v0.0.1-a")
	f.set(func() { f.down = false })
	f.mustLookup(t, db, "v0.0.1-a")
}

func TestConcurrentUse(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 600)
	shared := open(t, f.options(t.TempDir()))
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			version := fmt.Sprintf("v0.0.1-new%d", i/2)
			rec, err := shared.Lookup(t.Context(), mod, version)
			if err != nil || rec.H1 != f.history.h1(mod, version) {
				t.Errorf("%s: %v %v", version, rec, err)
			}
		})
	}
	wg.Wait()
}

// What Record got is a file:// GOPROXY that proves each of its modules alone and
// offline, although the log grew between the lookups.
func TestBundle(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	o := f.options("")
	o.Record = func(path string, data []byte) {
		target := filepath.Join(dir, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
		require.NoError(t, os.WriteFile(target, data, 0o644))
	}
	db := open(t, o)
	versions := []string{"v0.0.1-a", "v0.0.1-b", "v0.0.1-c"}
	for _, version := range versions {
		f.history.grow(t, "before"+version[7:], 300)
		f.mustLookup(t, db, version)
	}
	require.FileExists(t, filepath.Join(dir, "sumdb/log.example/supported"))
	f.set(func() { f.down = true })
	offline := checksumdb.Options{GOSUMDB: f.vkey, Proxies: proxies(t, "file://"+dir), Download: downloader()}
	for _, version := range []string{"v0.0.1-c", "v0.0.1-a", "v0.0.1-b"} {
		f.mustLookup(t, open(t, offline), version)
	}
	all := open(t, offline)
	for _, version := range versions {
		f.mustLookup(t, all, version)
	}
	_, err := all.Lookup(t.Context(), mod, "v0.0.1-d")
	require.ErrorIs(t, err, checksumdb.ErrNotFound)

	tiles := filepath.Join(dir, "sumdb/log.example/tile")
	require.NoError(t, os.RemoveAll(tiles))
	_, err = all.Lookup(t.Context(), mod, "v0.0.1-a")
	require.ErrorAs(t, err, new(*goproxy.AnswerError))
	require.NotErrorIs(t, err, checksumdb.ErrNotFound)
}

// A lookup that is not proven leaves nothing to record.
func TestRecordOnlyProven(t *testing.T) {
	f := newFake(t)
	f.lie(func(path string, body []byte) []byte {
		if strings.HasPrefix(path, "/tile/") {
			return flip(body, 5)
		}
		return body
	})
	o := f.options("")
	o.Record = func(path string, _ []byte) { t.Errorf("recorded %s", path) }
	_, err := open(t, o).Lookup(t.Context(), mod, "v0.0.1-a")
	require.ErrorAs(t, err, new(*checksumdb.SecurityError))
}

// A server that replaced a partial tile by the full one answers the old path with 404.
func TestFullTile(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 200)
	f.mustLookup(t, open(t, f.options("")), "v0.0.1-old5")
	old, err := f.history.Signed(t.Context())
	require.NoError(t, err)
	f.history.grow(t, "new", 400)
	f.lie(func(path string, body []byte) []byte {
		switch {
		case strings.HasPrefix(path, "/lookup/"):
			record, _, _ := strings.Cut(string(body), "\n\n")
			return append([]byte(record+"\n\n"), old...)
		case strings.Contains(path, ".p/"):
			return nil
		}
		return body
	})
	rec := f.mustLookup(t, open(t, f.options("")), "v0.0.1-old5")
	require.EqualValues(t, 200, rec.TreeSize)
}
