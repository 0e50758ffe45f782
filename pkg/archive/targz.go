package archive

import (
	"archive/tar"
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/readahead"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// inflatedChunks of inflatedSize are what the decompressor may be ahead of those
// who write.
const (
	inflatedSize   = 256 << 10
	inflatedChunks = 32
)

// TarGz unpacks a gzip-compressed tar stream into dir, which must exist, and
// returns the files in the archive's order. It reads r to the end of the gzip
// stream and no byte twice. Errors of r come back wrapped, so that a caller can
// tell a broken line from a broken archive.
//
// To inflate cannot be divided, and where files are made quickly it takes longer
// than all the rest together: it has a goroutine for itself. Where files are made
// slowly, as on a large ext4 or on WSL1, it is the workers who take longer, so that
// there are as many of them as for a zip.
func TarGz(ctx context.Context, r io.Reader, dir string, opts Options) ([]File, error) {
	src := &source{r: r}
	zr, err := gzip.NewReader(bufio.NewReaderSize(src, 256<<10))
	if err != nil {
		return nil, src.blame(err)
	}
	zr.Multistream(false) // what follows the first stream is not an archive of Go
	group, inner := errgroup.WithContext(ctx)
	ahead := readahead.New(inner, zr, inflatedSize, inflatedChunks)
	defer ahead.Stop()
	t := &tarball{src: src, stream: ahead, tar: tar.NewReader(ahead), plan: newPlan(dir, opts)}
	for range t.plan.opts.Workers {
		group.Go(func() error { return t.work(inner) })
	}
	if err = group.Wait(); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return t.plan.result(), nil
}

// A tarball is a stream that workers take turns at.
type tarball struct {
	src  *source
	plan *plan

	mu     sync.Mutex
	stream io.Reader
	tar    *tar.Reader
	ended  bool
}

func (t *tarball) work(ctx context.Context) error {
	w := newWriter(t.plan)
	for {
		if more, err := t.one(ctx, w); err != nil || !more {
			return err
		}
	}
}

// one unpacks one file. Where its content fits into the buffer, the next worker has
// its turn while this one writes. A larger file is written as it is read: that is
// quicker than it is decompressed.
func (t *tarball) one(ctx context.Context, w *writer) (more bool, err error) {
	t.mu.Lock()
	file, err := t.next(ctx)
	if err != nil || file == nil {
		t.mu.Unlock()
		return false, err
	}
	if file.Size > chunkSize {
		defer t.mu.Unlock()
		return true, w.copy(file, t.tar, t.src.blame)
	}
	data := w.buf[:file.Size]
	_, err = io.ReadFull(t.tar, data)
	t.mu.Unlock()
	if err != nil {
		return false, t.src.blame(err)
	}
	return true, w.write(file, data)
}

// next goes on to the next regular file. It is nil at the end.
func (t *tarball) next(ctx context.Context) (*File, error) {
	for !t.ended {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hdr, err := t.tar.Next()
		if err == io.EOF {
			t.ended = true
			return nil, drain(t.src, t.stream, t.plan.opts.MaxBytes)
		}
		if err != nil {
			return nil, t.src.blame(err)
		}
		switch hdr.Typeflag {
		case tar.TypeReg:
			return t.plan.file(hdr.Name, hdr.Size, fs.FileMode(hdr.Mode))
		case tar.TypeDir:
			if err := t.plan.directory(hdr.Name); err != nil {
				return nil, err
			}
		case tar.TypeXGlobalHeader: // git archive writes one; it names no file
		default:
			return nil, &UnsafeError{hdr.Name, fmt.Sprintf("is neither file nor directory (tar type %q)", hdr.Typeflag)}
		}
	}
	return nil, nil
}

// drain reads what follows the last entry, so that the gzip checksum is looked
// at; it is padding, and a bomb if it is long.
func drain(src *source, zr io.Reader, limit int64) error {
	n, err := io.Copy(io.Discard, io.LimitReader(zr, limit))
	if err != nil {
		return src.blame(err)
	}
	if n == limit {
		return &UnsafeError{"", fmt.Sprintf("ends in more than %d bytes of padding", limit)}
	}
	return nil
}

// A source remembers its own error, which decompressors like to hide.
type source struct {
	r   io.Reader
	err atomic.Pointer[error] // read by workers
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err.Store(&err)
	}
	return n, err
}

// blame says whose fault err is: the line's, if it broke, or the archive's.
func (s *source) blame(err error) error {
	if broken := s.err.Load(); broken != nil {
		return *broken
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return &CorruptError{err}
}
