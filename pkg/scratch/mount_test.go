package scratch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mountTmpfs mounts a file system in memory where only this test sees it.
func mountTmpfs(t *testing.T, options string, flags uintptr) (dir string) {
	t.Helper()
	ownMounts(t)
	dir = t.TempDir()
	require.NoError(t, unix.Mount("tmpfs", dir, "tmpfs", flags, options))
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
	return dir
}

// mountNTFS mounts a file system of Windows, by the driver that needs no kernel
// for it: modes have no effect there, and names that differ by case are the same.
func mountNTFS(t *testing.T) (dir string) {
	t.Helper()
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
	ownMounts(t)
	dir = t.TempDir()
	image := filepath.Join(t.TempDir(), "ntfs")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 8<<20))
	for _, argv := range [][]string{
		{"mkfs.ntfs", "--force", "--quick", "--quiet", image},
		{"lowntfs-3g", "-o", "ignore_case", image, dir},
	} {
		out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
	return dir
}

// ownMounts gives the thread of the test mounts that nobody else sees. The thread
// is not given back, and ends with the test.
func ownMounts(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		require.Empty(t, os.Getenv("REQUIRE_UNSHARE"), "%v", err)
		t.Skip(err)
	}
	// In a chroot, whose root is no mount, this fails, and what is mounted here may
	// be seen outside until it is unmounted.
	_ = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
}
