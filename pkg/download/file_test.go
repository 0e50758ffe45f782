package download

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	content := randomBytes(50, 100_000)
	name := filepath.Join(dir, "v0.0.1 zip")
	require.NoError(t, os.WriteFile(name, content, 0o600))
	url := "file://" + dir + "/v0.0.1%20zip"
	c, _ := newClient(t)
	ctx, cancel := context.WithCancel(context.Background())

	doc, err := c.Get(ctx, url, nil, 100_000)
	require.NoError(t, err)
	require.Equal(t, 200, doc.Status)
	requireSame(t, content, doc.Body)
	_, err = c.Get(ctx, url, nil, 99_999)
	require.ErrorIs(t, err, ErrTooLarge)
	size, err := c.Head(ctx, url)
	require.NoError(t, err)
	require.Equal(t, int64(100_000), size)

	part := filepath.Join(dir, "part")
	body, err := c.Open(ctx, url, part)
	require.NoError(t, err)
	require.Equal(t, int64(100_000), body.Size)
	require.Zero(t, body.Resumed())
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	requireSame(t, content, data)
	require.NoError(t, body.Close())
	require.NoFileExists(t, part)

	body, err = c.Open(ctx, url, part)
	require.NoError(t, err)
	defer body.Close()
	cancel()
	_, err = body.Read(make([]byte, 10))
	require.ErrorIs(t, err, context.Canceled)
}

func TestFileFaults(t *testing.T) {
	dir := t.TempDir()
	c, _ := newClient(t)
	ctx := context.Background()
	for url, missing := range map[string]bool{
		"file://" + dir + "/none": true,
		"file://" + dir:           false,
		"file://far" + dir:        false,
	} {
		_, err := c.Get(ctx, url, nil, 10)
		require.Error(t, err)
		require.Equal(t, missing, IsNotFound(err), url)
		_, err = c.Head(ctx, url)
		require.Error(t, err)
		require.Equal(t, missing, IsNotFound(err), url)
		_, err = c.Open(ctx, url, "")
		require.Error(t, err)
		require.Equal(t, missing, IsNotFound(err), url)
	}
}

// A part file in a directory that is not there is not a missing download.
func TestPartFaults(t *testing.T) {
	s := newServer(t, nil)
	c, _ := newClient(t)
	_, err := c.Open(context.Background(), s.URL, filepath.Join(t.TempDir(), "no", "part"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.False(t, IsNotFound(err))
}
