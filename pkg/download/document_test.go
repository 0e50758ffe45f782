package download

import (
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGet(t *testing.T) {
	s := newServer(t, []byte("hello"))
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		require.Equal(t, "golang-wsl/1", r.UserAgent())
		return false
	}
	c, _ := newClient(t)
	c.UserAgent = "golang-wsl/1"
	ctx := context.Background()
	doc, err := c.Get(ctx, s.URL, nil, 5)
	require.NoError(t, err)
	require.Equal(t, 200, doc.Status)
	require.Equal(t, "hello", string(doc.Body))

	again := http.Header{"If-None-Match": {doc.Header.Get("ETag")}}
	doc, err = c.Get(ctx, s.URL, again, 5)
	require.NoError(t, err)
	require.Equal(t, 304, doc.Status)
	require.Empty(t, doc.Body)
	require.Equal(t, http.Header{"If-None-Match": {`"one"`}}, again, "the caller's header is left alone")
}

func TestGetUnaskedNotModified(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(304)
		return true
	}
	c, _ := newClient(t)
	_, err := c.Get(context.Background(), s.URL, nil, 5)
	var status *StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 304, status.Code)
}

func TestGetTooLarge(t *testing.T) {
	for name, flush := range map[string]bool{"announced": false, "chunked": true} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if flush {
					_, _ = w.Write([]byte("hello"))
					_ = http.NewResponseController(w).Flush()
					return true
				}
				w.Header().Set("Content-Length", "5")
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done() // the header is enough to know
				return true
			}
			c, n := newClient(t)
			c.Stall = time.Second
			_, err := c.Get(context.Background(), s.URL, nil, 4)
			require.ErrorIs(t, err, ErrTooLarge)
			require.Empty(t, n.each)
		})
	}
}

func TestGetRetries(t *testing.T) {
	content := randomBytes(40, 100_000)
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		switch n {
		case 1:
			w.Header().Set("Connection", "close") // else net/http itself repeats after a reset
			w.WriteHeader(502)
		case 2:
			hangUp(w, true)
		case 3:
			s.serve(w, r, 50_000, true)
		default:
			return false
		}
		return true
	}
	c, n := newClient(t)
	doc, err := c.Get(context.Background(), s.URL, nil, 1<<20)
	require.NoError(t, err)
	requireSame(t, content, doc.Body)
	require.Len(t, n.each, 3)
}

func TestGetEnds(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		s.serve(w, r, 0, true)
		return true
	}
	c, n := newClient(t)
	c.Retries = 3
	s.content = []byte("never")
	_, err := c.Get(context.Background(), s.URL, nil, 10)
	var network *Error
	require.ErrorAs(t, err, &network)
	require.Equal(t, 3, network.Tried)
	require.Len(t, n.each, 2)
}

// The list of releases is asked for with gzip and arrives plain.
func TestGetUndoesGzip(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Encoding", r.Header.Get("Accept-Encoding"))
		z := gzip.NewWriter(w)
		_, _ = z.Write(make([]byte, 10_000))
		_ = z.Close()
		return true
	}
	c, _ := newClient(t)
	doc, err := c.Get(context.Background(), s.URL, nil, 10_000)
	require.NoError(t, err)
	require.Equal(t, make([]byte, 10_000), doc.Body)
	_, err = c.Get(context.Background(), s.URL, nil, 9_999)
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestHead(t *testing.T) {
	tests := []struct {
		name   string
		script func(w http.ResponseWriter, r *http.Request) bool
		size   int64
		code   int
	}{
		{name: "head", size: 5},
		{name: "405, range", size: 5, script: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead {
				w.WriteHeader(405)
				return true
			}
			return false
		}},
		{name: "405, range ignored", size: 5, script: func(w http.ResponseWriter, r *http.Request) bool {
			r.Header.Del("Range")
			if r.Method == http.MethodHead {
				w.WriteHeader(405)
				return true
			}
			return false
		}},
		{name: "405, odd range", size: -1, script: func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(map[string]int{"HEAD": 405, "GET": 206}[r.Method])
			return true
		}},
		{name: "unknown", size: -1, script: func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Transfer-Encoding", "chunked")
			w.WriteHeader(200)
			return true
		}},
		{name: "404", code: 404, script: func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(404)
			return true
		}},
		{name: "405, then 404", code: 404, script: func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(map[string]int{"HEAD": 405, "GET": 404}[r.Method])
			return true
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, []byte("hello"))
			if tt.script != nil {
				s.script = func(_ int, w http.ResponseWriter, r *http.Request) bool { return tt.script(w, r) }
			}
			c, _ := newClient(t)
			size, err := c.Head(context.Background(), s.URL)
			if tt.code != 0 {
				var status *StatusError
				require.ErrorAs(t, err, &status)
				require.Equal(t, tt.code, status.Code)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.size, size)
		})
	}
}

func TestZeroClient(t *testing.T) {
	s := newServer(t, []byte("hello"))
	doc, err := new(Client).Get(context.Background(), s.URL, nil, 10)
	require.NoError(t, err)
	require.Equal(t, "hello", string(doc.Body))
}

func TestGetCancelled(t *testing.T) {
	s := newServer(t, nil)
	c, n := newClient(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Get(ctx, s.URL, nil, 10)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, errors.As(err, new(*Error)))
	require.Empty(t, n.each)
}
