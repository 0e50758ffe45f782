package fsio

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const ownMounts = "FSIO_TEST_OWN_MOUNTS"

// TestMain gives the tests mounts that nobody else sees: to all threads of a new
// process, because a probe measures on one that the test does not know.
func TestMain(m *testing.M) {
	if os.Getenv(ownMounts) != "" || os.Geteuid() != 0 {
		os.Exit(m.Run())
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), ownMounts+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	}
	os.Exit(m.Run()) // no namespaces here; tests that mount are skipped
}

func needMounts(t *testing.T) {
	t.Helper()
	if os.Getenv(ownMounts) == "" {
		require.Empty(t, os.Getenv("REQUIRE_UNSHARE"), "no mounts of our own")
		t.Skip("no mounts of our own")
	}
}

// tmpfs mounts a file system in memory.
func tmpfs(t *testing.T, options string) (dir string) {
	t.Helper()
	needMounts(t)
	dir = t.TempDir()
	require.NoError(t, unix.Mount("tmpfs", dir, "tmpfs", 0, options))
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// disk is a directory whose fsync does something.
func disk(t *testing.T) (dir string) {
	t.Helper()
	for _, parent := range []string{os.TempDir(), "/var/tmp", "."} {
		if fs, err := Identify(parent); err == nil && fs.Type() != "tmpfs" && fs.Type() != "overlay" {
			dir, err = os.MkdirTemp(parent, "fsio-test-*")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
			return dir
		}
	}
	t.Skip("all is in memory")
	return ""
}

// ntfs mounts a file system that a process serves, and returns its pid.
func ntfs(t *testing.T) (dir string, pid int) {
	t.Helper()
	needMounts(t)
	for _, command := range []string{"mkfs.ntfs", "lowntfs-3g"} {
		if _, err := exec.LookPath(command); err != nil {
			require.Empty(t, os.Getenv("REQUIRE_NTFS"), "%v", err)
			t.Skip(err)
		}
	}
	if file, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0); err != nil {
		t.Skip(err) // the kernel's to give, or the container's
	} else {
		require.NoError(t, file.Close())
	}
	dir = t.TempDir()
	image := filepath.Join(t.TempDir(), "ntfs")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 256<<20))
	out, err := exec.Command("mkfs.ntfs", "--force", "--quick", "--quiet", image).CombinedOutput()
	require.NoError(t, err, "%s", out)
	server := exec.Command("lowntfs-3g", "-o", "no_detach", image, dir)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGCONT)
		_ = unix.Unmount(dir, unix.MNT_DETACH)
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		fs, err := Identify(dir)
		return err == nil && strings.HasPrefix(fs.Type(), "fuse")
	}, 10e9, 20e6)
	return dir, server.Process.Pid
}

// empty says that nothing of ours is left.
func empty(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		left, err := filepath.Glob(filepath.Join(dir, Prefix+"*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
}
