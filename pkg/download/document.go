package download

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/cenkalti/backoff/v5"
)

// Document is a small answer, held in memory.
type Document struct {
	Status int         // 200, or 304 with no body
	Header http.Header // of the answer; empty for file://
	Body   []byte
}

// Get returns the document at url, which is at most limit bytes long; a larger
// one is ErrTooLarge. The header, which may be nil, is sent along: with
// If-None-Match or If-Modified-Since in it the answer may have status 304. Any
// other status than 200 is a *StatusError, at once or inside the *Error that
// ends all tries.
//
// Unlike Open, Get lets net/http ask for gzip and undo it: the list of releases
// is 2 MB of JSON and shrinks to a tenth. The limit holds for the result.
func (c *Client) Get(ctx context.Context, url string, header http.Header, limit int64) (*Document, error) {
	u, safeURL, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "file" {
		return getFile(u, limit)
	}
	var doc *Document
	err = c.newRetry(ctx, safeURL).run(func() (err error) {
		doc, err = c.getOnce(ctx, url, safeURL, header, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return doc, nil
}

func (c *Client) getOnce(ctx context.Context, url, safeURL string, header http.Header, limit int64) (*Document, error) {
	a, err := c.do(ctx, http.MethodGet, url, header)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	conditional := header.Get("If-None-Match") != "" || header.Get("If-Modified-Since") != ""
	switch {
	case a.StatusCode == http.StatusOK:
	case a.StatusCode == http.StatusNotModified && conditional:
		return &Document{Status: a.StatusCode, Header: a.Header}, nil
	default:
		return nil, a.status(safeURL)
	}
	body, err := readLimited(a, a.ContentLength, limit, safeURL)
	if err != nil {
		return nil, err
	}
	return &Document{Status: a.StatusCode, Header: a.Header, Body: body}, nil
}

// readLimited reads r whole; size is what its length should be, or -1.
func readLimited(r io.Reader, size, limit int64, name string) ([]byte, error) {
	tooLarge := fmt.Errorf("get %s: %w (limit %d bytes)", name, ErrTooLarge, limit)
	if size > limit {
		return nil, backoff.Permanent(tooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, backoff.Permanent(tooLarge)
	}
	return body, nil
}

// Head returns the size of the file at url in bytes, -1 when the server does
// not say. Servers that answer 405 or 501 to HEAD are asked for the first byte
// instead.
func (c *Client) Head(ctx context.Context, url string) (size int64, err error) {
	u, safeURL, err := parseURL(url)
	if err != nil {
		return 0, err
	}
	if u.Scheme == "file" {
		return sizeOfFile(u)
	}
	err = c.newRetry(ctx, safeURL).run(func() (err error) {
		size, err = c.headOnce(ctx, url, safeURL)
		return err
	})
	return size, err
}

func (c *Client) headOnce(ctx context.Context, url, safeURL string) (int64, error) {
	a, err := c.do(ctx, http.MethodHead, url, identity())
	if err != nil {
		return 0, err
	}
	a.Close()
	switch a.StatusCode {
	case http.StatusOK:
		return a.ContentLength, nil
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return c.firstByte(ctx, url, safeURL)
	}
	return 0, a.status(safeURL)
}

func (c *Client) firstByte(ctx context.Context, url, safeURL string) (int64, error) {
	header := identity()
	header.Set("Range", "bytes=0-0")
	a, err := c.do(ctx, http.MethodGet, url, header)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	switch a.StatusCode {
	case http.StatusOK:
		return a.ContentLength, nil
	case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		if r, ok := parseContentRange(a.Header.Get("Content-Range")); ok {
			return r.total, nil
		}
		return -1, nil
	}
	return 0, a.status(safeURL)
}

// identity asks for the bytes as they are. An explicit Accept-Encoding also
// stops net/http from undoing a Content-Encoding, which odd servers put on a
// .tar.gz that is just a .tar.gz.
func identity() http.Header {
	return http.Header{"Accept-Encoding": {"identity"}}
}
