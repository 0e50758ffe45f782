package download

import (
	"context"
	"fmt"
	"io"
)

// Body is the content of a file, from its first byte to its last. It is for one
// goroutine at a time; to end a Read from elsewhere, cancel the context given to
// Open.
type Body struct {
	// Size is the length of the whole content in bytes, -1 when the server did
	// not say. It does not change.
	Size int64

	content io.ReadCloser
	resumed int64
}

// Open begins the download of url into the part file named part and returns
// its content as a stream: first what part already holds from an earlier
// process, then the network, where each chunk is appended to part before it is
// handed out. The headers have come when Open returns.
//
// The part file counts only together with the file part+".etag", which Open
// keeps beside it: the server must confirm, through If-Range, that the content
// is still the same. Without a strong ETag or a Last-Modified the next process
// starts anew. Both files stay after Close, complete or not; to throw them away
// use Discard.
//
// A file:// URL is opened and part is not used.
//
// Open and Read return a *StatusError, an *Error, ErrChanged, an error that
// wraps ctx.Err(), or the fault of the part file as it is. Those of Read are
// final, and all but ErrChanged keep the part file for another Open.
func (c *Client) Open(ctx context.Context, url, part string) (*Body, error) {
	u, safeURL, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "file" {
		file, size, err := openFile(u)
		if err != nil {
			return nil, err
		}
		return &Body{Size: size, content: localFile{file, ctx}}, nil
	}
	p, err := openPart(part, safeURL)
	if err != nil {
		return nil, fmt.Errorf("open part of %s: %w", safeURL, err)
	}
	s := &stream{client: c, ctx: ctx, url: url, safeURL: safeURL, part: p, retry: c.newRetry(ctx, safeURL)}
	s.total, s.version = p.seal.total, p.seal.version()
	if err := s.retry.run(s.connect); err != nil {
		_ = s.Close()
		discardEmpty(part)
		return nil, err
	}
	s.opened = true
	return &Body{Size: s.total, content: s, resumed: p.size}, nil
}

// Read fills p, best one of 64 KB or more, with the next bytes. It blocks during
// retries. Only at the end of the whole content the error is io.EOF.
func (b *Body) Read(p []byte) (int, error) { return b.content.Read(p) }

// Close ends the download and keeps the part file.
func (b *Body) Close() error { return b.content.Close() }

// Resumed is the number of bytes that came from an earlier process.
func (b *Body) Resumed() int64 { return b.resumed }
