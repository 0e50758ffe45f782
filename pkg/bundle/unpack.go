package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/ulikunitz/xz"
)

// Limits for archives. The largest zip of a toolchain has 210 MB, the sumdb part
// some hundred kilobytes for each toolchain.
const (
	maxEntries  = 100_000
	maxZip      = 1 << 30 // one zip, bytes
	maxSmall    = 16 << 20
	maxAllSmall = 256 << 20
	maxUnpacked = 64 << 30 // what a compressed archive may grow to
)

var errTooLarge = errors.New("it is larger than any bundle should be")

// unpackSmall unpacks everything but the zips, and notes which zips there are.
func (b *Bundle) unpackSmall(ctx context.Context) error {
	ours := false
	total := int64(0)
	err := b.walk(ctx, func(name string, r io.Reader) error {
		zip := strings.HasPrefix(name, modules) && strings.HasSuffix(name, ".zip")
		switch {
		case name == markerName:
			text, err := io.ReadAll(io.LimitReader(r, int64(len(markerText))))
			ours = string(text) == markerText
			return err
		case zip && ours:
			return io.EOF
		case zip:
			b.add(strings.TrimPrefix(name, modules))
			return nil
		case !strings.HasPrefix(name, modules) && !strings.HasPrefix(name, sumDB):
			return nil // what else someone packed
		}
		n, err := writeFile(filepath.Join(b.dir, filepath.FromSlash(name)), r, maxSmall)
		if total += n; err == nil && total > maxAllSmall {
			err = errTooLarge
		}
		return err
	})
	if err != nil || !ours {
		return err
	}
	list, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(modules+"list")))
	for line := range strings.Lines(string(list)) {
		b.add(strings.TrimSpace(line) + ".zip")
	}
	return err
}

// unpackZip unpacks the zip called name to file, once.
func (b *Bundle) unpackZip(ctx context.Context, name, file string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	part := file + ".part" // never a name in a bundle that is asked for
	found := false
	err := b.walk(ctx, func(entry string, r io.Reader) error {
		if entry != modules+name {
			return nil
		}
		found = true
		if _, err := writeFile(part, r, maxZip); err != nil {
			return err
		}
		return io.EOF
	})
	if err == nil && !found {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = os.Rename(part, file)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// walk calls fn for each file of the archive, by its cleaned name, until fn
// returns an error; io.EOF ends the walk without one.
func (b *Bundle) walk(ctx context.Context, fn func(name string, r io.Reader) error) error {
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	stream, err := decompress(ctx, f)
	if err != nil {
		return err
	}
	archive := tar.NewReader(stream)
	seen := make(map[string]bool)
	for entries := 0; ; entries++ {
		h, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("read tar: %w", err)
		}
		if entries >= maxEntries {
			return errTooLarge
		}
		name, err := check(h)
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		if seen[name] {
			return fmt.Errorf("refuse %q: it is there twice", h.Name)
		}
		seen[name] = true
		if err := fn(name, canceller{ctx, archive}); err != nil {
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("unpack %s: %w", name, err)
		}
	}
}

// check returns the cleaned name of a file, and "" for what is of no interest.
func check(h *tar.Header) (string, error) {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return "", nil
	case tar.TypeReg, tar.TypeDir:
	default:
		return "", fmt.Errorf("refuse %q: it is neither file nor directory (tar type %q)", h.Name, h.Typeflag)
	}
	name := path.Clean(h.Name) // "./golang.org" is what "tar -c ." makes
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\\x00") {
		return "", fmt.Errorf("refuse %q: it leads out of the bundle", h.Name)
	}
	for _, part := range strings.Split(h.Name, "/") {
		if part == ".." {
			return "", fmt.Errorf("refuse %q: it leads out of the bundle", h.Name)
		}
	}
	if h.Typeflag == tar.TypeDir {
		return "", nil
	}
	return name, nil
}

// decompress goes by the first bytes, whatever the file is called. A plain tar
// stays a file, in which the tar reader can skip by seeking.
func decompress(ctx context.Context, f *os.File) (io.Reader, error) {
	magic := make([]byte, 6)
	n, err := f.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var packed io.Reader = bufio.NewReaderSize(canceller{ctx, f}, 256<<10)
	switch magic = magic[:n]; {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		if packed, err = gzip.NewReader(packed); err != nil {
			return nil, fmt.Errorf("read gzip: %w", err)
		}
	case bytes.HasPrefix(magic, []byte("\xfd7zXZ\x00")):
		if packed, err = xz.NewReader(packed); err != nil {
			return nil, fmt.Errorf("read xz: %w", err)
		}
	default:
		return f, nil
	}
	return &limiter{packed, maxUnpacked}, nil
}

// writeFile writes at most limit bytes to a new file, in directories that it
// makes, and returns their number.
func writeFile(file string, r io.Reader, limit int64) (int64, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, &limiter{r, limit})
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return n, err
}

// A limiter fails, rather than ends, where there is more than it may give.
type limiter struct {
	r    io.Reader
	left int64
}

func (l *limiter) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// A canceller ends with its context.
type canceller struct {
	ctx context.Context
	r   io.Reader
}

func (c canceller) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
