package download

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOpenClean(t *testing.T) {
	content := randomBytes(1, 300_000)
	s := newServer(t, content)
	c, n := newClient(t)
	part := partPath(t)
	body, err := c.Open(context.Background(), s.URL, part)
	require.NoError(t, err)
	require.Equal(t, int64(len(content)), body.Size)
	require.Zero(t, body.Resumed())
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	requireSame(t, content, data)
	requireFile(t, part, content)
	require.NoError(t, body.Close())
	require.NoError(t, body.Close())
	_, err = body.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.Empty(t, n.each)
	require.Equal(t, []string{"identity"}, s.seen("Accept-Encoding"))
	require.NoError(t, Discard(part))
	require.NoError(t, Discard(part))
	files, err := os.ReadDir(filepath.Dir(part))
	require.NoError(t, err)
	require.Empty(t, files)
}

// Each chunk is in the part file before the reader has it.
func TestReadKeepsFirst(t *testing.T) {
	content := randomBytes(2, 200_000)
	s := newServer(t, content)
	c, _ := newClient(t)
	part := partPath(t)
	body, err := c.Open(context.Background(), s.URL, part)
	require.NoError(t, err)
	defer body.Close()
	for given := 0; ; {
		n, err := body.Read(make([]byte, 64<<10))
		given += n
		requireFile(t, part, content[:given])
		if err == io.EOF {
			require.Equal(t, len(content), given)
			return
		}
		require.NoError(t, err)
	}
}

// A line that breaks at random places, in a random way, over several processes
// that stop at random places, ends in the same bytes.
func TestOpenRandomFaults(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd, line := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 1))
			content := randomBytes(seed, 1+rnd.IntN(400_000))
			s := newServer(t, content)
			if seed%3 == 1 {
				s.etag, s.modified = `W/"weak"`, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			} else if seed%3 == 2 {
				s.etag = ""
			}
			faults := 1 + rnd.IntN(12)
			s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
				s.mu.Lock()
				kind, limit := line.IntN(6), line.IntN(len(content))
				s.mu.Unlock()
				if n > faults {
					return false
				}
				switch kind {
				case 0:
					w.WriteHeader(500 + limit%5)
				case 1:
					hangUp(w, true)
				case 2: // the range is ignored
					r.Header.Del("Range")
					s.serve(w, r, limit, false)
				default:
					s.serve(w, r, limit, kind%2 == 0)
				}
				return true
			}
			c, _ := newClient(t)
			c.Retries = 13
			part := partPath(t)
			var data []byte
			for try := 0; ; try++ {
				require.Less(t, try, 50)
				body, err := c.Open(context.Background(), s.URL, part)
				require.NoError(t, err)
				if body.Size >= 0 {
					require.Equal(t, int64(len(content)), body.Size)
				}
				var r io.Reader = body
				stop := rnd.IntN(3) == 0 && try < 5
				if stop {
					r = io.LimitReader(body, int64(rnd.IntN(len(content))))
				}
				data, err = io.ReadAll(r)
				require.NoError(t, err)
				requireSame(t, content[:len(data)], data)
				require.NoError(t, body.Close())
				if !stop {
					break
				}
			}
			requireSame(t, content, data)
			requireFile(t, part, content)
		})
	}
}

// A line that breaks more often than there are tries, but always moves.
func TestProgressResetsTries(t *testing.T) {
	content := randomBytes(3, 100_000)
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		s.serve(w, r, 1000, false)
		return true
	}
	c, n := newClient(t)
	data, err := fetch(c, s.URL, partPath(t))
	require.NoError(t, err)
	requireSame(t, content, data)
	require.Len(t, s.seen("Range"), 100)
	for _, pause := range n.each {
		require.Less(t, pause, time.Second, "progress resets the pause")
	}
}

// Progress of one byte a try does not go on for ever.
func TestResumesAreBounded(t *testing.T) {
	s := newServer(t, randomBytes(4, 5000))
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		s.serve(w, r, 1, false)
		return true
	}
	c, _ := newClient(t)
	_, err := fetch(c, s.URL, partPath(t))
	var network *Error
	require.ErrorAs(t, err, &network)
	require.Equal(t, maxTries, network.Tried)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// Odd servers say Content-Encoding: gzip of a .tar.gz that is just that.
func TestContentEncodingIsLeftAlone(t *testing.T) {
	content := []byte("\x1f\x8b not really gzip")
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Encoding", "gzip")
		return false
	}
	c, _ := newClient(t)
	data, err := fetch(c, s.URL+"/go.tar.gz", partPath(t))
	require.NoError(t, err)
	require.Equal(t, content, data)
}
