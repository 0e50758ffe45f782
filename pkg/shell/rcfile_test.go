package shell

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func writeRC(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
	require.NoError(t, os.Chmod(path, mode))
}

func requireFile(t *testing.T, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
}

func applyEdit(t *testing.T, e *Edit, err error) {
	t.Helper()
	require.NoError(t, err)
	require.NoError(t, e.Apply())
}

func setupRC(t *testing.T, name string) {
	t.Helper()
	e, err := PlanInsert(name, hookLine)
	applyEdit(t, e, err)
}

func undoRC(t *testing.T, name string) {
	t.Helper()
	e, err := PlanRemove(name)
	applyEdit(t, e, err)
}

func TestEditAndBack(t *testing.T) {
	rc := filepath.Join(t.TempDir(), ".bashrc")
	writeRC(t, rc, "a", 0o640)
	setupRC(t, rc)
	requireFile(t, rc, "a\n"+noted(", after a line without an end"))
	requireFile(t, rc+BackupSuffix, "a")
	for _, path := range []string{rc, rc + BackupSuffix} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o640), info.Mode(), path)
	}
	undoRC(t, rc)
	requireFile(t, rc, "a")
	requireNames(t, filepath.Dir(rc), ".bashrc")
}

func requireNames(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.Equal(t, names, got)
}

func TestUnchangedFileIsNotTouched(t *testing.T) {
	rc := filepath.Join(t.TempDir(), ".bashrc")
	writeRC(t, rc, "a\n", 0o644)
	setupRC(t, rc)
	long := time.Unix(1e9, 0)
	require.NoError(t, os.Chtimes(rc, long, long))
	before, err := os.Stat(rc)
	require.NoError(t, err)
	e, err := PlanInsert(rc, hookLine)
	require.NoError(t, err)
	require.False(t, e.Changes())
	require.NoError(t, e.Apply())
	after, err := os.Stat(rc)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	require.Equal(t, long, after.ModTime())
}

func TestNewFileGoes(t *testing.T) {
	dir := t.TempDir()
	rc := filepath.Join(dir, "a", "b", "rc")
	e, err := PlanRemove(rc)
	require.NoError(t, err)
	require.False(t, e.Changes())
	applyEdit(t, e, err)

	setupRC(t, rc)
	requireNames(t, filepath.Dir(rc), "rc") // and no backup of nothing
	undoRC(t, rc)
	require.NoFileExists(t, rc)

	setupRC(t, rc)
	data, err := os.ReadFile(rc)
	require.NoError(t, err)
	writeRC(t, rc, string(data)+"mine\n", 0o644)
	undoRC(t, rc)
	requireFile(t, rc, "mine\n")

	writeRC(t, rc, "", 0o644) // an empty file was there
	setupRC(t, rc)
	undoRC(t, rc)
	requireFile(t, rc, "")
}

func TestBackupIsTheOriginal(t *testing.T) {
	rc := filepath.Join(t.TempDir(), ".bashrc")
	writeRC(t, rc, "a\n", 0o644)
	setupRC(t, rc)
	e, err := PlanInsert(rc, ". another\n")
	applyEdit(t, e, err)
	requireFile(t, rc+BackupSuffix, "a\n")

	data, err := os.ReadFile(rc)
	require.NoError(t, err)
	writeRC(t, rc, string(data)+"b\n", 0o644)
	undoRC(t, rc)
	requireFile(t, rc, "a\nb\n")
	requireFile(t, rc+BackupSuffix, "a\n") // which differs, and may be wanted

	setupRC(t, rc)
	requireFile(t, rc+BackupSuffix, "a\nb\n")
}

func TestLinksStay(t *testing.T) {
	tests := map[string]struct {
		links  map[string]string // name and where it leads
		target string
		exists bool
	}{
		"absolute":              {map[string]string{"home/rc": "ROOT/dot/rc"}, "dot/rc", true},
		"relative":              {map[string]string{"home/rc": "../dot/rc"}, "dot/rc", true},
		"chain":                 {map[string]string{"home/rc": "one", "home/one": "../dot/two", "dot/two": "sub/rc"}, "dot/sub/rc", true},
		"directory is a link":   {map[string]string{"home": "far/away/home", "far/away/home/rc": "../rc"}, "far/away/rc", true},
		"dangling":              {map[string]string{"home/rc": "../dot/rc"}, "dot/rc", false},
		"dangling chain":        {map[string]string{"home/rc": "one", "home/one": "ROOT/dot/rc"}, "dot/rc", false},
		"up from a linked dir":  {map[string]string{"home/d": "../dot/deep", "home/rc": "d/../rc"}, "dot/rc", true},
		"up, and nothing there": {map[string]string{"home/d": "../dot/deep", "home/rc": "d/../rc"}, "dot/rc", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			require.NoError(t, err)
			for _, dir := range []string{"dot/sub", "dot/deep", "far/away/home"} {
				require.NoError(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
			}
			if test.links["home"] == "" {
				require.NoError(t, os.Mkdir(filepath.Join(root, "home"), 0o755))
			}
			for from, to := range test.links {
				if rest, ok := cutRoot(to); ok {
					to = root + rest
				}
				require.NoError(t, os.Symlink(to, filepath.Join(root, from)))
			}
			target, rc := filepath.Join(root, test.target), filepath.Join(root, "home/rc")
			if test.exists {
				writeRC(t, target, "a\n", 0o600)
			}

			setupRC(t, rc)
			info, err := os.Lstat(rc)
			require.NoError(t, err)
			require.NotZero(t, info.Mode()&fs.ModeSymlink)
			info, err = os.Lstat(target)
			require.NoError(t, err)
			require.True(t, info.Mode().IsRegular())
			data, err := os.ReadFile(rc)
			require.NoError(t, err)
			require.True(t, HasBlock(data))
			if test.exists {
				require.Equal(t, fs.FileMode(0o600), info.Mode())
				require.FileExists(t, target+BackupSuffix)
			}

			undoRC(t, rc)
			_, err = os.Readlink(rc)
			require.NoError(t, err)
			require.NoFileExists(t, target+BackupSuffix)
			if test.exists {
				requireFile(t, target, "a\n")
			} else {
				require.NoFileExists(t, target)
			}
		})
	}
}

func cutRoot(path string) (string, bool) {
	if len(path) > 4 && path[:4] == "ROOT" {
		return path[4:], true
	}
	return path, false
}

func TestNoFileToEdit(t *testing.T) {
	dir := t.TempDir()
	for name, make := range map[string]func(path string) error{
		"directory":        func(path string) error { return os.Mkdir(path, 0o755) },
		"pipe":             func(path string) error { return unix.Mkfifo(path, 0o644) },
		"link to a device": func(path string) error { return os.Symlink("/dev/null", path) },
		"loop":             func(path string) error { return os.Symlink(filepath.Base(path), path) },
	} {
		rc := filepath.Join(dir, name)
		require.NoError(t, make(rc))
		for _, plan := range []func() (*Edit, error){
			func() (*Edit, error) { return PlanInsert(rc, hookLine) },
			func() (*Edit, error) { return PlanRemove(rc) },
		} {
			_, err := plan()
			require.ErrorContains(t, err, "edit "+rc+": ", name)
		}
	}
	below := filepath.Join(dir, "pipe", "rc") // below what is no directory
	_, err := PlanInsert(below, hookLine)
	require.ErrorIs(t, err, syscall.ENOTDIR)

	// Nothing is made behind a link but the file.
	rc := filepath.Join(dir, "rc")
	require.NoError(t, os.Symlink(filepath.Join(dir, "unmounted", "rc"), rc))
	e, err := PlanInsert(rc, hookLine)
	require.NoError(t, err)
	require.ErrorIs(t, e.Apply(), fs.ErrNotExist)
	require.NoDirExists(t, filepath.Join(dir, "unmounted"))
}

// asNobody runs fn without root's rights over files. Linux has them per thread.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		require.NoError(t, unix.Setfsgid(65534))
		require.NoError(t, unix.Setfsuid(65534))
		defer func() {
			require.NoError(t, unix.Setfsuid(0))
			require.NoError(t, unix.Setfsgid(0))
		}()
	}
	fn()
}

func TestNoPermission(t *testing.T) {
	for name, modes := range map[string]struct{ dir, file fs.FileMode }{
		"read-only file":      {0o777, 0o444},
		"read-only directory": {0o555, 0o666},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			rc := filepath.Join(dir, ".bashrc")
			writeRC(t, rc, "a\n", modes.file)
			require.NoError(t, os.Chmod(dir, modes.dir))
			if os.Geteuid() == 0 {
				require.NoError(t, os.Chown(rc, 65534, 65534))
			}
			defer os.Chmod(dir, 0o755)
			for parent := filepath.Dir(dir); parent != os.TempDir() && len(parent) > 1; parent = filepath.Dir(parent) {
				_ = os.Chmod(parent, 0o755)
			}
			asNobody(t, func() {
				e, err := PlanInsert(rc, hookLine)
				require.NoError(t, err)
				err = e.Apply()
				require.ErrorIs(t, err, fs.ErrPermission)
				require.ErrorContains(t, err, "edit "+rc+": ")
			})
			requireFile(t, rc, "a\n")
			requireNames(t, dir, ".bashrc")
		})
	}
}

func TestRootKeepsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	rc := filepath.Join(t.TempDir(), ".bashrc")
	writeRC(t, rc, "a\n", 0o640)
	require.NoError(t, os.Chown(rc, 1234, 4321))
	setupRC(t, rc)
	for _, path := range []string{rc, rc + BackupSuffix} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		st := info.Sys().(*syscall.Stat_t)
		require.Equal(t, []uint32{1234, 4321}, []uint32{st.Uid, st.Gid}, path)
		require.Equal(t, fs.FileMode(0o640), info.Mode(), path)
	}
}

func TestPlanWrite(t *testing.T) {
	hook := filepath.Join(t.TempDir(), "new", "hook")
	for _, text := range []string{"one\n", "two\n"} {
		e, err := PlanWrite(hook, []byte(text))
		require.NoError(t, err)
		require.True(t, e.Changes())
		applyEdit(t, e, err)
		requireFile(t, hook, text)
		e, err = PlanWrite(hook, []byte(text))
		require.NoError(t, err)
		require.False(t, e.Changes())
	}
	requireNames(t, filepath.Dir(hook), "hook")
}
