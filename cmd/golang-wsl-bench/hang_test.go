package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/fsio"
)

// served mounts a file system that a process serves, as a drive of Windows is.
func served(t *testing.T) (dir string, server *os.Process) {
	t.Helper()
	for _, command := range []string{"mkfs.ntfs", "lowntfs-3g"} {
		if _, err := exec.LookPath(command); err != nil {
			require.Empty(t, os.Getenv("REQUIRE_NTFS"), "%v", err)
			t.Skip(err)
		}
	}
	file, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err) // the kernel's to give, or the container's
	}
	require.NoError(t, file.Close())
	dir = t.TempDir()
	image := filepath.Join(t.TempDir(), "ntfs")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 256<<20))
	out, err := exec.Command("mkfs.ntfs", "--force", "--quick", "--quiet", image).CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.Command("lowntfs-3g", "-o", "no_detach", image, dir)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		fs, err := fsio.Identify(dir)
		return err == nil && fs.Mount.Point == dir
	}, 10*time.Second, 20*time.Millisecond)
	return dir, cmd.Process
}

// A process with a thread in a file system that hangs can be killed by nobody: it is
// left behind, with an error that says which directory it was.
func TestFileSystemHangs(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may mount")
	}
	dir, server := served(t)
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("golang-wsl-bench", "fs", "--quick", "--go=false", "--timeout", "1s", dir)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, fsio.Prefix+"*", "small*"))
		return len(found) > 0
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, server.Signal(syscall.SIGSTOP))

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		require.Error(t, err)
	case <-time.After(40 * time.Second):
		_ = cmd.Process.Kill()
		require.Fail(t, "it waits for what cannot end")
	}
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
	require.Empty(t, stdout.String())
	require.Regexp(t, `^golang-wsl: error: measure fs: \S+ in `+dir+`: it has not returned after \S+; \S+ is left\n$`, stderr.String())
}
