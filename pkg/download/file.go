package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/cenkalti/backoff/v5"
)

// openFile opens the regular file that a file:// URL names. A missing one is a
// *StatusError with 404, so that a file:// proxy falls through like any other.
func openFile(u *url.URL) (*os.File, int64, error) {
	if u.Host != "" && u.Host != "localhost" {
		return nil, 0, fmt.Errorf("open %s: host %q in a file url", Redact(u.String()), u.Host)
	}
	file, err := os.Open(filepath.FromSlash(u.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, &StatusError{URL: u.String(), Code: http.StatusNotFound}
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: not a regular file", u.Path)
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func sizeOfFile(u *url.URL) (int64, error) {
	file, size, err := openFile(u)
	if err != nil {
		return 0, err
	}
	return size, file.Close()
}

func getFile(u *url.URL, limit int64) (*Document, error) {
	file, size, err := openFile(u)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	body, err := readLimited(file, size, limit, u.String())
	if final := (*backoff.PermanentError)(nil); errors.As(err, &final) {
		err = final.Err
	}
	if err != nil {
		return nil, err
	}
	return &Document{Status: http.StatusOK, Header: http.Header{}, Body: body}, nil
}

// localFile is a file that stops with its context.
type localFile struct {
	*os.File
	ctx context.Context
}

func (f localFile) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return f.File.Read(p)
}

var _ io.ReadCloser = localFile{}
