// Package readahead reads a stream in a goroutine of its own, so that those who
// make it and those who use it work on different cores:
//
//	ahead := readahead.New(ctx, io.TeeReader(body, hash), 256<<10, 16)
//	defer ahead.Stop()
//	files, err := archive.TarGz(ctx, ahead, dir, archive.Options{})
//
// Memory is bounded by the caller: as many chunks as it allows, of its size. It
// is no buffer against small reads and does not make a line any faster.
package readahead

import (
	"context"
	"io"
)

// A Reader is the stream. It is for one goroutine at a time.
type Reader struct {
	size   int
	chunks chan []byte
	free   chan []byte
	cancel context.CancelFunc
	rest   []byte // of the chunk being read
	chunk  []byte
	err    error // set before chunks is closed
}

// New starts reading r and stays at most count chunks of size bytes ahead. It
// ends with r, with the first error, or with ctx. Until Stop returns, r belongs
// to it.
func New(ctx context.Context, r io.Reader, size, count int) *Reader {
	ctx, cancel := context.WithCancel(ctx)
	a := &Reader{size: size, chunks: make(chan []byte, count), free: make(chan []byte, count), cancel: cancel}
	for range count {
		a.free <- nil // made when first needed: most streams are short
	}
	go func() {
		defer close(a.chunks)
		a.err = a.run(ctx, r)
	}()
	return a
}

func (a *Reader) run(ctx context.Context, r io.Reader) error {
	for {
		var b []byte
		select {
		case b = <-a.free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if b == nil {
			b = make([]byte, a.size)
		}
		n, err := fill(r, b)
		if n > 0 {
			a.chunks <- b[:n] // never blocks: there are no more chunks than places
		}
		if err != nil {
			return err
		}
	}
}

// fill reads until b is full, because to wake the other side costs more than to
// copy some bytes. Unlike [io.ReadFull] it keeps the reader's own error: one that
// was cut short may say io.ErrUnexpectedEOF, and must not seem to have ended.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// Read implements [io.Reader].
func (a *Reader) Read(p []byte) (int, error) {
	if err := a.next(); err != nil {
		return 0, err
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// WriteTo implements [io.WriterTo], so that [io.Copy] copies nothing twice.
func (a *Reader) WriteTo(w io.Writer) (total int64, err error) {
	for {
		if err := a.next(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		n, err := w.Write(a.rest)
		total += int64(n)
		a.rest = a.rest[n:]
		if err != nil {
			return total, err
		}
	}
}

// next makes sure that there is something left to be read.
func (a *Reader) next() error {
	if len(a.rest) > 0 {
		return nil
	}
	if a.chunk != nil {
		a.free <- a.chunk[:a.size]
		a.chunk = nil
	}
	b, ok := <-a.chunks
	if !ok {
		return a.err
	}
	a.chunk, a.rest = b, b
	return nil
}

// Stop ends the goroutine and waits for it, which may take until r returns from a
// Read. After it nothing can be read.
func (a *Reader) Stop() {
	a.cancel()
	for range a.chunks { // until it is closed
	}
}
