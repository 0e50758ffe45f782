package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A part file that is cut under our feet is a fault of the disk.
func TestPartShrinks(t *testing.T) {
	s := newServer(t, randomBytes(32, 100_000))
	c, _ := newClient(t)
	part := partPath(t)
	leave(t, c, s.URL, part, 50_000)
	body, err := c.Open(context.Background(), s.URL, part)
	require.NoError(t, err)
	defer body.Close()
	require.NoError(t, os.Truncate(part, 0))
	_, err = io.ReadAll(body)
	require.ErrorContains(t, err, "read part")
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	part := partPath(t)
	require.NoError(t, os.Symlink("/dev/full", part))
	s := newServer(t, randomBytes(9, 1000))
	c, n := newClient(t)
	_, err := fetch(c, s.URL, part)
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.False(t, errors.As(err, new(*Error)), "no fault of the network")
	require.Empty(t, n.each)
}

func TestOpenStatus(t *testing.T) {
	for code, tries := range map[int]int{403: 1, 404: 1, 410: 1, 401: 1, 204: 1, 206: 1, 408: 5, 429: 5, 500: 5, 503: 5} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			s := newServer(t, nil)
			s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
				w.WriteHeader(code)
				return true
			}
			c, _ := newClient(t)
			part := partPath(t)
			_, err := c.Open(context.Background(), s.URL, part)
			var status *StatusError
			require.ErrorAs(t, err, &status)
			require.Equal(t, code, status.Code)
			require.Len(t, s.seen("Range"), tries)
			require.Equal(t, tries > 1, errors.As(err, new(*Error)))
			require.Equal(t, code == 404 || code == 410, IsNotFound(err))
			require.NoFileExists(t, part, "an empty part file is litter")
		})
	}
}
