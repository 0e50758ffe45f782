package archive

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
)

// syntheticTree has the shape of a release: many small files of text and a few
// large ones that compress less well. It is the same in every process.
func syntheticTree() []entry {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 2000)
	for i := range words {
		words[i] = fmt.Sprintf("word%x", r.Uint32()>>(8+r.IntN(16)))
	}
	text := func(size int) string {
		var b strings.Builder
		for b.Len() < size {
			b.WriteString(words[min(r.IntN(2000), r.IntN(2000))])
			b.WriteString([]string{" ", "\n\t", ".", "(", ") "}[r.IntN(5)])
		}
		return b.String()[:size]
	}
	var tree []entry
	for i := range 3000 {
		tree = append(tree, entry{name: fmt.Sprintf("go/src/p%03d/file%d.go", i/20, i%20), body: text(1000 + r.IntN(16_000))})
	}
	for i := range 6 {
		tree = append(tree, entry{name: fmt.Sprintf("go/pkg/tool/t%d", i), body: text(4 << 20), mode: 0o755})
	}
	return tree
}

func unpacked(tree []entry) (size int64) {
	for _, e := range tree {
		size += int64(len(e.body))
	}
	return size
}

func BenchmarkTarGz(b *testing.B) {
	tree := syntheticTree()
	packed := makeTarGz(b, tree...)
	benchmark(b, tree, func(dir string) ([]File, error) {
		return TarGz(b.Context(), bytes.NewReader(packed), dir, Options{Prefix: "go/"})
	})
}

func BenchmarkZip(b *testing.B) {
	tree := syntheticTree()
	packed := makeZip(b, tree...)
	benchmark(b, tree, func(dir string) ([]File, error) {
		return Zip(b.Context(), bytes.NewReader(packed), int64(len(packed)), dir, Options{Prefix: "go/"})
	})
}

// BenchmarkInflate is the part of BenchmarkTarGz that cannot be divided among cores.
func BenchmarkInflate(b *testing.B) {
	tree := syntheticTree()
	packed := makeTarGz(b, tree...)
	b.SetBytes(unpacked(tree))
	buf := make([]byte, inflatedSize)
	for b.Loop() {
		zr, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(b, err)
		_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{zr}, buf)
		require.NoError(b, err)
	}
}

// benchmark does not time to clean up. It works on tmpfs where there is one, since
// it is about this package and not about a disk.
func benchmark(b *testing.B, tree []entry, unpack func(dir string) ([]File, error)) {
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = b.TempDir()
	}
	b.SetBytes(unpacked(tree))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		dir, err := os.MkdirTemp(base, "bench-")
		require.NoError(b, err)
		b.StartTimer()
		files, err := unpack(dir)
		b.StopTimer()
		require.NoError(b, err)
		require.Len(b, files, len(tree))
		require.NoError(b, os.RemoveAll(dir))
		b.StartTimer()
	}
}
