package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// entry is a member of an archive that a test makes.
type entry struct {
	name string
	body string
	mode int64
	kind byte // tar type; 0 is a file
	link string
}

func makeTarGz(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: e.mode, Linkname: e.link}
		if e.kind == tar.TypeReg {
			h.Size = int64(len(e.body))
		}
		require.NoError(t, tw.WriteHeader(h))
		if e.kind == tar.TypeReg {
			_, err := io.WriteString(tw, e.body)
			require.NoError(t, err)
		}
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return buf.Bytes()
}

func makeZip(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		switch e.kind {
		case tar.TypeSymlink:
			h.SetMode(fs.ModeSymlink | 0o777)
		case tar.TypeChar:
			h.SetMode(fs.ModeDevice | fs.ModeCharDevice | 0o666)
		case tar.TypeDir:
		default:
			h.SetMode(fs.FileMode(e.mode))
		}
		w, err := zw.CreateHeader(h)
		require.NoError(t, err)
		if e.kind != tar.TypeDir {
			_, err = io.WriteString(w, e.body)
			require.NoError(t, err)
		}
	}
	require.NoError(t, zw.Close())
	return buf.Bytes()
}

// unpackers are the two formats, so that what holds for one is asked of both.
var unpackers = map[string]struct {
	pack   func(testing.TB, ...entry) []byte
	unpack func([]byte, string, Options) ([]File, error)
}{
	"tar.gz": {makeTarGz, func(b []byte, dir string, o Options) ([]File, error) {
		return TarGz(context.Background(), bytes.NewReader(b), dir, o)
	}},
	"zip": {makeZip, func(b []byte, dir string, o Options) ([]File, error) {
		return Zip(context.Background(), bytes.NewReader(b), int64(len(b)), dir, o)
	}},
}

func TestUnpack(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	large := make([]byte, 5*chunkSize+123)
	_, _ = random.Read(large)
	for format, f := range unpackers {
		t.Run(format, func(t *testing.T) {
			entries := []entry{
				{name: "go/VERSION", body: "go1.99", mode: 0o644},
				{name: "go/bin/", kind: tar.TypeDir, mode: 0o755},
				{name: "go/bin/go", body: string(large), mode: 0o755},
				{name: "go/empty", mode: 0o600},
				{name: "go/src/a/_go.mod", body: "module a", mode: 0o644},
			}
			dir := t.TempDir()
			var progress atomic.Int64
			files, err := f.unpack(f.pack(t, entries...), dir, Options{
				Prefix: "go/", Workers: 3, Progress: func(n int64) { progress.Add(n) },
				Rename: func(name string) string { return strings.Replace(name, "_go.mod", "go.mod", 1) },
			})
			require.NoError(t, err)
			want := map[string]string{"VERSION": "go1.99", "bin/go": string(large), "empty": "", "src/a/go.mod": "module a"}
			require.Len(t, files, len(want))
			var total int64
			for _, file := range files {
				body, err := os.ReadFile(filepath.Join(dir, file.Name))
				require.NoError(t, err)
				require.Equal(t, want[file.Name], string(body), file.Name)
				require.Equal(t, sha256.Sum256(body), file.SHA256, file.Name)
				require.Equal(t, int64(len(body)), file.Size)
				info, err := os.Stat(filepath.Join(dir, file.Name))
				require.NoError(t, err)
				require.Equal(t, file.Name == "bin/go", info.Mode()&0o100 != 0, file.Name)
				total += file.Size
			}
			require.Equal(t, total, progress.Load())
		})
	}
}

func TestRefuse(t *testing.T) {
	ok := entry{name: "go/ok", body: "x"}
	tests := map[string][]entry{
		"absolute":                {ok, {name: "/etc/passwd", body: "x"}},
		"absolute below prefix":   {{name: "go//etc/passwd", body: "x"}},
		"parent":                  {{name: "go/../../x", body: "x"}},
		"parent at the end":       {{name: "go/a/..", body: "x"}},
		"parent, Windows":         {{name: `go/..\..\x`, body: "x"}},
		"drive":                   {{name: "go/C:/x", body: "x"}},
		"outside the prefix":      {{name: "gone/x", body: "x"}},
		"the prefix as a file":    {{name: "go", body: "x"}},
		"twice":                   {ok, ok},
		"below a file":            {ok, {name: "go/ok/below", body: "x"}},
		"file over a directory":   {{name: "go/d/f", body: "x"}, {name: "go/d", body: "x"}},
		"not clean":               {{name: "go/a/./b", body: "x"}},
		"line break":              {{name: "go/a\nb", body: "x"}},
		"not UTF-8":               {{name: "go/\xff", body: "x"}},
		"link that leaves":        {{name: "go/l", kind: tar.TypeSymlink, link: "../../etc"}},
		"link that stays":         {{name: "go/l", kind: tar.TypeSymlink, link: "ok"}},
		"device":                  {{name: "go/d", kind: tar.TypeChar}},
		"too many bytes":          {{name: "go/a", body: strings.Repeat("x", 600)}, {name: "go/b", body: strings.Repeat("x", 600)}},
		"too many files":          {{name: "go/1"}, {name: "go/2"}, {name: "go/3"}, {name: "go/4"}, {name: "go/5"}},
		"directory twice as file": {{name: "go/d/", kind: tar.TypeDir}, {name: "go/d", body: "x"}},
	}
	for format, f := range unpackers {
		for name, entries := range tests {
			t.Run(format+"/"+name, func(t *testing.T) {
				parent := t.TempDir()
				dir := filepath.Join(parent, "in")
				require.NoError(t, os.Mkdir(dir, 0o755))
				_, err := f.unpack(f.pack(t, entries...), dir, Options{Prefix: "go/", MaxBytes: 1000, MaxFiles: 4})
				var unsafe *UnsafeError
				var corrupt *CorruptError
				require.True(t, errors.As(err, &unsafe) || name == "absolute" && errors.As(err, &corrupt), "got %v", err)
				outside, err := os.ReadDir(parent)
				require.NoError(t, err)
				require.Len(t, outside, 1, "something was written outside")
			})
		}
	}
	_, err := TarGz(context.Background(), bytes.NewReader(makeTarGz(t, ok, entry{name: "go/l", kind: tar.TypeLink, link: "go/ok"})), t.TempDir(), Options{})
	require.ErrorContains(t, err, "neither file nor directory")
}

// A bomb says that it is small.
func TestZipBombThatLies(t *testing.T) {
	b := makeZip(t, entry{name: "go/bomb", body: strings.Repeat("\x00", 1<<20)})
	// The central directory's uncompressed size, 4 bytes at offset 24 of its header.
	at := bytes.Index(b, []byte("PK\x01\x02")) + 24
	copy(b[at:], []byte{10, 0, 0, 0})
	_, err := Zip(context.Background(), bytes.NewReader(b), int64(len(b)), t.TempDir(), Options{})
	require.Error(t, err)
	var unsafe *UnsafeError
	var corrupt *CorruptError
	require.True(t, errors.As(err, &unsafe) || errors.As(err, &corrupt), "got %v", err)
}

// Every flipped bit and every cut is noticed, or is one that changes nothing
// (a time stamp in a header).
func TestDamage(t *testing.T) {
	random := rand.NewChaCha8([32]byte{2})
	noise := make([]byte, 3000)
	_, _ = random.Read(noise)
	entries := []entry{{name: "go/a", body: string(noise)}, {name: "go/b", body: strings.Repeat("text ", 500)}}
	for format, f := range unpackers {
		t.Run(format, func(t *testing.T) {
			whole := f.pack(t, entries...)
			want, err := f.unpack(whole, t.TempDir(), Options{Prefix: "go/"})
			require.NoError(t, err)
			for n := 0; n < len(whole); n += 37 {
				_, err := f.unpack(whole[:n], t.TempDir(), Options{Prefix: "go/"})
				require.Error(t, err, "cut at %d", n)
				flipped := bytes.Clone(whole)
				flipped[n] ^= 1 << (n % 8)
				got, err := f.unpack(flipped, t.TempDir(), Options{Prefix: "go/"})
				if err == nil {
					for i := range want {
						require.Equal(t, want[i].Name, got[i].Name, "flip at %d", n)
						require.Equal(t, want[i].SHA256, got[i].SHA256, "flip at %d", n)
					}
				}
			}
		})
	}
}

// A line that breaks is not an archive that is damaged.
func TestLineFault(t *testing.T) {
	broken := errors.New("connection reset")
	whole := makeTarGz(t, entry{name: "go/a", body: strings.Repeat("x", 1000)})
	r := io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(broken))
	_, err := TarGz(context.Background(), r, t.TempDir(), Options{Prefix: "go/"})
	require.ErrorIs(t, err, broken)
	var corrupt *CorruptError
	require.False(t, errors.As(err, &corrupt))
}

func TestCancel(t *testing.T) {
	for format, f := range map[string]func(context.Context, string) error{
		"tar.gz": func(ctx context.Context, dir string) error {
			_, err := TarGz(ctx, bytes.NewReader(makeTarGz(t, entry{name: "a", body: "x"})), dir, Options{})
			return err
		},
		"zip": func(ctx context.Context, dir string) error {
			b := makeZip(t, entry{name: "a", body: "x"})
			_, err := Zip(ctx, bytes.NewReader(b), int64(len(b)), dir, Options{})
			return err
		},
	} {
		t.Run(format, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			require.ErrorIs(t, f(ctx, t.TempDir()), context.Canceled)
		})
	}
}

// A disk that fills up is neither.
func TestWriteFault(t *testing.T) {
	for format, f := range unpackers {
		t.Run(format, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "missing")
			_, err := f.unpack(f.pack(t, entry{name: "a", body: "x"}), dir, Options{})
			require.ErrorIs(t, err, fs.ErrNotExist)
		})
	}
}
