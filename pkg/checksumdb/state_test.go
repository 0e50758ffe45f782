package checksumdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb"
)

func TestSwap(t *testing.T) {
	s := state{t.TempDir()}
	const name = "log.example/latest"
	require.NoError(t, s.swap(t.Context(), name, nil, []byte("one")))
	require.ErrorIs(t, s.swap(t.Context(), name, nil, []byte("two")), sumdb.ErrWriteConflict)
	require.ErrorIs(t, s.swap(t.Context(), name, []byte("zero"), []byte("two")), sumdb.ErrWriteConflict)
	data, err := s.read(name)
	require.NoError(t, err)
	require.Equal(t, "one", string(data))
	require.NoError(t, s.swap(t.Context(), name, []byte("one"), []byte("two")))
}

// A process that holds the lock for too long does not hold up one that gives up.
func TestSwapWaitsForLock(t *testing.T) {
	s := state{t.TempDir()}
	other := flock.New(filepath.Join(s.dir, "latest.lock"))
	require.NoError(t, other.Lock())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.swap(ctx, "latest", nil, []byte("one")) }()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	_, err := s.read("latest")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, other.Unlock())
	require.NoError(t, s.swap(t.Context(), "latest", nil, []byte("one")))
}

func TestStateStaysBelow(t *testing.T) {
	s := state{t.TempDir()}
	for _, name := range []string{"../x", "a/../../x", "/etc/x", ""} {
		_, err := s.read(name)
		require.ErrorContains(t, err, "not below the cache directory", name)
		require.Error(t, s.write(name, []byte("x")), name)
	}
}

// What cannot be stored is an error that says so, not an insecure success.
func TestUnwritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o644))
	err := state{dir}.swap(t.Context(), "log.example/latest", nil, []byte("one"))
	require.True(t, errors.As(err, new(*os.PathError)), err)
}
