package download

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server serves content as well as net/http can, unless script takes over a
// request. Script gets the number of the request, from 1, and returns false to
// leave it to the server.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	content  []byte
	etag     string
	modified time.Time
	script   func(n int, w http.ResponseWriter, r *http.Request) bool
	requests []*http.Request
}

func newServer(t *testing.T, content []byte) *server {
	s := &server{content: content, etag: `"one"`}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Clone(r.Context()))
	n, script := len(s.requests), s.script
	s.mu.Unlock()
	if script == nil || !script(n, w, r) {
		s.answer(w, r)
	}
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	content, etag, modified := s.content, s.etag, s.modified
	s.mu.Unlock()
	if etag != "" {
		w.Header().Set("ETag", etag)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", modified, bytes.NewReader(content))
}

// set changes the content behind the URL.
func (s *server) set(content []byte, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content, s.etag = content, etag
}

// seen is the header named key of each request, in order.
func (s *server) seen(key string) (values []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		values = append(values, r.Header.Get(key))
	}
	return values
}

// serve is what the server would do, cut off after limit bytes of body, with a
// reset or with an orderly end of the connection.
func (s *server) serve(w http.ResponseWriter, r *http.Request, limit int, reset bool) {
	cut := &cutter{ResponseWriter: w, left: limit}
	func() {
		defer func() { _ = recover() }()
		s.answer(cut, r)
	}()
	_ = http.NewResponseController(w).Flush()
	hangUp(w, reset)
}

func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if reset {
		_ = conn.(*net.TCPConn).SetLinger(0)
	}
	_ = conn.Close()
}

// cutter panics after some bytes.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	panic(http.ErrAbortHandler)
}

// naps is a Sleep that takes no time and remembers what was asked for.
type naps struct {
	mu   sync.Mutex
	each []time.Duration
}

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.each = append(n.each, d)
	return ctx.Err()
}

// newClient never waits between tries.
func newClient(t *testing.T) (*Client, *naps) {
	transport := NewTransport(nil)
	t.Cleanup(transport.CloseIdleConnections)
	n := &naps{}
	c := New(transport)
	c.Sleep = n.sleep
	c.Stall = 10 * time.Second
	c.Log = func(line string) { require.NotContains(t, line, "\n") }
	return c, n
}

func randomBytes(seed uint64, n int) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	data := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(data)
	return data
}

// fetch reads a whole download.
func fetch(c *Client, url, part string) ([]byte, error) {
	body, err := c.Open(context.Background(), url, part)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(body)
	if closed := body.Close(); err == nil {
		err = closed
	}
	return data, err
}

func partPath(t *testing.T) string { return filepath.Join(t.TempDir(), "go.part") }

func requireFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "%s: %d bytes, want %d, or other ones", path, len(got), len(want))
}

func requireSame(t *testing.T, want, got []byte) {
	t.Helper()
	require.True(t, bytes.Equal(want, got), "got %d bytes, want %d, or other ones", len(got), len(want))
}
