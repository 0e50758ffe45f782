package download

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// line answers requests without a network, so that its time is synctest's.
type line func(n int, r *http.Request) *http.Response

type lineTransport struct {
	line line
	n    int
}

// RoundTrip hangs until the request is cancelled where the line has no answer.
func (t *lineTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.n++
	if resp := t.line(t.n, r); resp != nil {
		resp.Request = r
		return resp, nil
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// hanging gives data and then no byte more, until ctx ends.
type hanging struct {
	io.Reader
	ctx context.Context
}

func (h hanging) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err == io.EOF {
		<-h.ctx.Done()
		err = h.ctx.Err()
	}
	return n, err
}

func (hanging) Close() error { return nil }

func okay(size int, body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Etag": {`"one"`}}, ContentLength: int64(size), Body: body}
}

func TestStall(t *testing.T) {
	content := randomBytes(6, 50_000)
	for _, headers := range []bool{true, false} {
		for _, stall := range []time.Duration{0, 7 * time.Second} {
			t.Run(fmt.Sprint(headers, stall), func(t *testing.T) {
				part := partPath(t)
				synctest.Test(t, func(t *testing.T) {
					c := New(&lineTransport{line: func(n int, r *http.Request) *http.Response {
						switch {
						case n > 2:
							return okay(len(content), io.NopCloser(bytes.NewReader(content)))
						case headers:
							return okay(len(content), hanging{bytes.NewReader(content[:10_000]), r.Context()})
						}
						return nil
					}})
					var lines []string
					c.Log = func(text string) { lines = append(lines, text) }
					c.Stall = stall
					start := time.Now()
					data, err := fetch(c, "http://go.invalid/", part)
					require.NoError(t, err)
					requireSame(t, content, data)
					require.Len(t, lines, 2)
					require.Regexp(t, `^get http://go.invalid/: the line stalled.*; next try in [0-9.m]+s$`, lines[0])
					if stall == 0 {
						stall = 30 * time.Second
					}
					require.InDelta(t, 2*stall, time.Since(start), float64(3*time.Second))
				})
			})
		}
	}
}

func TestGetStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(&lineTransport{line: func(n int, r *http.Request) *http.Response { return nil }})
		_, err := c.Get(context.Background(), "http://go.invalid/", nil, 10)
		require.ErrorIs(t, err, errStalled)
		require.EqualError(t, err, "get http://go.invalid/: the line stalled (5 tries)")
	})
}

// A slow line that moves, and a reader that takes its time, are no stall.
func TestSlowIsNoStall(t *testing.T) {
	content := randomBytes(7, 1000)
	part := partPath(t)
	synctest.Test(t, func(t *testing.T) {
		c := New(&lineTransport{line: func(n int, r *http.Request) *http.Response {
			require.Equal(t, 1, n)
			return okay(len(content), slow{bytes.NewReader(content), 29 * time.Second, r.Context()})
		}})
		body, err := c.Open(context.Background(), "http://go.invalid/", part)
		require.NoError(t, err)
		defer body.Close()
		first := make([]byte, 500)
		_, err = io.ReadFull(body, first)
		require.NoError(t, err)
		time.Sleep(time.Hour)
		rest, err := io.ReadAll(body)
		require.NoError(t, err)
		requireSame(t, content, append(first, rest...))
	})
}

// slow takes its time for each 100 bytes.
type slow struct {
	io.Reader
	pause time.Duration
	ctx   context.Context
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.pause)
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p[:min(len(p), 100)])
}

func (slow) Close() error { return nil }
