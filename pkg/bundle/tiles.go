package bundle

import (
	"bytes"
	"maps"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// complete adds to what a checksum database said the tiles that other readers
// will ask for.
//
// Each answer to a lookup comes with the tree of its own day. Whoever collected
// the answers in one session proved the older trees by the tiles of the newest
// one, where the last tile of an older tree is longer already. Someone who looks
// up only the older version asks for that tile at its old length. A tile only
// grows, so the old one is the beginning of the new one.
func complete(sums map[string][]byte) map[string][]byte {
	longest := make(map[string]map[tlog.Tile][]byte) // by database, then by tile with W 0
	trees := make(map[string][]int64)
	for name, data := range sums {
		db, rest, _ := strings.Cut(strings.TrimPrefix(name, sumDB), "/")
		if tile, err := tlog.ParseTilePath(rest); err == nil {
			tile.W = 0
			if longest[db] == nil {
				longest[db] = make(map[tlog.Tile][]byte)
			}
			if len(data) > len(longest[db][tile]) {
				longest[db][tile] = data
			}
		} else if tree, ok := parseTree(data); ok {
			trees[db] = append(trees[db], tree)
		}
	}

	all := maps.Clone(sums)
	for db, sizes := range trees {
		for tile, data := range longest[db] {
			for _, size := range sizes {
				last := lastTile(tile, size)
				if length := last.W * tlog.HashSize; length > 0 && length <= len(data) {
					name := sumDB + db + "/" + last.Path()
					if _, ok := all[name]; !ok {
						all[name] = data[:length]
					}
				}
			}
		}
	}
	return all
}

// parseTree finds the size of the signed tree in an answer.
func parseTree(data []byte) (int64, bool) {
	at := bytes.Index(data, []byte("go.sum database tree\n"))
	if at < 0 {
		return 0, false
	}
	tree, err := tlog.ParseTree(data[at:])
	return tree.N, err == nil
}

// lastTile is tile as long as it was in a tree of the given size, if it was the
// last one of its level and not full then; else its W is 0.
func lastTile(tile tlog.Tile, size int64) tlog.Tile {
	if tile.L < 0 { // the records themselves, which no client asks for
		return tile
	}
	shift := uint(tile.H * tile.L)
	if shift >= 63 {
		return tile
	}
	hashes := size >> shift
	if hashes>>uint(tile.H) == tile.N {
		tile.W = int(hashes & (1<<uint(tile.H) - 1))
	}
	return tile
}
