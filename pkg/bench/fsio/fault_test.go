package fsio

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// wrong measures where it must fail, and returns the error, which names the place.
func wrong(t *testing.T, o Options, place string) *Error {
	t.Helper()
	run, err := bench.Once(t.Context(), New(o))
	require.Error(t, err)
	require.True(t, run.Partial)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, place, e.Dir)
	t.Log(err)
	return e
}

func TestNotWritable(t *testing.T) {
	dir := tmpfs(t, "size=256m,mode=755")
	require.NoError(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	good := t.TempDir()
	e := wrong(t, Options{Dirs: []string{good, dir}, Quick: true}, dir)
	require.ErrorIs(t, e, unix.EROFS)
	empty(t, good)
	e = wrong(t, Options{Dirs: []string{filepath.Join(good, "missing")}, Quick: true}, filepath.Join(good, "missing"))
	require.ErrorIs(t, e, os.ErrNotExist)
	require.NoError(t, os.WriteFile(filepath.Join(good, "file"), nil, 0o600))
	e = wrong(t, Options{Dirs: []string{filepath.Join(good, "file")}, Quick: true}, filepath.Join(good, "file"))
	require.ErrorIs(t, e, unix.ENOTDIR)
}

// A file system that is too small is found out before it is full.
func TestTooSmall(t *testing.T) {
	dir := tmpfs(t, "size=16m")
	e := wrong(t, Options{Dirs: []string{dir}, Quick: true}, dir)
	require.ErrorIs(t, e, unix.ENOSPC)
	require.Contains(t, e.Error(), "16 MiB are free, and 64 are needed")
	empty(t, dir)
}

// One that is full meanwhile ends the run: of bytes, and of files.
func TestFull(t *testing.T) {
	for name, options := range map[string]string{"files": "size=256m,nr_inodes=600", "bytes": "size=70m"} {
		t.Run(name, func(t *testing.T) {
			good, dir := t.TempDir(), tmpfs(t, options)
			if name == "bytes" {
				go func() {
					for found := []string(nil); len(found) == 0; time.Sleep(time.Millisecond) {
						found, _ = filepath.Glob(filepath.Join(dir, Prefix+"*"))
					}
					_ = os.WriteFile(filepath.Join(dir, "other"), make([]byte, 80<<20), 0o600)
				}()
			}
			e := wrong(t, Options{Dirs: []string{good, dir}, Quick: true}, dir)
			require.ErrorIs(t, e, unix.ENOSPC)
			empty(t, good, dir)
		})
	}
}

func TestVanishes(t *testing.T) {
	parent, good := t.TempDir(), t.TempDir()
	dir := filepath.Join(parent, "dir")
	require.NoError(t, os.Mkdir(dir, 0o700))
	go func() {
		time.Sleep(time.Second)
		_ = os.Rename(dir, filepath.Join(parent, "gone"))
	}()
	e := wrong(t, Options{Dirs: []string{good, dir}}, dir)
	require.ErrorIs(t, e, os.ErrNotExist)
	require.Contains(t, e.Error(), "has gone away")
	empty(t, good)
}

// A file system whose server has stopped hangs whoever asks it for anything.
func TestHangs(t *testing.T) {
	dir, pid := ntfs(t)
	good := t.TempDir()
	go func() {
		time.Sleep(2 * time.Second)
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}()
	begin := time.Now()
	e := wrong(t, Options{Dirs: []string{good, dir}, Timeout: time.Second}, dir)
	require.ErrorIs(t, e, ErrHung)
	require.Less(t, time.Since(begin), 30*time.Second)
	empty(t, good)

	// The goroutine that hung cleans up behind itself once it can.
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	require.Eventually(t, func() bool {
		left, err := filepath.Glob(filepath.Join(dir, Prefix+"*"))
		return err == nil && len(left) == 0
	}, 30*time.Second, 50*time.Millisecond)
}

// Also where it hangs from the beginning.
func TestHangsAtOnce(t *testing.T) {
	dir, pid := ntfs(t)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	e := wrong(t, Options{Dirs: []string{dir}, Timeout: time.Second}, dir)
	require.ErrorIs(t, e, ErrHung)
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
}

// Where there is no inotify instance to have, that is what the error says. Here it is
// the process that has no file left, which is the same errno and leaves others alone.
func TestNoInotify(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dirs: []string{dir}, Quick: true, Only: []string{"inotify"}}
	require.NoError(t, o.check())
	s := newSession(o, "")
	require.NoError(t, s.places[0].prepare(1))
	var before unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: before.Max}))
	err := s.round(0)
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &before))
	require.ErrorIs(t, err, unix.EMFILE)
	require.ErrorContains(t, err, "max_user_instances")
	require.ErrorContains(t, err, "inotify in "+dir)
	require.NoError(t, s.places[0].leave())
	empty(t, dir)
}
