package syscalls

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tryAIO reads a file by libaio's system calls.
func tryAIO(dir string) error {
	var queue uintptr
	if _, _, errno := unix.Syscall(unix.SYS_IO_SETUP, 4, uintptr(unsafe.Pointer(&queue)), 0); errno != 0 {
		return errno
	}
	fd, err := create(dir, "aio", []byte("asynchronous"))
	if err != nil {
		return err
	}
	b, err := private(1)
	if err != nil {
		return err
	}
	// linux/aio_abi.h, struct iocb: opcode 0 is IOCB_CMD_PREAD.
	block := &struct {
		data       uint64
		key, flags uint32
		opcode     uint16
		priority   int16
		fd         uint32
		buf, bytes uint64
		offset     int64
		_          [16]byte
	}{data: 42, fd: uint32(fd), buf: uint64(uintptr(unsafe.Pointer(&b[0]))), bytes: 12}
	list := []unsafe.Pointer{unsafe.Pointer(block)}
	if _, _, errno := unix.Syscall(unix.SYS_IO_SUBMIT, queue, 1, uintptr(unsafe.Pointer(&list[0]))); errno != 0 {
		return fmt.Errorf("io_submit: %w", errno)
	}
	var event struct {
		data, obj uint64
		res, res2 int64
	}
	within := unix.NsecToTimespec(int64(patience))
	n, _, errno := unix.Syscall6(unix.SYS_IO_GETEVENTS, queue, 1, 1, uintptr(unsafe.Pointer(&event)), uintptr(unsafe.Pointer(&within)), 0)
	if errno != 0 {
		return fmt.Errorf("io_getevents: %w", errno)
	}
	if n != 1 || event.data != 42 || event.res != 12 || string(b[:12]) != "asynchronous" {
		return wrongf("%d events; of 12 bytes %d were read: %q", n, event.res, b[:12])
	}
	return nil
}

// linux/io_uring.h
type uringParams struct {
	sqEntries, cqEntries, flags, cpu, idle, features, wq uint32
	_                                                    [3]uint32
	sq                                                   struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, entry, flags, _ uint32
		_                                                    uint64
	}
}

const (
	uringSQ      = 0
	uringCQ      = 0x8000000
	uringEntries = 0x10000000
)

// tryUring has the kernel do nothing, and sees that it says so.
func tryUring(string) error {
	var p uringParams
	r, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return errno
	}
	fd := int(r)
	ring := func(at int64, size uint32) (b []byte, err error) {
		b, err = unix.Mmap(fd, at, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
		if err != nil {
			err = fmt.Errorf("mmap of a ring: %w", err)
		}
		return b, err
	}
	sq, err := ring(uringSQ, p.sq.array+4*p.sqEntries)
	if err != nil {
		return err
	}
	cq, err := ring(uringCQ, p.cq.entry+16*p.cqEntries)
	if err != nil {
		return err
	}
	entries, err := ring(uringEntries, 64*p.sqEntries)
	if err != nil {
		return err
	}
	entries[32] = 42 // user_data of the first entry; all else is 0, IORING_OP_NOP
	(*atomic.Uint32)(unsafe.Pointer(&sq[p.sq.tail])).Add(1)
	const getEvents = 1
	if _, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, r, 1, 1, getEvents, 0, 0); errno != 0 {
		return fmt.Errorf("io_uring_enter: %w", errno)
	}
	done := (*atomic.Uint32)(unsafe.Pointer(&cq[p.cq.tail])).Load()
	if cq[p.cq.entry] != 42 || done != 1 {
		return wrongf("%d entries are done, the first is %d", done, cq[p.cq.entry])
	}
	return nil
}
