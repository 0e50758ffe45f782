package release

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// A server is a release server, a mirror and a module proxy: what it has, it has
// by path. It writes down what it is asked.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string]string // by path; "=503" is a status, "~7" a size to tell to HEAD
	etag   string
	asked  []string    // "GET /dl/"
	header http.Header // of the last request
	query  string
}

func newServer(t testing.TB, files map[string]string) *server {
	s := &server{files: files}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	s.header, s.query = r.Header, r.URL.RawQuery
	content, ok := s.files[r.URL.Path]
	var status int
	switch {
	case !ok:
		http.NotFound(w, r)
	case strings.HasPrefix(content, "="):
		fmt.Sscanf(content, "=%d", &status)
		http.Error(w, "no", status)
	case strings.HasPrefix(content, "~"):
		w.Header().Set("Content-Length", content[1:])
	case s.etag != "" && r.Header.Get("If-None-Match") == s.etag:
		w.WriteHeader(http.StatusNotModified)
	default:
		if s.etag != "" {
			w.Header().Set("ETag", s.etag)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}
}

// set changes what the server has.
func (s *server) set(path, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = content
}

// requests returns what was asked since the last call.
func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

func testClient() *download.Client {
	return &download.Client{
		HTTP:  &http.Client{Transport: &http.Transport{}},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// A clock stands still until it is moved.
type clock struct{ time.Time }

func newClock() *clock { return &clock{time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.Time }

// A notebook keeps what is logged.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) log(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notebook) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := n.lines
	n.lines = nil
	return lines
}
