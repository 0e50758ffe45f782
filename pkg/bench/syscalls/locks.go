package syscalls

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// locksTable is what keeps programs apart that share a file.
func locksTable() []probe {
	return []probe{
		{name: "flock", try: tryFlock,
			loses: "the go command: go.mod, module and build cache are locked by it (cmd/go/internal/lockedfile)"},
		{name: "fcntl/F_SETLK", try: tryRecordLock,
			loses: "SQLite corrupts or refuses databases; the go command on illumos and Solaris only (microsoft/WSL#1927)"},
		{name: "fcntl/F_OFD_SETLK", try: tryDescriptionLock,
			loses: "nothing in Go itself; databases that lock by open file fall back or refuse (microsoft/WSL#2395)"},
	}
}

// twice opens a file two times, as two programs would.
func twice(dir string) (a, b int, err error) {
	a, err = create(dir, "lock", []byte("locked by ranges"))
	if err != nil {
		return 0, 0, err
	}
	b, err = unix.Open(filepath.Join(dir, "lock"), unix.O_RDWR|unix.O_CLOEXEC, 0)
	return a, b, setup("open again", err)
}

// busy wants the error of a lock that somebody else has.
func busy(what string, err error) error {
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil
	}
	if err == nil {
		return wrongf("%s: a second lock was given, too", what)
	}
	return err
}

func tryFlock(dir string) error {
	a, b, err := twice(dir)
	if err != nil {
		return err
	}
	if err := unix.Flock(a, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	for _, kind := range []int{unix.LOCK_EX, unix.LOCK_SH} {
		if err := busy("two descriptors", unix.Flock(b, kind|unix.LOCK_NB)); err != nil {
			return err
		}
	}
	if err := unix.Flock(a, unix.LOCK_UN); err != nil {
		return err
	}
	for _, fd := range []int{a, b} { // readers share
		if err := unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB); err != nil {
			return wrongf("a shared lock, with nobody writing: %v", err)
		}
	}
	return nil
}

// tryDescriptionLock locks bytes for an open file: two in one process are strangers.
func tryDescriptionLock(dir string) error {
	a, b, err := twice(dir)
	if err != nil {
		return err
	}
	lock := func(fd int, kind int16, from, n int64) error {
		return unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: from, Len: n})
	}
	if err := lock(a, unix.F_WRLCK, 0, 8); err != nil {
		return err
	}
	if err := busy("two open files", lock(b, unix.F_WRLCK, 4, 2)); err != nil {
		return err
	}
	if err := lock(b, unix.F_WRLCK, 8, 4); err != nil {
		return wrongf("other bytes are locked as well: %v", err)
	}
	if err := lock(a, unix.F_UNLCK, 0, 8); err != nil {
		return err
	}
	if err := lock(b, unix.F_WRLCK, 0, 8); err != nil {
		return wrongf("given back, and still locked: %v", err)
	}
	return nil
}

// tryRecordLock needs a second process, since a process does not lock itself out.
func tryRecordLock(dir string) error {
	a, b, err := twice(dir)
	if err != nil {
		return err
	}
	mine := &unix.Flock_t{Type: unix.F_WRLCK, Len: 8}
	if err := unix.FcntlFlock(uintptr(a), unix.F_SETLK, mine); err != nil {
		return err
	}
	s, err := newScript()
	if err != nil {
		return err
	}
	// struct flock: type and whence in the first word, then start and length.
	same, other := s.words(unix.F_WRLCK, 4, 2, 0), s.words(unix.F_WRLCK, 8, 4, 0)
	refused := s.may("F_SETLK of the same bytes", unix.SYS_FCNTL, uintptr(b), unix.F_SETLK, same)
	s.call("F_SETLK of other bytes", unix.SYS_FCNTL, uintptr(b), unix.F_SETLK, other)
	if err := s.run(0); err != nil {
		return err
	}
	_, err = s.outcome(refused)
	return busy("two processes", err)
}
