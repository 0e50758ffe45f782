package syscalls

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// filesTable is what can be done with files and their names in a directory.

func filesTable() []probe {
	return []probe{
		{name: "openat2/RESOLVE_BENEATH", try: tryOpenat2,
			loses: "nothing in Go itself, where os.Root walks step by step; filepath-securejoin and runc do so as well then"},
		{name: "faccessat2", try: tryFaccessat2,
			loses: "exec.LookPath asks by fstatat, and does not see capabilities and ACLs (syscall/syscall_linux.go, Faccessat; microsoft/WSL#6562)"},
		{name: "statx", try: tryStatx,
			loses: "nothing in Go itself, which has fstatat; libraries that ask for mount IDs and birth times"},
		{name: "statx/STATX_BTIME", try: tryBirth,
			loses: "no birth times of files (djherbis/times), here at least"},
		{name: "fallocate", try: tryFallocate,
			loses: "the linker maps its output without a reservation, and dies of SIGBUS on a full disk (cmd/link/internal/ld/outbuf_mmap.go)"},
		{name: "open/O_TMPFILE", try: tryTmpfile,
			loses: "nothing in Go itself; libraries that write files without a name take a temporary one"},
		{name: "renameat2/RENAME_NOREPLACE", try: tryNoReplaceName,
			loses: "nothing in Go itself, where os.Rename replaces; who needs it takes link and unlink"},
		{name: "renameat2/RENAME_EXCHANGE", try: tryExchange,
			loses: "directories cannot be swapped at once; a program sees a moment without either"},
		{name: "unlinkat/open", try: tryUnlinked,
			loses: "os.Remove of a file in use fails, or its reader loses it: go test and go run clean up so"},
		{name: "linkat", try: tryLink,
			loses: "os.Link, and caches that share files by it (ccache, pnpm, Bazel)"},
		{name: "symlinkat", try: trySymlink,
			loses: "os.Symlink; version managers, and archives that have links in them"},
		{name: "fchmodat", try: tryChmod,
			loses: "the module cache is not read-only, go install and go build -o cannot set x (cmd/go/internal/modfetch/fetch.go)"},
		{name: "utimensat", try: tryTimes,
			loses: "os.Chtimes; the build cache is trimmed by it, and test results are cached by times of files (cmd/go/internal/cache)"},
		{name: "setxattr", try: tryXattr,
			loses: "nothing in Go itself; container images and backups lose attributes (pkg/xattr)"},
		{name: "name_to_handle_at", try: tryHandle,
			loses: "nothing in Go itself; containers and file servers that keep files by handle"},
		{name: "sync_file_range", try: trySyncRange,
			loses: "nothing in Go itself; databases (RocksDB, Pebble) flush in larger steps"},
		{name: "syncfs", try: trySyncfs,
			loses: "nothing in Go itself; who has written many files takes one fsync each"},
		{name: "bind/AF_UNIX", try: tryBind,
			loses: "net.Listen(\"unix\") in this directory: gopls -remote, ssh-agent, docker.sock"},
	}
}

// create makes a file with contents and returns it open for reading and writing.

func create(dir, name string, data []byte) (int, error) {
	fd, err := unix.Open(filepath.Join(dir, name), unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err == nil && len(data) > 0 {
		_, err = unix.Write(fd, data)
	}
	return fd, setup("create a file", err)
}

// contents is what a name leads to.

func contents(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func tryOpenat2(dir string) error {
	if _, err := create(dir, "inside", nil); err != nil {
		return err
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("open", err)
	}
	how := &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH}
	if _, err := unix.Openat2(fd, "inside", how); err != nil {
		return err
	}
	for _, outside := range []string{"..", "/"} {
		if _, err := unix.Openat2(fd, outside, how); !errors.Is(err, unix.EXDEV) {
			return wrongf("%s was opened from below it: %v", outside, err)
		}
	}
	return nil
}

func tryFaccessat2(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	name := filepath.Join(dir, "file")
	if err := unix.Faccessat2(unix.AT_FDCWD, name, unix.R_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	// Where there are no permissions everything may be executed; what is not there may not.
	if err := unix.Faccessat2(unix.AT_FDCWD, name+".not", unix.F_OK, unix.AT_EACCESS); !errors.Is(err, unix.ENOENT) {
		return wrongf("a file that is not there: %v", err)
	}
	return nil
}

func tryStatx(dir string) error {
	fd, err := create(dir, "file", []byte("12345"))
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return setup("fstat", err)
	}
	var x unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, filepath.Join(dir, "file"), 0, unix.STATX_BASIC_STATS, &x); err != nil {
		return err
	}
	if x.Mask&unix.STATX_BASIC_STATS != unix.STATX_BASIC_STATS || x.Size != 5 || x.Ino != st.Ino || uint32(x.Mode) != st.Mode {
		return wrongf("mask %#x, size %d, inode %d, mode %o; fstat has 5, %d, %o", x.Mask, x.Size, x.Ino, x.Mode, st.Ino, st.Mode)
	}
	return nil
}

func tryBirth(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	var x unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, filepath.Join(dir, "file"), 0, unix.STATX_BTIME, &x); err != nil {
		return err
	}
	if x.Mask&unix.STATX_BTIME == 0 {
		return wrongf("statx works, and this file system has no birth times")
	}
	if age := time.Since(time.Unix(x.Btime.Sec, int64(x.Btime.Nsec))); age.Abs() > time.Hour {
		return wrongf("a new file is %v old", age)
	}
	return nil
}

func tryFallocate(dir string) error {
	fd, err := create(dir, "file", nil)
	if err != nil {
		return err
	}
	const size = 256 << 10
	if err := again(func() error { return unix.Fallocate(fd, 0, 0, size) }); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return setup("fstat", err)
	}
	if st.Size != size || st.Blocks*512 < size {
		return wrongf("%d bytes were reserved; the file has %d, and blocks for %d", size, st.Size, st.Blocks*512)
	}
	return nil
}

func tryTmpfile(dir string) error {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	if err := send(fd, "late"); err != nil {
		return err
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		return wrongf("it has a name: %v, %v", names, err)
	}
	if err := unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), unix.AT_FDCWD, filepath.Join(dir, "named"), unix.AT_SYMLINK_FOLLOW); err != nil {
		return fmt.Errorf("linkat: %w", err)
	}
	if got := contents(dir, "named"); got != "late" {
		return wrongf("with a name it reads as %q", got)
	}
	return nil
}

// rename2 makes files a and b, renames a to b, and says what both are then.

// tryTimes takes a time that NTFS can keep, in steps of 100 ns.

func trySyncRange(dir string) error {
	fd, err := create(dir, "file", make([]byte, 8192))
	if err != nil {
		return err
	}
	const wait, write, waitAfter = 1, 2, 4
	return unix.SyncFileRange(fd, 0, 8192, wait|write|waitAfter)
}

// The disk of dir may have seconds of other programs' writes to wait for; /proc has

// nothing to write.

func trySyncfs(string) error {
	fd, err := unix.Open("/proc", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("/proc", err)
	}
	return unix.Syncfs(fd)
}

// A name of more than 107 bytes has no room in an address.
