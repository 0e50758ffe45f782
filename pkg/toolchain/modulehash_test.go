package toolchain

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/dirhash"
)

var linux = release.Platform{OS: "linux", Arch: "amd64"}

// moduleZip makes the module zip of a release that consists of files, by their
// names in the module.
func moduleZip(t testing.TB, version string, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for name, body := range files {
		w, err := zw.Create(modulePrefix(version, linux) + name)
		require.NoError(t, err)
		_, err = io.WriteString(w, body)
		require.NoError(t, err)
	}
	require.NoError(t, zw.Close())
	return buf.Bytes()
}

func hashZip(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "module.zip")
	require.NoError(t, os.WriteFile(name, data, 0o644))
	h1, err := dirhash.HashZip(name, dirhash.Hash1)
	require.NoError(t, err)
	return h1
}

// What is computed while unpacking is what the reference computes from the zip.
// The names are chosen so that an order by bytes, by directory and by name on
// disk would all differ.
func TestModuleHashIsDirhash(t *testing.T) {
	data := moduleZip(t, "1.99.0", map[string]string{
		"VERSION": "go1.99.0", "src/_go.mod": "module std", "src/a.b": "2", "src/a/b": "3",
		"src/cmd/_go.mod": "module cmd", "src/cmd/a_go.mod": "4", "src/é": "5", "bin/go": "6",
	})
	files, err := archive.Zip(context.Background(), bytes.NewReader(data), int64(len(data)), t.TempDir(),
		archive.Options{Prefix: modulePrefix("1.99.0", linux), Rename: fileName})
	require.NoError(t, err)
	require.Equal(t, hashZip(t, data), moduleHash(files, modulePrefix("1.99.0", linux)))
}

// A release archive hashes as its module does: without four directories, and
// with every go.mod under its other name (cmd/distpack).
func TestArchiveHashesAsModule(t *testing.T) {
	files := []archive.File{
		{Name: "VERSION", SHA256: [32]byte{1}}, {Name: "src/go.mod", SHA256: [32]byte{2}},
		{Name: "api/go1.txt"}, {Name: "doc/x"}, {Name: "misc/x"}, {Name: "test/x.go"}, {Name: "testing", SHA256: [32]byte{3}},
	}
	kept := moduleFiles(files, release.TarGz)
	require.Len(t, kept, 3)
	require.Len(t, moduleFiles(files, release.Zip), len(files), "a module has nothing to leave out")
	require.Equal(t, "src/_go.mod", moduleName("src/go.mod"))
	require.Equal(t, "src/go.mod", fileName("src/_go.mod"))
	require.Equal(t, "src/a_go.mod", fileName("src/a_go.mod"))
}
