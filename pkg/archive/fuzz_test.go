package archive

import (
	"archive/tar"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the archive, nothing is written outside, and what is reported is what
// is on the disk.
func fuzzUnpack(f *testing.F, format string) {
	u := unpackers[format]
	f.Add(u.pack(f, entry{name: "go/a", body: "x"}, entry{name: "go/d/", kind: tar.TypeDir}))
	f.Add(u.pack(f, entry{name: "go/../a", body: "x"}))
	f.Add(u.pack(f, entry{name: "go/l", kind: tar.TypeSymlink, link: "/"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "in")
		require.NoError(t, os.Mkdir(dir, 0o755))
		files, err := u.unpack(data, dir, Options{Prefix: "go/", MaxBytes: 1 << 20, MaxFiles: 100, Workers: 2})
		outside, rerr := os.ReadDir(parent)
		require.NoError(t, rerr)
		require.Len(t, outside, 1)
		if err != nil {
			return
		}
		for _, file := range files {
			info, err := os.Lstat(filepath.Join(dir, file.Name))
			require.NoError(t, err)
			require.True(t, info.Mode().IsRegular())
			require.Equal(t, file.Size, info.Size())
		}
	})
}

func FuzzTarGz(f *testing.F) { fuzzUnpack(f, "tar.gz") }
func FuzzZip(f *testing.F)   { fuzzUnpack(f, "zip") }
