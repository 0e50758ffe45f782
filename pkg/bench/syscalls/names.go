package syscalls

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func rename2(dir string, flags uint) (a, b string, err error) {
	for _, name := range []string{"a", "b"} {
		if _, err := create(dir, name, []byte(name)); err != nil {
			return "", "", err
		}
	}
	err = unix.Renameat2(unix.AT_FDCWD, filepath.Join(dir, "a"), unix.AT_FDCWD, filepath.Join(dir, "b"), flags)
	return contents(dir, "a"), contents(dir, "b"), err
}

func tryNoReplaceName(dir string) error {
	a, b, err := rename2(dir, unix.RENAME_NOREPLACE)
	if err == nil || a != "a" || b != "b" {
		return wrongf("it has replaced a file: %v", err)
	}
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, filepath.Join(dir, "a"), unix.AT_FDCWD, filepath.Join(dir, "c"), unix.RENAME_NOREPLACE); err != nil {
		return err
	}
	if c := contents(dir, "c"); c != "a" {
		return wrongf("under its new name the file reads as %q", c)
	}
	return nil
}

func tryExchange(dir string) error {
	a, b, err := rename2(dir, unix.RENAME_EXCHANGE)
	if err == nil && (a != "b" || b != "a") {
		return wrongf("after the exchange a is %q, b is %q", a, b)
	}
	return err
}

func tryUnlinked(dir string) error {
	fd, err := create(dir, "file", []byte("still"))
	if err != nil {
		return err
	}
	if err := unix.Unlink(filepath.Join(dir, "file")); err != nil {
		return err
	}
	got := make([]byte, 5)
	var st unix.Stat_t
	if _, err := unix.Pread(fd, got, 0); err != nil || string(got) != "still" {
		return wrongf("what was removed reads as %q, %v", got, err)
	}
	if err := unix.Fstat(fd, &st); err != nil {
		return wrongf("fstat of what was removed: %v", err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		return wrongf("what was removed is still in the directory: %v, %v", names, err)
	}
	return nil
}

func tryLink(dir string) error {
	fd, err := create(dir, "a", nil)
	if err != nil {
		return err
	}
	if err := unix.Link(filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		return err
	}
	if err := send(fd, "both"); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return setup("fstat", err)
	}
	if b := contents(dir, "b"); b != "both" || st.Nlink != 2 {
		return wrongf("the second name reads as %q, the file has %d names", b, st.Nlink)
	}
	return nil
}

func trySymlink(dir string) error {
	if _, err := create(dir, "file", []byte("there")); err != nil {
		return err
	}
	if err := unix.Symlink("file", filepath.Join(dir, "link")); err != nil {
		return err
	}
	to, err := os.Readlink(filepath.Join(dir, "link"))
	if got := contents(dir, "link"); err != nil || to != "file" || got != "there" {
		return wrongf("it leads to %q, and reads as %q, %v", to, got, err)
	}
	return nil
}

func tryChmod(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	for _, mode := range []uint32{0o755, 0o444, 0o600} {
		if err := unix.Fchmodat(unix.AT_FDCWD, filepath.Join(dir, "file"), mode, 0); err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Stat(filepath.Join(dir, "file"), &st); err != nil {
			return setup("stat", err)
		}
		if got := st.Mode & 0o777; got != mode {
			return wrongf("set to %o, the mode is %o", mode, got)
		}
	}
	return nil
}

func tryTimes(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	want := unix.Timespec{Sec: 1700000000, Nsec: 123456700}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, filepath.Join(dir, "file"), []unix.Timespec{want, want}, 0); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, "file"), &st); err != nil {
		return setup("stat", err)
	}
	if st.Mtim != want {
		return wrongf("set to %d.%09d, the time is %d.%09d", want.Sec, want.Nsec, st.Mtim.Sec, st.Mtim.Nsec)
	}
	return nil
}

func tryXattr(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	name, value := filepath.Join(dir, "file"), make([]byte, 16)
	if err := unix.Setxattr(name, "user.golang-wsl", []byte("attribute"), 0); err != nil {
		return err
	}
	n, err := unix.Getxattr(name, "user.golang-wsl", value)
	if err != nil || string(value[:n]) != "attribute" {
		return wrongf("it was set, and reads as %q, %v", value[:max(n, 0)], err)
	}
	return nil
}

func tryHandle(dir string) error {
	for _, name := range []string{"a", "b"} {
		if _, err := create(dir, name, nil); err != nil {
			return err
		}
	}
	var handles []string
	for _, name := range []string{"a", "a", "b"} {
		h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, filepath.Join(dir, name), 0)
		if err != nil {
			return err
		}
		handles = append(handles, fmt.Sprintf("%d %x", h.Type(), h.Bytes()))
	}
	if handles[0] != handles[1] || handles[0] == handles[2] {
		return wrongf("handles of a, a and b are %q", handles)
	}
	return nil
}

func tryBind(dir string) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("open", err)
	}
	address := &unix.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d/socket", fd)}
	server, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return setup("socket", err)
	}
	if err := unix.Bind(server, address); err != nil {
		return err
	}
	if err := unix.Listen(server, 1); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	client, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return setup("socket", err)
	}
	if err := unix.Connect(client, address); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return ready(server, "of a connection")
}
