package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/scratch"
)

func TestTriesRun(t *testing.T) {
	dir := t.TempDir()
	runs, err := new(tries).Runs(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, runs)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
	_, err = new(tries).Runs(t.Context(), filepath.Join(dir, "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist, "no verdict")
}

// What somebody has open for writing is tried again.
func TestStartOfBusyFile(t *testing.T) {
	name, remove, err := scratch.Program(t.Context(), t.TempDir())
	require.NoError(t, err)
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	require.NoError(t, err)
	time.AfterFunc(10*time.Millisecond, func() { file.Close() })
	require.NoError(t, start(t.Context(), name))
	require.NoError(t, remove())
}

// The program does not end before the scratch files are gone, unless they are
// where nothing ends.
func TestTriesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := new(tries)
		end := tr.begin()
		begin := time.Now()
		time.AfterFunc(300*time.Millisecond, end)
		tr.wait(time.Second)
		require.Equal(t, 300*time.Millisecond, time.Since(begin))
		end = tr.begin()
		tr.wait(time.Second)
		require.Equal(t, 1300*time.Millisecond, time.Since(begin))
		end()
	})
}
