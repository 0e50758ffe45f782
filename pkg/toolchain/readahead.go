package toolchain

import (
	"context"
	"fmt"
	"io"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/readahead"
)

// aheadChunks of aheadSize are what the line may be ahead of the decompressor.
const (
	aheadSize   = 256 << 10
	aheadChunks = 16
)

// readAhead reads r in a goroutine of its own, so that the line is read and its
// bytes are written to the part file on one core, while another does the rest.
func readAhead(ctx context.Context, r io.Reader) *readahead.Reader {
	return readahead.New(ctx, &limited{r, archive.DefaultMaxBytes}, aheadSize, aheadChunks)
}

// limited refuses a stream that never ends.
type limited struct {
	io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, &archive.UnsafeError{Reason: fmt.Sprintf("is longer than %d bytes", archive.DefaultMaxBytes)}
	}
	return n, err
}

// watched tells a Progress what passes through.
type watched struct {
	io.Reader
	progress Progress
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.progress != nil {
		w.progress.Add(int64(n))
	}
	return n, err
}
