package download

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// More bytes than the content has are not handed out.
func TestTooManyBytes(t *testing.T) {
	content := randomBytes(34, 100_000)
	s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Range", "bytes 30000-99999/100000")
		w.WriteHeader(206)
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write(append(content[30_000:100_000:100_000], "and more"...))
		return true
	})
	c, _ := newClient(t)
	data, err := fetch(c, s.URL, partPath(t))
	require.NoError(t, err)
	requireSame(t, content, data)
}

// Without a Content-Length the size is unknown and the end is the server's.
func TestUnknownSize(t *testing.T) {
	content := randomBytes(31, 100_000)
	chunked := func(w http.ResponseWriter, limit int) {
		w.Header().Set("ETag", `"one"`)
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write(content[:limit])
		_ = http.NewResponseController(w).Flush()
	}
	for name, script := range map[string]func(s *server, n int, w http.ResponseWriter, r *http.Request) bool{
		"whole": func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			chunked(w, len(content))
			return true
		},
		"cut, then a range": func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			if n > 1 {
				return false
			}
			chunked(w, 30_000)
			hangUp(w, false)
			return true
		},
		"cut, then whole": func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			if n > 2 {
				chunked(w, len(content))
				return true
			}
			chunked(w, 30_000)
			hangUp(w, false)
			return true
		},
		"cut at the very end": func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			if n > 1 {
				return false
			}
			chunked(w, len(content))
			hangUp(w, false)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, content)
			s.script = func(n int, w http.ResponseWriter, r *http.Request) bool { return script(s, n, w, r) }
			c, _ := newClient(t)
			part := partPath(t)
			body, err := c.Open(context.Background(), s.URL, part)
			require.NoError(t, err)
			defer body.Close()
			require.Equal(t, int64(-1), body.Size)
			data, err := io.ReadAll(body)
			require.NoError(t, err)
			requireSame(t, content, data)
			requireFile(t, part, content)
		})
	}
}

// An end that comes too early, of a content whose first size was unknown too.
func TestEarlyEnd(t *testing.T) {
	content := randomBytes(35, 100_000)
	for name, tt := range map[string]struct {
		code   int
		header string
		value  string
		want   error
	}{
		"shorter":       {200, "Content-Length", "1000", ErrChanged},
		"416":           {416, "Content-Range", "bytes */1000", ErrChanged},
		"empty chunked": {200, "Trailer", "X", io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, content)
			s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n == 1 {
					w.Header().Set("ETag", `"one"`)
					_, _ = w.Write(content[:30_000])
					_ = http.NewResponseController(w).Flush()
					hangUp(w, false)
					return true
				}
				w.Header().Set(tt.header, tt.value)
				w.WriteHeader(tt.code)
				_ = http.NewResponseController(w).Flush()
				return true
			}
			c, _ := newClient(t)
			_, err := fetch(c, s.URL, partPath(t))
			require.ErrorIs(t, err, tt.want)
			require.NotErrorIs(t, err, io.EOF)
		})
	}
}

// A size learned late holds from then on.
func TestLateSize(t *testing.T) {
	content := randomBytes(36, 100_000)
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("ETag", `"one"`)
		from, to := 0, 30_000
		if n > 1 {
			from, to = 30_000*(n-1), 30_000*n
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-99999/%d", from, 100_000+n-2))
			w.WriteHeader(206)
		}
		_, _ = w.Write(content[from:to])
		_ = http.NewResponseController(w).Flush()
		hangUp(w, false)
		return true
	}
	c, _ := newClient(t)
	data, err := fetch(c, s.URL, partPath(t))
	require.ErrorIs(t, err, ErrChanged)
	requireSame(t, content[:60_000], data)
}

// A body shorter than its Content-Length, each time: no progress, an end.
func TestTruncatedForEver(t *testing.T) {
	content := randomBytes(5, 50_000)
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		limit := 0
		if n == 1 {
			limit = 20_000
		}
		s.serve(w, r, limit, false)
		return true
	}
	c, n := newClient(t)
	part := partPath(t)
	data, err := fetch(c, s.URL, part)
	var network *Error
	require.ErrorAs(t, err, &network)
	require.Equal(t, 5, network.Tried)
	require.Len(t, n.each, 4)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Contains(t, err.Error(), "(5 tries)")
	requireSame(t, content[:20_000], data)
	requireFile(t, part, data)
}
