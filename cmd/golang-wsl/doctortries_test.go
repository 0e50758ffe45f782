package main

import (
	"os"
	"path/filepath"
	"testing"
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
// where nothing ends; and no new ones are made.
func TestTriesEnd(t *testing.T) {
	tr := new(tries)
	tr.running.RLock()
	ended := make(chan struct{})
	go func() {
		tr.end(time.Hour)
		close(ended)
	}()
	require.Eventually(t, func() bool { return !tryRLock(tr) }, time.Minute, time.Millisecond, "another may begin")
	select {
	case <-ended:
		t.Fatal("one is still under way")
	default:
	}
	tr.running.RUnlock()
	<-ended
	require.False(t, tryRLock(tr))
}

func tryRLock(tr *tries) bool {
	got := tr.running.TryRLock()
	if got {
		tr.running.RUnlock()
	}
	return got
}

func TestTriesEndWhereNothingEnds(t *testing.T) {
	tr := new(tries)
	tr.running.RLock()
	defer tr.running.RUnlock()
	tr.end(time.Millisecond)
}
