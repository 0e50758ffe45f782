package download

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCancelDuringPrefix(t *testing.T) {
	s := newServer(t, randomBytes(37, 100_000))
	c, _ := newClient(t)
	part := partPath(t)
	leave(t, c, s.URL, part, 50_000)
	ctx, cancel := context.WithCancel(context.Background())
	body, err := c.Open(ctx, s.URL, part)
	require.NoError(t, err)
	defer body.Close()
	cancel()
	n, err := body.Read(make([]byte, 1000))
	require.Zero(t, n)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCancel(t *testing.T) {
	content := randomBytes(8, 50_000)
	s := newServer(t, content)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("ETag", s.etag)
		w.Header().Set("Content-Length", "50000")
		_, _ = w.Write(content[:10_000])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return true
	}
	c, _ := newClient(t)
	part := partPath(t)
	ctx, cancel := context.WithCancel(context.Background())
	body, err := c.Open(ctx, s.URL, part)
	require.NoError(t, err)
	_, err = io.ReadFull(body, make([]byte, 10_000))
	require.NoError(t, err)
	time.AfterFunc(20*time.Millisecond, cancel)
	start := time.Now()
	_, err = body.Read(make([]byte, 1000))
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(start), 5*time.Second)
	require.False(t, errors.As(err, new(*Error)), "no fault of the network")
	require.NoError(t, body.Close())

	body, err = c.Open(context.Background(), s.URL, part)
	require.NoError(t, err)
	defer body.Close()
	require.Equal(t, int64(10_000), body.Resumed())
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	requireSame(t, content, data)
}

func TestCancelDuringPause(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	c, _ := newClient(t)
	c.Sleep = nil
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := c.Open(ctx, s.URL, partPath(t))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 10*time.Second)
}
