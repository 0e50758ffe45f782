package download

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// leave begins a download and stops after n bytes, as a killed process would.
func leave(t *testing.T, c *Client, url, part string, n int64) {
	t.Helper()
	body, err := c.Open(context.Background(), url, part)
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, body, n)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	info, err := os.Stat(part)
	require.NoError(t, err)
	require.GreaterOrEqual(t, info.Size(), n)
}

func TestResumeAcrossProcesses(t *testing.T) {
	content, other := randomBytes(20, 100_000), randomBytes(21, 90_000)
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		name     string
		etag     string
		modified time.Time
		between  func(s *server, part string)
		want     []byte
		resumed  bool
		ranges   int // requests with Range, of the second process
	}{
		{name: "strong etag", etag: `"a"`, want: content, resumed: true, ranges: 1},
		{name: "last-modified", modified: old, want: content, resumed: true, ranges: 1},
		{name: "weak etag with last-modified", etag: `W/"a"`, modified: old, want: content, resumed: true, ranges: 1},
		{name: "weak etag", etag: `W/"a"`, want: content},
		{name: "no validator", want: content},
		{name: "modified just now", modified: time.Now().Add(time.Hour), want: content},
		{
			name: "other content", etag: `"a"`, want: other, ranges: 1,
			between: func(s *server, _ string) { s.set(other, `"b"`) },
		},
		{
			name: "other content, if-range ignored", etag: `"a"`, want: other, ranges: 1,
			between: func(s *server, _ string) {
				s.set(other, `"b"`)
				s.script = func(_ int, _ http.ResponseWriter, r *http.Request) bool { r.Header.Del("If-Range"); return false }
			},
		},
		{
			name: "other length by the same etag", etag: `"a"`, want: other, ranges: 1,
			between: func(s *server, _ string) { s.set(other, `"a"`) },
		},
		{
			name: "same length, if-range ignored", etag: `"a"`, want: other, ranges: 1,
			between: func(s *server, _ string) {
				s.set(append(other, make([]byte, 10_000)...)[:100_000], `"b"`)
				s.script = func(_ int, _ http.ResponseWriter, r *http.Request) bool { r.Header.Del("If-Range"); return false }
			},
		},
		{
			name: "range ignored", etag: `"a"`, want: content, ranges: 1,
			between: func(s *server, _ string) {
				s.script = func(_ int, _ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Range"); return false }
			},
		},
		{
			name: "seal lost", etag: `"a"`, want: content,
			between: func(_ *server, part string) { _ = os.Remove(sealPath(part)) },
		},
		{
			name: "seal torn", etag: `"a"`, want: content,
			between: func(_ *server, part string) { _ = os.Truncate(sealPath(part), 12) },
		},
		{
			name: "part longer than content", etag: `"a"`, want: content,
			between: func(_ *server, part string) { _ = os.Truncate(part, 100_001) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, content)
			s.etag, s.modified = tt.etag, tt.modified
			c, _ := newClient(t)
			part := partPath(t)
			leave(t, c, s.URL, part, 40_000)
			if tt.between != nil {
				tt.between(s, part)
			}
			body, err := c.Open(context.Background(), s.URL, part)
			require.NoError(t, err)
			require.Equal(t, tt.resumed, body.Resumed() > 0)
			data, err := io.ReadAll(body)
			require.NoError(t, err)
			require.NoError(t, body.Close())
			require.Equal(t, int64(len(data)), body.Size)
			requireSame(t, tt.want, data[:len(tt.want)])
			requireFile(t, part, data)
			ranges := 0
			for _, r := range s.seen("Range") {
				if r != "" {
					ranges++
				}
			}
			require.Equal(t, tt.ranges, ranges)
		})
	}
}

// A complete part costs one request and no byte.
func TestResumeComplete(t *testing.T) {
	content := randomBytes(22, 10_000)
	s := newServer(t, content)
	c, n := newClient(t)
	part := partPath(t)
	_, err := fetch(c, s.URL, part)
	require.NoError(t, err)
	body, err := c.Open(context.Background(), s.URL, part)
	require.NoError(t, err)
	defer body.Close()
	require.Equal(t, int64(10_000), body.Resumed())
	require.Equal(t, int64(10_000), body.Size)
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	requireSame(t, content, data)
	require.Empty(t, n.each)
	require.Equal(t, []string{"", "bytes=10000-"}, s.seen("Range"))
}

// The part of one mirror is not continued at another: their ETags mean nothing
// to each other. A mirror that has no such file leaves it alone.
func TestResumeOtherURL(t *testing.T) {
	content := randomBytes(23, 50_000)
	s := newServer(t, content)
	c, _ := newClient(t)
	part := partPath(t)
	leave(t, c, s.URL+"/a", part, 20_000)
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	_, err := c.Open(context.Background(), gone.URL, part)
	require.True(t, IsNotFound(err))
	require.FileExists(t, part)
	require.FileExists(t, sealPath(part))
	data, err := fetch(c, s.URL+"/b", part)
	require.NoError(t, err)
	requireSame(t, content, data)
	require.Equal(t, []string{"", ""}, s.seen("Range"))
}
