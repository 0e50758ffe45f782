package checksumdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// answerLimit is the size in bytes beyond which nothing is an answer; the largest
// tile has 8 KiB.
const answerLimit = 1 << 20

// A server is where a database is reached.
type server struct {
	base    goproxy.Proxy
	without []string // proxies that were asked before and do not serve it, redacted
}

// connect finds the server once, on the first request that the cache cannot answer,
// and again after a failure.
func (db *DB) connect(ctx context.Context) (*server, error) {
	select {
	case db.connecting <- struct{}{}:
		defer func() { <-db.connecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if db.server != nil {
		return db.server, nil
	}
	s, err := db.find(ctx)
	if err != nil {
		return nil, err
	}
	db.server = s
	return s, nil
}

// find asks the proxies, as initBase of cmd/go/internal/modfetch/sumdb.go does: a
// proxy that says "supported" is used and no other, not even when it fails later.
func (db *DB) find(ctx context.Context) (*server, error) {
	if db.set.URL != "" {
		return &server{base: goproxy.Proxy{URL: db.set.URL}}, nil
	}
	s := &server{base: goproxy.Proxy{URL: "https://" + db.set.Name}}
	var faults []error
	ask := func(p goproxy.Proxy) error {
		base := goproxy.Proxy{URL: p.Join("sumdb/" + db.set.Name)}
		_, err := db.get(ctx, base.Join("supported"))
		switch {
		case err == nil:
			s.base = base
		case goproxy.IsNotFound(err):
			s.without = append(s.without, p.Redacted())
		default:
			faults = append(faults, err)
		}
		return err
	}
	err := db.opts.Proxies.EachDirect(ctx, ask, func() error { return nil })
	if err == nil || goproxy.IsNotFound(err) {
		return s, nil
	}
	return nil, fmt.Errorf("reach checksum database %s: %w%s", db.set.Name, err, others(faults, err))
}

// others names the faults besides the one that is returned.
func others(faults []error, err error) string {
	var b strings.Builder
	for _, fault := range faults {
		if fault != err {
			fmt.Fprintf(&b, "; also %v", fault)
		}
	}
	return b.String()
}

// fetch reads path from the server. It returns what the server sent, under the path
// by which it has it, and the data that was asked for: a tile that was partial when
// the head was signed may since have been replaced by the full one.
func (s *session) fetch(path string) (got file, data []byte, err error) {
	srv, err := s.db.connect(s.ctx)
	if err != nil {
		return file{}, nil, err
	}
	got, err = s.read(srv, path)
	if tile, ok := partial(path); ok && goproxy.IsNotFound(err) {
		full := tile
		full.W = 1 << tile.H
		if got, err = s.read(srv, "/"+full.Path()); err == nil {
			return got, got.data[:tile.W*tlog.HashSize], nil
		}
	}
	switch {
	case goproxy.IsNotFound(err) && isLookup(path):
		return file{}, nil, ErrNotFound
	case goproxy.IsNotFound(err):
		return file{}, nil, &goproxy.AnswerError{
			URL:    download.Redact(srv.base.Join(path)),
			Reason: `is "not found", though a signed tree head covers this tile`,
		}
	case err != nil && len(srv.without) > 0:
		err = fmt.Errorf("%w (not served by %s)", err, strings.Join(srv.without, ", "))
	}
	return got, got.data, err
}

// partial parses the path of a tile that has not its full width.
func partial(path string) (tlog.Tile, bool) {
	tile, err := tlog.ParseTilePath(strings.TrimPrefix(path, "/"))
	return tile, err == nil && tile.W < 1<<tile.H
}

// read gets one file and checks its form.
func (s *session) read(srv *server, path string) (file, error) {
	url := srv.base.Join(path)
	data, err := s.db.get(s.ctx, url)
	if err != nil {
		return file{}, err
	}
	err = checkAnswer(path, data, s.db.verifiers)
	switch {
	case errors.Is(err, errSignature):
		return file{}, s.lie(fmt.Sprintf("%s: %v", download.Redact(url), err), "")
	case err != nil:
		return file{}, &goproxy.AnswerError{URL: download.Redact(url), Reason: "is " + err.Error()}
	}
	return file{path, data}, nil
}

// get reads a document within Options.Timeout.
func (db *DB) get(ctx context.Context, url string) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, db.opts.Timeout)
	defer cancel()
	doc, err := db.opts.Download.Get(timed, url, nil, answerLimit)
	switch {
	case err == nil:
		return doc.Body, nil
	case errors.Is(err, download.ErrTooLarge):
		reason := fmt.Sprintf("is malformed: larger than %d bytes", answerLimit)
		return nil, &goproxy.AnswerError{URL: download.Redact(url), Reason: reason}
	case timed.Err() != nil && ctx.Err() == nil:
		err = fmt.Errorf("no answer in %v", db.opts.Timeout)
		return nil, &download.Error{URL: download.Redact(url), Tried: 1, Err: err}
	}
	return nil, err
}
