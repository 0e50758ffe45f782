package test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/scratch"
)

// needNTFS skips where a file system of Windows is not to be had, unless
// REQUIRE_NTFS is set. That the kernel has FUSE cannot be required.
func needNTFS(t *testing.T) {
	t.Helper()
	for _, command := range []string{"lowntfs-3g", "mkfs.ntfs"} {
		if _, err := exec.LookPath(command); err != nil {
			require.Empty(t, os.Getenv("REQUIRE_NTFS"), "%v", err)
			t.Skip(err)
		}
	}
	file, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	require.NoError(t, file.Close())
}

// mounted makes a command run after a script, in a mount namespace of its own. The
// script has the directory as $dir.
func mounted(t *testing.T, dir, script string, cmd *exec.Cmd) {
	t.Helper()
	needKernels(t)
	script = "dir=$1; shift; mount --make-rprivate / 2>/dev/null; set -e\n" + script + "\n" + `(cd "$dir/project"; "$@")`
	args := append([]string{"unshare"}, append(mountNamespace, script, "sh", dir, cmd.Path)...)
	cmd.Args = append(args, cmd.Args[1:]...)
	cmd.Path = need(t, "unshare")
}

// directories are what the doctor says of the directories of a machine, and the
// status of each check.
func directories(t *testing.T, m *machine, script string) (results map[string]doctor.Result, status map[string]doctor.Status) {
	t.Helper()
	cmd := m.command("doctor", "--only", "dir-noexec,dir-modes,dir-case,dir-space", "--json")
	mounted(t, m.root, script, cmd)
	got := run(t, cmd)
	require.Empty(t, got.stderr)
	var report struct{ Results []doctor.Result }
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stdout)
	results, status = make(map[string]doctor.Result), make(map[string]doctor.Status)
	for _, r := range report.Results {
		results[r.ID], status[r.ID] = r, r.Status
	}
	return results, status
}

// ofDirectories is a machine with all that Go uses below its root.
func ofDirectories(t *testing.T) *machine {
	root := memoryDir(t)
	m := &machine{root: root, path: realHelper(t), data: filepath.Join(root, "data")}
	m.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(root, "home"), "GOENV=off", "ASDF_DATA_DIR=" + m.data}
	for name, dir := range map[string]string{"GOPATH": "go", "GOMODCACHE": "go/pkg/mod", "GOCACHE": "build", "TMPDIR": "tmp", "GOBIN": "bin"} {
		m.set(name + "=" + filepath.Join(m.root, dir))
		require.NoError(t, os.MkdirAll(filepath.Join(m.root, dir), 0o755))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(m.root, "project"), 0o755))
	require.NoError(t, os.MkdirAll(m.data, 0o755))
	return m
}

func TestDoctorOnHealthyDirectories(t *testing.T) {
	m := ofDirectories(t)
	results, status := directories(t, m, "true")
	require.Equal(t, map[string]doctor.Status{"dir-noexec": doctor.OK, "dir-modes": doctor.OK, "dir-case": doctor.OK, "dir-space": doctor.OK}, status, results)
	requireNoScratch(t, m)
}

func requireNoScratch(t *testing.T, m *machine) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(m.root, func(path string, _ fs.DirEntry, err error) error {
		require.NotContains(t, path, scratch.Prefix)
		return err
	}))
}

// Whenever it is interrupted, no scratch file is left.
func TestDoctorInterrupted(t *testing.T) {
	m := ofDirectories(t)
	for i := range 60 {
		cmd := m.command("doctor", "--only", "dir-noexec,dir-modes,dir-case")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(i) * 200 * time.Microsecond)
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait() // with whatever code; it may have been faster
		require.NotContains(t, stderr.String(), "panic")
		requireNoScratch(t, m)
	}
}

// A file system of Windows, by its own driver, under the project and the module
// cache; programs refused under TMPDIR; a build cache that is full.
func TestDoctorOnFaultyDirectories(t *testing.T) {
	needNTFS(t)
	m := ofDirectories(t)
	results, status := directories(t, m, `
trap 'cd /; umount "$dir/project" "$dir/go/pkg/mod"' EXIT # or their drivers would not end
truncate -s 8M "$dir/image"
mkfs.ntfs --force --quick --quiet "$dir/image" >"$dir/log" 2>&1 || cat "$dir/log" >&2
for to in project go/pkg/mod; do
  cp "$dir/image" "$dir/image-${to%%/*}"
  lowntfs-3g -o ignore_case "$dir/image-${to%%/*}" "$dir/$to"
done
mount -t tmpfs -o noexec tmpfs "$dir/tmp"
mount -t tmpfs -o size=64k tmpfs "$dir/build"
head -c 64k /dev/zero >"$dir/build/full" `)
	require.Equal(t, map[string]doctor.Status{"dir-noexec": doctor.Error, "dir-modes": doctor.Warning, "dir-case": doctor.Warning, "dir-space": doctor.Error}, status, results)
	mod, project := filepath.Join(m.root, "go/pkg/mod"), filepath.Join(m.root, "project")
	noexec := results["dir-noexec"]
	require.Equal(t, "programs do not run in TMPDIR ("+filepath.Join(m.root, "tmp")+")", noexec.Finding)
	require.Contains(t, noexec.Evidence[0], "a program there was refused")
	tmp := filepath.Join(m.root, "home", ".cache", "go-tmp")
	require.Equal(t, "mkdir -p "+tmp+" && go env -w GOTMPDIR="+tmp, noexec.Cure)
	require.Equal(t, "chmod has no effect in GOMODCACHE ("+mod+"), project ("+project+")", results["dir-modes"].Finding)
	require.Equal(t, "a and A are one file in GOMODCACHE ("+mod+"), project ("+project+")", results["dir-case"].Finding)
	space := results["dir-space"].Finding
	require.Contains(t, space, "0 MB on "+filepath.Join(m.root, "build")+" for GOCACHE (")
	require.NotContains(t, space, "TMPDIR")
}
