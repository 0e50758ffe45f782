package scratch_test

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/scratch"
)

// requireClean fails the test if something was left behind.
func requireClean(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		require.False(t, strings.HasPrefix(e.Name(), ".golang-wsl"), e.Name())
	}
}

// runs starts the program of a directory.
func runs(t *testing.T, dir string) error {
	t.Helper()
	name, remove, err := scratch.Program(t.Context(), dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, remove()) }()
	return exec.Command(name).Run()
}

func TestDirectoryOfLinux(t *testing.T) {
	dir := t.TempDir()
	stick, err := scratch.Modes(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, stick)
	folds, err := scratch.FoldsCase(t.Context(), dir)
	require.NoError(t, err)
	require.False(t, folds)
	require.NoError(t, runs(t, dir))
	require.NoError(t, scratch.Writes(t.Context(), dir))
	took, err := scratch.Miss(t.Context(), dir)
	require.NoError(t, err)
	require.Positive(t, took)
	require.Less(t, took, time.Second)
	requireClean(t, dir)
}

func TestDirectoryOfWindows(t *testing.T) {
	dir := mountNTFS(t)
	stick, err := scratch.Modes(t.Context(), dir)
	require.NoError(t, err)
	require.False(t, stick)
	folds, err := scratch.FoldsCase(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, folds)
	require.NoError(t, runs(t, dir), "each file has mode 0777")
	bytes, files, err := scratch.Free(dir)
	require.NoError(t, err)
	require.Less(t, bytes, uint64(8<<20))
	require.Greater(t, bytes, uint64(1<<20))
	require.Less(t, files, uint64(1<<20))
	requireClean(t, dir)
}

func TestNoexec(t *testing.T) {
	dir := mountTmpfs(t, "", unix.MS_NOEXEC)
	require.ErrorIs(t, runs(t, dir), os.ErrPermission)
	stick, err := scratch.Modes(t.Context(), dir)
	require.NoError(t, err)
	require.True(t, stick, "modes are one thing, to run another")
	requireClean(t, dir)
}

// What cannot be tried is an error, and not a verdict.
func TestFull(t *testing.T) {
	dir := mountTmpfs(t, "nr_inodes=2,size=64k", 0)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "last"), nil, 0o600))
	_, err := scratch.Modes(t.Context(), dir)
	require.ErrorIs(t, err, unix.ENOSPC)
	_, err = scratch.FoldsCase(t.Context(), dir)
	require.ErrorIs(t, err, unix.ENOSPC)
	_, files, err := scratch.Free(dir)
	require.NoError(t, err)
	require.Zero(t, files)
}

func TestFullOfBytes(t *testing.T) {
	dir := mountTmpfs(t, "nr_inodes=0,size=64k", 0)
	bytes, _, err := scratch.Free(dir)
	require.NoError(t, err)
	require.Equal(t, uint64(64<<10), bytes)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all"), make([]byte, 64<<10), 0o600))
	bytes, _, err = scratch.Free(dir)
	require.NoError(t, err)
	require.Zero(t, bytes)
	_, _, err = scratch.Program(t.Context(), dir)
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorIs(t, scratch.Writes(t.Context(), dir), unix.ENOSPC)
	requireClean(t, dir)
}

func TestNotCounted(t *testing.T) {
	bytes, files, err := scratch.Free(mountTmpfs(t, "nr_inodes=0,size=0", 0))
	require.NoError(t, err)
	require.Equal(t, []uint64{math.MaxUint64, math.MaxUint64}, []uint64{bytes, files})
}

func TestReadOnly(t *testing.T) {
	dir := mountTmpfs(t, "", unix.MS_RDONLY)
	_, err := scratch.Modes(t.Context(), dir)
	require.ErrorIs(t, err, unix.EROFS)
	_, err = scratch.FoldsCase(t.Context(), dir)
	require.ErrorIs(t, err, unix.EROFS)
	_, _, err = scratch.Program(t.Context(), dir)
	require.ErrorIs(t, err, unix.EROFS)
	require.ErrorIs(t, scratch.Writes(t.Context(), dir), unix.EROFS)
}

func TestNowhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	_, err := scratch.Modes(t.Context(), dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = scratch.Free(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = scratch.Miss(t.Context(), filepath.Join("/dev/null", "x"))
	require.ErrorIs(t, err, unix.ENOTDIR)
}

// dying ends after it was asked so often whether it has.
type dying struct {
	context.Context
	left *int
}

func (d dying) Err() error {
	if *d.left--; *d.left < 0 {
		return context.Canceled
	}
	return nil
}

// Whenever the context ends, there is an error and nothing is left.
func TestContextEnds(t *testing.T) {
	for name, try := range map[string]func(context.Context, string) error{
		"Modes":     func(ctx context.Context, dir string) error { _, err := scratch.Modes(ctx, dir); return err },
		"FoldsCase": func(ctx context.Context, dir string) error { _, err := scratch.FoldsCase(ctx, dir); return err },
		"Program":   func(ctx context.Context, dir string) error { _, _, err := scratch.Program(ctx, dir); return err },
		"Writes":    scratch.Writes,
		"Miss":      func(ctx context.Context, dir string) error { _, err := scratch.Miss(ctx, dir); return err },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for asked := 0; ; asked++ {
				left := asked
				err := try(dying{t.Context(), &left}, dir)
				if left >= 0 {
					require.NoError(t, err)
					require.Positive(t, asked, "nobody asked the context")
					return
				}
				require.ErrorIs(t, err, context.Canceled)
				requireClean(t, dir)
			}
		})
	}
}
