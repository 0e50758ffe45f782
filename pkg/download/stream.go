package download

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/cenkalti/backoff/v5"
)

// stream is one content across many connections. Three positions matter:
// given <= part.size <= total. Bytes up to part.size are on disk, and the next
// one from the network is always the one at part.size.
type stream struct {
	client  *Client
	ctx     context.Context
	url     string
	safeURL string
	part    *part
	retry   *retry

	opened   bool  // headers came once; from now on the content must not change
	total    int64 // -1 when unknown
	version  version
	fromZero bool    // the last range could not be trusted: ask for everything
	answer   *answer // nil between two connections
	given    int64
	ended    bool // a content of unknown total came to its end
	err      error
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (n int, err error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	if s.given < s.part.size {
		n, err = s.readPart(p)
	} else {
		n, err = s.readNetwork(p)
	}
	s.given += int64(n)
	s.err = err
	return n, err
}

// Close keeps the part file.
func (s *stream) Close() error {
	if s.err == nil {
		s.err = fmt.Errorf("get %s: body is closed", s.safeURL)
	}
	s.hangUp()
	return s.part.close()
}

func (s *stream) readPart(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, fmt.Errorf("get %s: %w", s.safeURL, err)
	}
	p = p[:min(int64(len(p)), s.part.size-s.given)]
	n, err := s.part.file.ReadAt(p, s.given)
	if n == len(p) {
		return n, nil
	}
	return n, fmt.Errorf("read part of %s: %w", s.safeURL, err)
}

// readNetwork returns at least one byte or an error that ends the download.
func (s *stream) readNetwork(p []byte) (n int, err error) {
	err = s.retry.run(func() error {
		n, err = s.readOnce(p)
		if err != nil {
			s.hangUp()
		}
		return err
	})
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	if errors.Is(err, ErrChanged) {
		_ = s.Close()
		_ = Discard(s.part.path)
	}
	return n, err
}

// readOnce reads from this connection or one new one; n is 0 at the end.
func (s *stream) readOnce(p []byte) (int, error) {
	if s.complete() {
		return 0, nil
	}
	if s.answer == nil {
		if err := s.connect(); err != nil {
			return 0, err
		}
		if s.complete() {
			return 0, nil
		}
	}
	if s.total >= 0 {
		p = p[:min(int64(len(p)), s.total-s.part.size)]
	}
	n, err := s.answer.Read(p)
	if n > 0 {
		s.retry.moved = true
		if err := s.part.append(p[:n]); err != nil {
			return 0, s.disk(err)
		}
		return n, nil
	}
	if err == io.EOF && s.total < 0 {
		s.ended = true
		return 0, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return 0, err
}

func (s *stream) complete() bool { return s.ended || s.part.size == s.total }

// connect asks once for the bytes from part.size on and leaves the answer just
// before the first of them.
func (s *stream) connect() error {
	header := identity()
	ranged := s.part.size > 0 && !s.fromZero
	if ranged {
		header.Set("Range", fmt.Sprintf("bytes=%d-", s.part.size))
		if s.part.seal.validator != "" {
			header.Set("If-Range", s.part.seal.validator)
		}
	}
	a, err := s.client.do(s.ctx, http.MethodGet, s.url, header)
	if err != nil {
		return err
	}
	switch {
	case a.StatusCode == http.StatusOK:
		err = s.acceptWhole(a)
	case a.StatusCode == http.StatusPartialContent && ranged:
		err = s.acceptRest(a)
	case a.StatusCode == http.StatusRequestedRangeNotSatisfiable && ranged:
		err = s.acceptEnd(a)
	default:
		err = a.status(s.safeURL)
	}
	if err != nil {
		a.Close()
		return err
	}
	s.answer = a
	return nil
}

// acceptWhole takes the content from byte 0. Nothing handed out yet: start over.
// Else the server could not or would not resume, and what was handed out
// must come again.
func (s *stream) acceptWhole(a *answer) error {
	next := seal{url: s.safeURL, validator: validatorOf(a.Header), total: a.ContentLength}
	if !s.opened {
		s.total, s.version, s.fromZero = a.ContentLength, versionOf(a.Header), false
		return s.disk(s.part.restart(next))
	}
	if err := s.agree(a.ContentLength); err != nil {
		return err
	}
	if err := s.compare(a); err != nil {
		return err
	}
	next.total = s.total
	s.version, s.fromZero = versionOf(a.Header), false
	return s.disk(s.part.reseal(next))
}

// compare reads the bytes [0, part.size) again and holds them against the disk.
func (s *stream) compare(r io.Reader) error {
	fresh, kept := make([]byte, 64<<10), make([]byte, 64<<10)
	for at := int64(0); at < s.part.size; {
		n := min(int64(len(fresh)), s.part.size-at)
		if _, err := io.ReadFull(r, fresh[:n]); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
		if _, err := s.part.file.ReadAt(kept[:n], at); err != nil {
			return s.disk(err)
		}
		if !bytes.Equal(fresh[:n], kept[:n]) {
			return s.changed()
		}
		at += n
	}
	return nil
}

// disk marks a fault of the part file: it is final, and no network error.
func (s *stream) disk(err error) error {
	if err == nil {
		return nil
	}
	return backoff.Permanent(fmt.Errorf("keep part of %s: %w", s.safeURL, err))
}

func (s *stream) changed() error {
	return backoff.Permanent(fmt.Errorf("get %s: %w", s.safeURL, ErrChanged))
}

func (s *stream) hangUp() {
	if s.answer != nil {
		s.answer.Close()
		s.answer = nil
	}
}
