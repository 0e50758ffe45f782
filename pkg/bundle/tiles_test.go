package bundle

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// A log keeps the hashes of a growing tree and writes down each tile that is
// read from it, as a session with a checksum database does.
type log struct {
	t      *testing.T
	hashes []tlog.Hash
	size   int64
	files  map[string][]byte // what was read; nil if reading from only is all
	only   map[string][]byte // what can be read; nil for the whole log
}

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, l.hashes[i])
	}
	return out, nil
}

func (l *log) grow(size int64) {
	for ; l.size < size; l.size++ {
		hashes, err := tlog.StoredHashes(l.size, []byte(fmt.Sprint(l.size)), l)
		require.NoError(l.t, err)
		l.hashes = append(l.hashes, hashes...)
	}
}

func (l *log) tree(size int64) tlog.Tree {
	hash, err := tlog.TreeHash(size, l)
	require.NoError(l.t, err)
	return tlog.Tree{N: size, Hash: hash}
}

// reader reads tiles of height 2, so that small trees have many levels.
type reader struct{ *log }

func (r reader) Height() int { return 2 }

func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		name := "sumdb/test/" + tile.Path()
		if r.only != nil {
			data, ok := r.only[name]
			if !ok {
				return nil, fmt.Errorf("%s: not found", name)
			}
			out = append(out, data)
			continue
		}
		data, err := tlog.ReadTileData(tile, r.log)
		if err != nil {
			return nil, err
		}
		r.files[name] = data
		out = append(out, data)
	}
	return out, nil
}

// prove proves what a client proves: that record is in the tree, and that the
// older tree is the beginning of it.
func prove(l *log, newer, older tlog.Tree, record int64) error {
	hashes := tlog.TileHashReader(newer, reader{l})
	if hash, err := tlog.TreeHash(older.N, hashes); err != nil || hash != older.Hash {
		return fmt.Errorf("tree %d in tree %d: %w", older.N, newer.N, err)
	}
	_, err := tlog.ProveRecord(newer.N, record, hashes)
	return err
}

// Whoever collects in one session, in any order, serves all later ones.
func TestComplete(t *testing.T) {
	l := &log{t: t, files: make(map[string][]byte)}
	l.grow(600)
	type answer struct {
		tree   tlog.Tree
		record int64
	}
	for _, sizes := range [][]int64{{600, 523, 97}, {97, 523, 600}, {523, 600, 97}, {600, 599}, {256, 255, 257}, {64, 600}} {
		l.files, l.only = make(map[string][]byte), nil
		var answers []answer
		var latest tlog.Tree
		for _, size := range sizes {
			a := answer{l.tree(size), size / 3}
			answers = append(answers, a)
			l.files[fmt.Sprintf("sumdb/test/lookup/%d", size)] = []byte("1\nmod v1 h1:\n\n" + string(tlog.FormatTree(a.tree)) + "\n- signed\n")
			older := a.tree
			if a.tree.N > latest.N {
				older, latest = latest, a.tree
			}
			if older.N == 0 {
				older = a.tree
			}
			require.NoError(t, prove(l, latest, older, a.record))
		}

		incomplete := *l
		incomplete.only = l.files
		full := incomplete
		full.only = complete(l.files)
		missed := false
		for _, a := range answers {
			missed = missed || prove(&incomplete, a.tree, a.tree, a.record) != nil
			require.NoError(t, prove(&full, a.tree, a.tree, a.record), "%d of %v alone", a.tree.N, sizes)
			for _, b := range answers {
				if b.tree.N > a.tree.N {
					require.NoError(t, prove(&full, b.tree, a.tree, b.record), "%d then %d", a.tree.N, b.tree.N)
					require.NoError(t, prove(&full, b.tree, a.tree, a.record), "%d then %d", b.tree.N, a.tree.N)
				}
			}
		}
		if sizes[0] == 600 {
			require.True(t, missed, "%v shows nothing", sizes)
		}
	}
}

func TestCompleteKeepsForeignFiles(t *testing.T) {
	hash := base64.StdEncoding.EncodeToString(make([]byte, 32))
	in := map[string][]byte{
		"sumdb/a/supported":        nil,
		"sumdb/a/lookup/x":         []byte("go.sum database tree\n259\n" + hash + "\n"),
		"sumdb/a/lookup/new":       []byte("go.sum database tree\n300\n" + hash + "\n"),
		"sumdb/a/lookup/page":      []byte("go.sum database tree\n<html>"),
		"sumdb/a/tile/8/0/001.p/9": []byte(strings.Repeat("x", 9*32)),
		"sumdb/b/tile/8/0/001.p/9": []byte(strings.Repeat("y", 9*32)),
		"sumdb/a/tile/8/data/001":  []byte("records"),
		"sumdb/a/tile/30/9/001":    []byte("no tree is so high"),
	}
	want := map[string][]byte{"sumdb/a/tile/8/0/001.p/3": []byte(strings.Repeat("x", 3*32))}
	for name, data := range in {
		want[name] = data
	}
	require.Equal(t, want, complete(in))
}

func TestWriteCompletes(t *testing.T) {
	hash := base64.StdEncoding.EncodeToString(make([]byte, 32))
	path := filepath.Join(t.TempDir(), "go.tar")
	require.NoError(t, Write(t.Context(), path, testItems(t), map[string][]byte{
		"sumdb/a/lookup/x":         []byte("go.sum database tree\n259\n" + hash + "\n"),
		"sumdb/a/tile/8/0/001.p/9": make([]byte, 9*32),
	}))
	b, err := Open(t.Context(), path, t.TempDir())
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(b.dir, "sumdb/a/tile/8/0/001.p/3"))
}
