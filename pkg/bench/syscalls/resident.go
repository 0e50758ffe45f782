package syscalls

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

func tryMemfd(string) error {
	fd, err := unix.MemfdCreate("golang-wsl", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return err
	}
	if _, err := unix.Write(fd, []byte("memory")); err != nil {
		return err
	}
	got, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return setup("/proc/self/fd", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE); err != nil {
		return fmt.Errorf("F_ADD_SEALS: %w", err)
	}
	if _, err := unix.Write(fd, []byte("more")); string(got) != "memory" || !errors.Is(err, unix.EPERM) {
		return wrongf("it reads as %q, and a write after the seal ends with %v", got, err)
	}
	return nil
}

func tryMincore(string) error {
	b, err := private(2)
	if err != nil {
		return err
	}
	_ = unix.Madvise(b, unix.MADV_NOHUGEPAGE)
	b[0] = 1
	in := []byte{9, 9}
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(unsafe.Pointer(&in[0]))); errno != 0 {
		return errno
	}
	if in[0]&1 != 1 || in[1]&1 != 0 {
		return wrongf("of a page that is there and one that is not it says %d and %d", in[0], in[1])
	}
	return nil
}

func locked() (int, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, setup("/proc/self/status", err)
	}
	_, rest, ok := strings.Cut(string(b), "VmLck:")
	if !ok {
		return 0, setup("/proc/self/status", errors.New("it has no VmLck"))
	}
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	return n, setup("VmLck", err)
}

func tryLock(string) error {
	b, err := private(4)
	if err != nil {
		return err
	}
	before, err := locked()
	if err != nil {
		return err
	}
	if err := unix.Mlock(b); err != nil {
		return err
	}
	after, err := locked()
	if err != nil {
		return err
	}
	if want := len(b) >> 10; after-before != want {
		return wrongf("%d KiB were locked, and the kernel counts %d", want, after-before)
	}
	return unix.Munlock(b)
}

func tryLockAll(string) error {
	const onFault = 4
	err := unix.Mlockall(unix.MCL_CURRENT | onFault)
	if errors.Is(err, unix.ENOMEM) {
		return fmt.Errorf("more than the limit of ulimit -l: %w", err)
	}
	if err != nil {
		return err
	}
	n, err := locked()
	if err != nil {
		return err
	}
	if n == 0 {
		return wrongf("all was locked, and the kernel counts nothing")
	}
	return unix.Munlockall()
}

func tryUserfault(string) error {
	const (
		userOnly                  = 1
		api, register, copyPage   = 0xc018aa3f, 0xc020aa00, 0xc028aa03
		magic, missing, pageFault = 0xaa, 1, 0x12
	)
	fd, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|unix.O_NONBLOCK|userOnly, 0, 0)
	if errno != 0 {
		return errno
	}
	b, err := private(1)
	if err != nil {
		return err
	}
	from, err := private(1)
	if err != nil {
		return err
	}
	copy(from, "later")
	size, at := uint64(len(b)), uint64(uintptr(unsafe.Pointer(&b[0])))
	ask := func(request uintptr, words ...uint64) error {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(&words[0]))); errno != 0 {
			return errno
		}
		return nil
	}
	if err := ask(api, magic, 0, 0); err != nil {
		return fmt.Errorf("UFFDIO_API: %w", err)
	}
	if err := ask(register, at, size, missing, 0); err != nil {
		return fmt.Errorf("UFFDIO_REGISTER: %w", err)
	}
	touched := make(chan bool, 1)
	go func() { touched <- string(b[:5]) == "later" }()
	if err := ready(int(fd), "that a page was touched"); err != nil {
		return err
	}
	message := make([]byte, 32)
	if _, err := unix.Read(int(fd), message); err != nil || message[0] != pageFault {
		return wrongf("the message about a page is %x, %v", message, err)
	}
	if err := ask(copyPage, at, uint64(uintptr(unsafe.Pointer(&from[0]))), size, 0, 0); err != nil {
		return fmt.Errorf("UFFDIO_COPY: %w", err)
	}
	if !<-touched {
		return wrongf("another page came than the one that was given")
	}
	return nil
}

func tryReadOther(string) error {
	b, err := private(1)
	if err != nil {
		return err
	}
	copy(b, "before")
	s, err := newScript()
	if err != nil {
		return err
	}
	s.pause()
	pid, err := s.fork(0, 0)
	if err != nil {
		return setup("fork", err)
	}
	defer kill(pid)
	copy(b, "after ")
	got := make([]byte, 6)
	local := []unix.Iovec{{Base: &got[0], Len: 6}}
	n, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&b[0])), Len: 6}}, 0)
	if err != nil {
		return err
	}
	if n != 6 || string(got) != "before" {
		return wrongf("%d bytes: %q", n, got)
	}
	return nil
}
