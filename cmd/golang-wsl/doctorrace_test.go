package main

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// Real: this go, with and without what it needs.
func TestTryRace(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("GOFLAGS", "-mod=vendor")
	t.Setenv("GORACE", "log_path="+filepath.Join(temporary, "log"))
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	project := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(project, "go.mod"), []byte("module m\n\ngo 1.999\n"), 0o600))
	t.Chdir(project)

	t.Run("works", func(t *testing.T) {
		if _, err := exec.LookPath("gcc"); err != nil {
			t.Skip(err)
		}
		out, err := tryRace(t.Context(), "go")
		require.NoError(t, err)
		require.Contains(t, out, "WARNING: DATA RACE")
		require.NoDirExists(t, filepath.Join(config, "go", "telemetry"), "the go command has counted the trial")
		require.Equal(t, doctor.OK, diagnosed(t, "race").Status)
	})
	t.Run("without cgo", func(t *testing.T) {
		t.Setenv("CGO_ENABLED", "0")
		out, err := tryRace(t.Context(), "go")
		require.NoError(t, err)
		require.Contains(t, out, "-race requires cgo")
	})
	t.Run("no compiler", func(t *testing.T) {
		t.Setenv("CC", "no-such-compiler")
		out, err := tryRace(t.Context(), "go")
		require.NoError(t, err)
		require.Contains(t, out, `C compiler "no-such-compiler" not found`)
	})
	t.Run("late", func(t *testing.T) {
		slow := filepath.Join(t.TempDir(), "go")
		require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\nsleep 60 & echo $! >\"$GOTMPDIR/../child\"; wait\n"), 0o700))
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		begin := time.Now()
		_, err := tryRace(ctx, slow)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, time.Since(begin), 5*time.Second)
		child, err := os.ReadFile(filepath.Join(temporary, "child"))
		require.NoError(t, err)
		require.Eventually(t, func() bool { return ended(strings.TrimSpace(string(child))) }, 5*time.Second, 10*time.Millisecond, "its child goes on")
		require.NoError(t, os.Remove(filepath.Join(temporary, "child")))
	})
	t.Run("nothing is left", func(t *testing.T) {
		left, err := os.ReadDir(temporary)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

// The first trial fills the build cache, and no other adds to it. Two at a time do
// not disturb each other.
func TestTryRaceAgain(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip(err)
	}
	cache := t.TempDir()
	t.Setenv("GOCACHE", cache)
	t.Setenv("TMPDIR", t.TempDir())
	try := func() (files int) {
		out, err := tryRace(t.Context(), "go")
		require.NoError(t, err)
		require.Contains(t, out, "WARNING: DATA RACE")
		require.NoError(t, filepath.WalkDir(cache, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				files++
			}
			return err
		}))
		return files
	}
	first := try()
	require.Equal(t, first, try())
	require.Equal(t, first, try())
	busy, err := raceDir()
	require.NoError(t, err)
	require.Greater(t, try(), first, "from a directory of another name")
	require.DirExists(t, busy)
}

// ended reports whether a process is none any more.
func ended(id string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", id, "stat"))
	return err != nil || strings.Contains(string(stat), ") Z ")
}
