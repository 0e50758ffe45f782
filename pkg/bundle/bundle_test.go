package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

var (
	amd64 = release.Platform{OS: "linux", Arch: "amd64"}
	arm   = release.Platform{OS: "linux", Arch: "arm"}
	sums  = map[string][]byte{
		"sumdb/sum.golang.org/supported": nil,
		"sumdb/sum.golang.org/latest":    []byte("go.sum database tree\n"),
		"sumdb/sum.golang.org/lookup/golang.org/toolchain@v0.0.1-go1.22.5.linux-amd64": []byte("1 h1:\n"),
	}
)

func version(t testing.TB, s string) goversion.Version {
	t.Helper()
	v, err := goversion.Parse(s)
	require.NoError(t, err)
	return v
}

// testItems are three toolchains, whose zips are called like their contents.
func testItems(t testing.TB) []Item {
	dir := t.TempDir()
	items := []Item{
		{Version: version(t, "1.22.5"), Platform: amd64},
		{Version: version(t, "1.20.14"), Platform: amd64},
		{Version: version(t, "1.22.5"), Platform: arm},
	}
	for i := range items {
		items[i].Zip = filepath.Join(dir, items[i].module()+".zip")
		require.NoError(t, os.WriteFile(items[i].Zip, []byte("zip of "+items[i].module()), 0o644))
	}
	return items
}

func TestRoundTrip(t *testing.T) {
	for _, name := range []string{"go.tar", "go.tar.gz", "go.tgz", "go.tar.xz", "with space, comma.tar"} {
		t.Run(name, func(t *testing.T) {
			path, tmp := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "a, b")
			require.NoError(t, os.Mkdir(tmp, 0o755))
			require.NoError(t, Write(t.Context(), path, testItems(t), sums))
			b, err := Open(t.Context(), path, tmp)
			require.NoError(t, err)
			zips, err := filepath.Glob(filepath.Join(b.dir, modules, "*.zip"))
			require.NoError(t, err)
			require.Empty(t, zips, "no zip is unpacked before it is asked for")
			checkBundle(t, b)
			zips, err = filepath.Glob(filepath.Join(b.dir, modules, "*"))
			require.NoError(t, err)
			require.Len(t, zips, 1+2*3+2, "list, .info and .mod of three, and two zips")

			// What was unpacked is a bundle itself.
			b, err = Open(t.Context(), b.dir, "")
			require.NoError(t, err)
			vs, err := b.List(t.Context(), amd64)
			require.NoError(t, err)
			require.Len(t, vs, 1, "only one amd64 zip was asked for")
		})
	}
}

// checkBundle looks at the bundle of testItems from outside.
func checkBundle(t *testing.T, b *Bundle) {
	t.Helper()
	vs, err := b.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Equal(t, []goversion.Version{version(t, "1.20.14"), version(t, "1.22.5")}, vs)
	vs, err = b.List(t.Context(), release.Platform{OS: "linux", Arch: "arm64"})
	require.NoError(t, err)
	require.Empty(t, vs)

	for _, p := range []release.Platform{amd64, arm, amd64} {
		a, err := b.Find(t.Context(), version(t, "1.22.5"), p)
		require.NoError(t, err)
		module := "v0.0.1-go1.22.5." + p.Module()
		require.Equal(t, module+".zip", a.Name)
		require.Equal(t, release.Zip, a.Format)
		require.Equal(t, "bundle", a.Source)
		require.Len(t, a.URLs, 1)
		require.Equal(t, "zip of "+module, readURL(t, a.URLs[0]))
		require.EqualValues(t, len("zip of "+module), a.Size)
		require.NotContains(t, a.SumDB, ",")
		require.Equal(t, "go.sum database tree\n", readURL(t, a.SumDB+"/sumdb/sum.golang.org/latest"))
		require.Equal(t, `{"Version":"`+module+`"}`, readURL(t, a.SumDB+"/"+modules+module+".info"))
		require.Equal(t, "module golang.org/toolchain\n", readURL(t, a.SumDB+"/"+modules+module+".mod"))
		require.Equal(t, "v0.0.1-go1.20.14.linux-amd64\nv0.0.1-go1.22.5.linux-amd64\nv0.0.1-go1.22.5.linux-arm\n",
			readURL(t, a.SumDB+"/"+modules+"list"))
	}
	for _, missing := range []string{"1.22.4", "1.99.0"} {
		_, err = b.Find(t.Context(), version(t, missing), amd64)
		var e *release.NotFoundError
		require.ErrorAs(t, err, &e)
	}
}

func readURL(t *testing.T, s string) string {
	t.Helper()
	u, err := url.Parse(s)
	require.NoError(t, err)
	require.Equal(t, "file", u.Scheme)
	data, err := os.ReadFile(u.Path)
	require.NoError(t, err)
	return string(data)
}

func TestWriteIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	items := testItems(t)
	require.NoError(t, Write(t.Context(), filepath.Join(dir, "a.tar.xz"), items, sums))
	items[0], items[2] = items[2], items[0]
	for _, item := range items {
		require.NoError(t, os.Chmod(item.Zip, 0o600))
	}
	require.NoError(t, Write(t.Context(), filepath.Join(dir, "b.tar.xz"), items, sums))
	a, err := os.ReadFile(filepath.Join(dir, "a.tar.xz"))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "b.tar.xz"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

// A bundle that cannot be made leaves what was there before, and nothing else.
func TestWriteFails(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	items := testItems(t)
	gone := append([]Item{{Version: version(t, "1.21.0"), Platform: amd64, Zip: "/does/not/exist.zip"}}, items...)
	for name, tt := range map[string]struct {
		ctx   context.Context
		items []Item
		sums  map[string][]byte
		want  string
	}{
		"no zip":          {t.Context(), gone, nil, "no such file"},
		"twice":           {t.Context(), append(items, items[0]), nil, "v0.0.1-go1.22.5.linux-amd64 is there twice"},
		"cancelled":       {cancelled, items, nil, "context canceled"},
		"a path outside":  {t.Context(), items, map[string][]byte{"sumdb/../../x": nil}, "is no path below sumdb/"},
		"another subtree": {t.Context(), items, map[string][]byte{"golang.org/x": nil}, "is no path below sumdb/"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "go.tar")
			require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
			err := Write(tt.ctx, path, tt.items, tt.sums)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "write bundle "+path)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, 1)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "before", string(data))
		})
	}
	for _, path := range []string{"go.zip", "go", "tar", "go.tar.bz2", "dir/"} {
		var e *FormatError
		require.ErrorAs(t, CheckPath(path), &e)
		require.ErrorAs(t, Write(t.Context(), path, items, nil), &e)
	}
	require.NoError(t, CheckPath("x/go.tar.xz"))
}

// An entry of an archive that someone else made.
type entry struct {
	name, content string
	kind          byte
}

func writeTar(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o777}
		switch e.kind {
		case 0, tar.TypeReg:
			h.Size = int64(len(e.content))
		case tar.TypeXGlobalHeader:
			h = &tar.Header{Typeflag: e.kind, PAXRecords: map[string]string{"comment": e.content}}
		default:
			h.Linkname = e.content
		}
		require.NoError(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := io.WriteString(w, e.content)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), "foreign.tar")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	return path
}

const module1225 = "golang.org/toolchain/@v/v0.0.1-go1.22.5.linux-amd64"

// What "tar -cf" makes of a directory: directories, dots, no order.
func TestForeignArchive(t *testing.T) {
	path := writeTar(t,
		entry{kind: tar.TypeXGlobalHeader, content: "from git archive"},
		entry{name: "./", kind: tar.TypeDir},
		entry{name: "./golang.org/", kind: tar.TypeDir},
		entry{name: "./" + module1225 + ".zip", content: "the zip"},
		entry{name: "./README", content: "hello"},
		entry{name: "./" + module1225 + ".ziphash", content: "h1:="},
		entry{name: "./sumdb/sum.golang.org/latest", content: "tree"},
	)
	b, err := Open(t.Context(), path, t.TempDir())
	require.NoError(t, err)
	a, err := b.Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.Equal(t, "the zip", readURL(t, a.URLs[0]))
	require.Equal(t, "tree", readURL(t, a.SumDB+"/sumdb/sum.golang.org/latest"))
	require.NoFileExists(t, filepath.Join(b.dir, "README"))
}

func TestDirectoryWithoutSumDB(t *testing.T) {
	dir := t.TempDir()
	zip := filepath.Join(dir, filepath.FromSlash(module1225+".zip"))
	require.NoError(t, os.MkdirAll(filepath.Dir(zip), 0o755))
	require.NoError(t, os.WriteFile(zip, []byte("the zip"), 0o644))
	b, err := Open(t.Context(), dir, "")
	require.NoError(t, err)
	a, err := b.Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.Empty(t, a.SumDB)
	require.Equal(t, "the zip", readURL(t, a.URLs[0]))
}

func TestRefused(t *testing.T) {
	good := entry{name: module1225 + ".zip", content: "zip"}
	huge := strings.Repeat("x", maxSmall+1)
	for name, tt := range map[string]struct {
		entries []entry
		want    string
	}{
		"absolute":          {[]entry{good, {name: "/etc/x", content: "x"}}, "leads out"},
		"parent":            {[]entry{good, {name: "../x", content: "x"}}, "leads out"},
		"hidden parent":     {[]entry{good, {name: "sumdb/x/../../../x", content: "x"}}, "leads out"},
		"parent inside":     {[]entry{good, {name: "sumdb/a/../b", content: "x"}}, "leads out"},
		"parent directory":  {[]entry{good, {name: "sumdb/..", kind: tar.TypeDir}}, "leads out"},
		"backslash":         {[]entry{good, {name: `sumdb\..\x`, content: "x"}}, "leads out"},
		"link":              {[]entry{good, {name: "sumdb", content: "/etc", kind: tar.TypeSymlink}}, "neither file nor directory"},
		"hard link":         {[]entry{good, {name: "sumdb/x", content: "/etc/passwd", kind: tar.TypeLink}}, "neither file nor directory"},
		"device":            {[]entry{good, {name: "sumdb/x", kind: tar.TypeChar}}, "neither file nor directory"},
		"pipe":              {[]entry{good, {name: "sumdb/x", kind: tar.TypeFifo}}, "neither file nor directory"},
		"twice":             {[]entry{good, {name: "./" + module1225 + ".zip", content: "y"}}, "twice"},
		"a file as parent":  {[]entry{good, {name: "sumdb/x", content: "x"}, {name: "sumdb/x/y", content: "y"}}, "sumdb/x"},
		"a large tile":      {[]entry{good, {name: "sumdb/x", content: huge}}, "larger than"},
		"nothing of use":    {[]entry{{name: "go/bin/go", content: "x"}}, "there is no toolchain in it"},
		"ours without list": {[]entry{{name: markerName, content: markerText}, good}, "list"},
	} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			_, err := Open(t.Context(), writeTar(t, tt.entries...), filepath.Join(tmp))
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "open bundle ")
		})
	}
}

func TestDamaged(t *testing.T) {
	for _, name := range []string{"go.tar", "go.tar.gz", "go.tar.xz"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, Write(t.Context(), path, testItems(t), sums))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for cut := range len(data) - 1 {
			if step := len(data) / 30; cut%step != 0 {
				continue
			}
			require.NoError(t, os.WriteFile(path, data[:cut], 0o644))
			b, err := Open(t.Context(), path, t.TempDir())
			if err != nil {
				continue
			}
			a, err := b.Find(t.Context(), version(t, "1.22.5"), arm)
			if err == nil {
				require.Equal(t, "zip of v0.0.1-go1.22.5.linux-arm", readURL(t, a.URLs[0]))
				continue
			}
			left, err := filepath.Glob(filepath.Join(b.dir, modules, "*.zip*"))
			require.NoError(t, err)
			require.Empty(t, left, "half a zip is not left behind")
		}
	}
	for name, content := range map[string]string{"empty": "", "page": "<html>", "gzip": "\x1f\x8b", "xz": "\xfd7zXZ\x00"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		_, err := Open(t.Context(), path, t.TempDir())
		require.Error(t, err, name)
	}
	_, err := Open(t.Context(), "/does/not/exist", t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "go.tar.gz")
	require.NoError(t, Write(t.Context(), path, testItems(t), sums))
	b, err := Open(t.Context(), path, t.TempDir())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Open(ctx, path, t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
	_, err = b.Find(ctx, version(t, "1.22.5"), amd64)
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzOpen(f *testing.F) {
	for _, path := range []string{
		writeTar(f, entry{name: module1225 + ".zip", content: "zip"}, entry{name: "sumdb/x", content: "x"}),
		writeTar(f, entry{name: "../x", content: "x"}),
		writeTar(f, entry{name: "sumdb", content: "..", kind: tar.TypeSymlink}, entry{name: "sumdb/x", content: "x"}),
	} {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		path, tmp := filepath.Join(outer, "x"), filepath.Join(outer, "tmp")
		require.NoError(t, os.Mkdir(tmp, 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
		b, err := Open(t.Context(), path, tmp)
		if err == nil {
			vs, err := b.List(t.Context(), amd64)
			require.NoError(t, err)
			for _, v := range vs {
				if _, err := b.Find(t.Context(), v, amd64); err != nil {
					require.False(t, errors.As(err, new(*release.NotFoundError)))
				}
			}
		}
		entries, err := os.ReadDir(outer)
		require.NoError(t, err)
		require.Len(t, entries, 2)
		err = filepath.WalkDir(tmp, func(_ string, d os.DirEntry, err error) error {
			require.True(t, err != nil || d.IsDir() || d.Type().IsRegular())
			return err
		})
		require.NoError(t, err)
	})
}
