package fsio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The wrappers of package unix copy each name before they hand it to the kernel.
// These take names that end in a zero byte, and allocate nothing.

// call makes a system call until no signal interrupts it: those of the runtime do
// on file systems outside of the kernel. What the arguments point to stays where it
// is until it returns.
//
//go:uintptrescapes
func call(trap, a1, a2, a3, a4, a5 uintptr) (uintptr, error) {
	for {
		switch r, _, errno := unix.Syscall6(trap, a1, a2, a3, a4, a5, 0); errno {
		case 0:
			return r, nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// cwd is what names that are no paths would begin at.
func cwd() uintptr {
	at := unix.AT_FDCWD
	return uintptr(at)
}

func open(name []byte, flags int, mode uint32) (int, error) {
	fd, err := call(unix.SYS_OPENAT, cwd(), uintptr(unsafe.Pointer(&name[0])),
		uintptr(flags|unix.O_CLOEXEC|unix.O_LARGEFILE), uintptr(mode), 0)
	return int(fd), err
}

func stat(name []byte, st *unix.Stat_t) error {
	_, err := call(sysStat, cwd(), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(st)), 0, 0)
	return err
}

func chmod(name []byte, mode uint32) error {
	_, err := call(unix.SYS_FCHMODAT, cwd(), uintptr(unsafe.Pointer(&name[0])), uintptr(mode), 0, 0)
	return err
}

func rename(from, to []byte) error {
	_, err := call(sysRename, cwd(), uintptr(unsafe.Pointer(&from[0])), cwd(), uintptr(unsafe.Pointer(&to[0])), 0)
	return err
}

func unlink(name []byte) error {
	_, err := call(unix.SYS_UNLINKAT, cwd(), uintptr(unsafe.Pointer(&name[0])), 0, 0, 0)
	return err
}

func fsync(fd int) error {
	_, err := call(unix.SYS_FSYNC, uintptr(fd), 0, 0, 0, 0)
	return err
}

// resident is how many pages of a mapping are in memory: one byte each in vec.
func resident(at unsafe.Pointer, length int, vec []byte) (pages int, err error) {
	_, err = call(unix.SYS_MINCORE, uintptr(at), uintptr(length), uintptr(unsafe.Pointer(&vec[0])), 0, 0)
	for _, v := range vec {
		pages += int(v & 1)
	}
	return pages, err
}

// readFull reads until a buffer is full or the file ends.
func readFull(fd int, buffer []byte) (n int, err error) {
	for n < len(buffer) {
		m, err := unix.Read(fd, buffer[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || m == 0 {
			return n, err
		}
		n += m
	}
	return n, nil
}

// writeFull writes all of a buffer.
func writeFull(fd int, buffer []byte) error {
	for len(buffer) > 0 {
		n, err := unix.Write(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		buffer = buffer[n:]
	}
	return nil
}
