package archive

import (
	"archive/zip"
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"golang.org/x/sync/errgroup"
)

// Zip unpacks a zip archive of the given size into dir, which must exist, and
// returns the files in the archive's order. Entries are decompressed in
// parallel, the largest first, so that no core is left with the compiler while
// the others have nothing to do.
func Zip(ctx context.Context, r io.ReaderAt, size int64, dir string, opts Options) ([]File, error) {
	p := newPlan(dir, opts)
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &CorruptError{err}
	}
	inflaters := &sync.Pool{New: func() any { return newInflater() }}
	zr.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		return inflaters.Get().(*inflater).open(r, inflaters)
	})
	tasks, err := zipTasks(p, zr.File)
	if err != nil {
		return nil, err
	}
	if err := unzip(ctx, p, tasks); err != nil {
		return nil, err
	}
	return p.result(), nil
}

// A zipTask is an entry of the archive and the file it becomes.
type zipTask struct {
	entry *zip.File
	file  *File
}

// zipTasks checks the whole table of contents before a byte is unpacked.
func zipTasks(p *plan, entries []*zip.File) ([]zipTask, error) {
	tasks := make([]zipTask, 0, len(entries))
	for _, e := range entries {
		if strings.HasSuffix(e.Name, "/") {
			if err := p.directory(e.Name); err != nil {
				return nil, err
			}
			continue
		}
		if t := e.Mode().Type(); t != 0 {
			return nil, &UnsafeError{e.Name, fmt.Sprintf("is neither file nor directory (%v)", t)}
		}
		if e.UncompressedSize64 > uint64(p.opts.MaxBytes) {
			return nil, &UnsafeError{"", fmt.Sprintf("holds more than %d bytes", p.opts.MaxBytes)}
		}
		f, err := p.file(e.Name, int64(e.UncompressedSize64), e.Mode())
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, zipTask{e, f})
	}
	slices.SortStableFunc(tasks, func(a, b zipTask) int {
		return cmp.Compare(b.file.Size/chunkSize, a.file.Size/chunkSize)
	})
	return tasks, nil
}

func unzip(ctx context.Context, p *plan, tasks []zipTask) error {
	group, ctx := errgroup.WithContext(ctx)
	queue := make(chan zipTask, len(tasks))
	for _, t := range tasks {
		queue <- t
	}
	close(queue)
	for range p.opts.Workers {
		group.Go(func() error {
			w := newWriter(p)
			for t := range queue {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := t.unpack(w); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func (t zipTask) unpack(w *writer) error {
	blame := func(err error) error { return &CorruptError{fmt.Errorf("%s: %w", t.entry.Name, err)} }
	r, err := t.entry.Open()
	if err != nil {
		return blame(err)
	}
	defer r.Close()
	return w.copy(t.file, r, blame)
}

// An inflater is a decompressor and the buffer before it. It is used for one entry
// after another, because it is larger than most of them.
type inflater struct {
	io.ReadCloser
	in   *bufio.Reader
	pool *sync.Pool
}

func newInflater() *inflater {
	return &inflater{ReadCloser: flate.NewReader(nil), in: bufio.NewReaderSize(nil, chunkSize)}
}

func (i *inflater) open(r io.Reader, pool *sync.Pool) io.ReadCloser {
	i.pool = pool
	i.in.Reset(r)
	_ = i.ReadCloser.(flate.Resetter).Reset(i.in, nil) // it has no error to give
	return i
}

func (i *inflater) Close() error {
	i.pool.Put(i)
	return nil
}
