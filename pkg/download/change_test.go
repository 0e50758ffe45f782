package download

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// broken serves the first part of the content, then what the test says.
func broken(t *testing.T, content []byte, then func(s *server, n int, w http.ResponseWriter, r *http.Request) bool) *server {
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			s.serve(w, r, 30_000, false)
			return true
		}
		return then(s, n, w, r)
	}
	return s
}

func TestContentChanges(t *testing.T) {
	content := randomBytes(24, 100_000)
	same := randomBytes(25, 100_000)
	late := append(content[:60_000:60_000], same[60_000:]...)
	tests := []struct {
		name string
		to   []byte
		etag string
		deaf string // a header that the server does not look at
		want []byte // nil: ErrChanged
	}{
		{name: "other etag", to: same, etag: `"two"`},
		{name: "other etag, if-range ignored", to: same, etag: `"two"`, deaf: "If-Range"},
		{name: "other length", to: same[:90_000], etag: `"two"`},
		{name: "other length, if-range ignored", to: same[:90_000], etag: `"two"`, deaf: "If-Range"},
		{name: "shorter than what came", to: same[:1000], etag: `"one"`},
		{name: "range ignored", to: same, etag: `"one"`, deaf: "Range"},
		{name: "longer with the same beginning", to: append(content[:100_000:100_000], 'x'), etag: `"two"`},
		{name: "other etag of the same bytes", to: content, etag: `"two"`, want: content},
		{name: "other etag of the same bytes, if-range ignored", to: content, etag: `"two"`, deaf: "If-Range", want: content},
		{name: "differs only later on", to: late, etag: `"two"`, want: late},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
				s.set(tt.to, tt.etag)
				r.Header.Del(tt.deaf)
				return false
			})
			c, _ := newClient(t)
			part := partPath(t)
			data, err := fetch(c, s.URL, part)
			if tt.want != nil {
				require.NoError(t, err)
				requireSame(t, tt.want, data)
				requireFile(t, part, tt.want)
				return
			}
			require.ErrorIs(t, err, ErrChanged)
			require.NoFileExists(t, part)
			require.NoFileExists(t, sealPath(part))
			data, err = fetch(c, s.URL, part)
			require.NoError(t, err)
			requireSame(t, tt.to, data)
		})
	}
}

// Where only a weak ETag names the content, a change is still found.
func TestWeakETagChanges(t *testing.T) {
	content, other := randomBytes(26, 100_000), randomBytes(27, 100_000)
	s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
		s.set(other, `W/"two"`)
		return false
	})
	s.etag = `W/"one"`
	c, _ := newClient(t)
	_, err := fetch(c, s.URL, partPath(t))
	require.ErrorIs(t, err, ErrChanged)
	require.Equal(t, []string{"", "", ""}, s.seen("If-Range"))
	require.Equal(t, []string{"", "bytes=30000-", ""}, s.seen("Range"))
}

// A content that loses its validator midway is of no use to the next process.
func TestValidatorLost(t *testing.T) {
	content := randomBytes(38, 100_000)
	s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
		s.set(content, "")
		return false
	})
	c, _ := newClient(t)
	part := partPath(t)
	data, err := fetch(c, s.URL, part)
	require.NoError(t, err)
	requireSame(t, content, data)
	require.NoFileExists(t, sealPath(part))
}

// Servers that get ranges wrong are asked for everything, and end well.
func TestBrokenRanges(t *testing.T) {
	content := randomBytes(28, 100_000)
	headers := []string{
		"", "bytes", "bytes 0-99999/100000", "bytes 29999-99999/100000", "bytes 30000-/100000",
		"bytes */100000", "bytes 30000-200000/100000", "items 30000-99999/100000",
	}
	for _, code := range []int{206, 416} {
		for _, header := range headers {
			t.Run(fmt.Sprint(code, header), func(t *testing.T) {
				s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
					if n > 2 {
						return false
					}
					w.Header().Set("Content-Range", header)
					w.WriteHeader(code)
					_, _ = w.Write([]byte("wrong bytes"))
					return true
				})
				c, n := newClient(t)
				data, err := fetch(c, s.URL, partPath(t))
				require.NoError(t, err)
				requireSame(t, content, data)
				require.Len(t, n.each, 2)
				require.Equal(t, []string{"", "bytes=30000-", ""}, s.seen("Range"))
			})
		}
	}
}

// A 206 that names another total is other content.
func TestOtherTotal(t *testing.T) {
	for _, header := range []string{"bytes 30000-99999/100001", "bytes */99999"} {
		code := http.StatusPartialContent
		if header[6] == '*' {
			code = http.StatusRequestedRangeNotSatisfiable
		}
		s := broken(t, randomBytes(29, 100_000), func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Range", header)
			w.WriteHeader(code)
			return true
		})
		c, _ := newClient(t)
		_, err := fetch(c, s.URL, partPath(t))
		require.ErrorIs(t, err, ErrChanged)
	}
}

// A change of the name of the same bytes costs one pass from byte 0, not more.
func TestRenamedContent(t *testing.T) {
	for _, deaf := range []string{"", "If-Range"} {
		content := randomBytes(33, 100_000)
		s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
			s.set(content, `"two"`)
			r.Header.Del(deaf)
			if n > 3 {
				return false
			}
			s.serve(w, r, 60_000, false)
			return true
		})
		c, _ := newClient(t)
		data, err := fetch(c, s.URL, partPath(t))
		require.NoError(t, err)
		requireSame(t, content, data)
		ranges, conditions := s.seen("Range"), s.seen("If-Range")
		require.Equal(t, "bytes=60000-", ranges[len(ranges)-1])
		require.Equal(t, `"two"`, conditions[len(conditions)-1])
	}
}

// Some caches answer a range with less than all of the rest.
func TestShortRanges(t *testing.T) {
	content := randomBytes(30, 100_000)
	s := broken(t, content, func(s *server, n int, w http.ResponseWriter, r *http.Request) bool {
		var from int
		_, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		if err != nil {
			return false
		}
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+9_999))
		return false
	})
	c, _ := newClient(t)
	data, err := fetch(c, s.URL, partPath(t))
	require.NoError(t, err)
	requireSame(t, content, data)
}
