package bundle

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/klauspost/compress/gzip"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// Item is one toolchain to pack.
type Item struct {
	Version  goversion.Version
	Platform release.Platform
	Zip      string // path of the module zip, which the caller has verified
}

// module is the toolchain's version as a module.
func (i Item) module() string {
	return goproxy.ModuleVersion(i.Version.String(), i.Platform.OS, i.Platform.Arch)
}

// FormatError says that a file name does not tell how to pack a bundle.
type FormatError struct{ Path string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("write bundle %s: want a name that ends in .tar, .tar.gz, .tgz or .tar.xz", e.Path)
}

// CheckPath returns a *FormatError where Write would, so that nothing is
// downloaded in vain.
func CheckPath(path string) error {
	if compressor(path) == nil {
		return &FormatError{path}
	}
	return nil
}

// compressor is the writer for a file name, nil where there is none. The zips
// are compressed already, so the fastest level loses nothing.
func compressor(path string) func(io.Writer) (io.WriteCloser, error) {
	switch {
	case strings.HasSuffix(path, ".tar"):
		return func(w io.Writer) (io.WriteCloser, error) { return plain{w}, nil }
	case strings.HasSuffix(path, ".tar.gz"), strings.HasSuffix(path, ".tgz"):
		return func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) }
	case strings.HasSuffix(path, ".tar.xz"):
		return func(w io.Writer) (io.WriteCloser, error) { return newXZWriter(w), nil }
	}
	return nil
}

// plain is a writer with nothing to close.
type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// Write packs items into a bundle at path, which appears complete or not at all.
// The same items always give the same bytes. sumDB is what the checksum database
// said about the items, by path below a GOPROXY: "sumdb/sum.golang.org/latest".
func Write(ctx context.Context, path string, items []Item, sumDB map[string][]byte) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	if err := write(ctx, path, items, sumDB); err != nil {
		return fmt.Errorf("write bundle %s: %w", path, err)
	}
	return nil
}

func write(ctx context.Context, path string, items []Item, sums map[string][]byte) error {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.Version.Compare(b.Version), strings.Compare(a.module(), b.module()))
	})
	out, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644), renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return err
	}
	defer out.Cleanup()
	packed, err := compressor(path)(out)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	if err := addSmall(archive, items, sums); err != nil {
		return err
	}
	for _, item := range items {
		if err := addZip(ctx, archive, item); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return out.CloseAtomicallyReplace()
}

// addSmall adds all but the zips.
func addSmall(archive *tar.Writer, items []Item, sums map[string][]byte) error {
	if err := addFile(archive, markerName, []byte(markerText)); err != nil {
		return err
	}
	var list bytes.Buffer
	for i, item := range items {
		if i > 0 && item.module() == items[i-1].module() {
			return fmt.Errorf("%s is there twice", item.module())
		}
		fmt.Fprintln(&list, item.module())
	}
	if err := addFile(archive, modules+"list", list.Bytes()); err != nil {
		return err
	}
	for _, item := range items {
		info, err := json.Marshal(struct{ Version string }{item.module()})
		if err != nil {
			return err
		}
		if err := addFile(archive, modules+item.module()+".info", info); err != nil {
			return err
		}
		// What cmd/distpack writes; the checksum database has its hash.
		mod := []byte("module " + goproxy.ModulePath + "\n")
		if err := addFile(archive, modules+item.module()+".mod", mod); err != nil {
			return err
		}
	}
	sums = complete(sums)
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if !fs.ValidPath(name) || !strings.HasPrefix(name, sumDB) {
			return fmt.Errorf("%q is no path below %s", name, sumDB)
		}
		if err := addFile(archive, name, sums[name]); err != nil {
			return err
		}
	}
	return nil
}

// header is a file of nobody at no time: the first day of the zip format, which
// no program calls implausible.
func header(name string, size int64) *tar.Header {
	return &tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644,
		ModTime: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

func addFile(archive *tar.Writer, name string, data []byte) error {
	if err := archive.WriteHeader(header(name, int64(len(data)))); err != nil {
		return err
	}
	_, err := archive.Write(data)
	return err
}

func addZip(ctx context.Context, archive *tar.Writer, item Item) error {
	f, err := os.Open(item.Zip)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(header(modules+item.module()+".zip", info.Size())); err != nil {
		return err
	}
	if _, err := io.Copy(archive, canceller{ctx, f}); err != nil {
		return fmt.Errorf("pack %s: %w", item.Zip, err)
	}
	return nil
}
