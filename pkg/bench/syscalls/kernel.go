package syscalls

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelTable is what else is asked of the kernel by name.
func kernelTable() []probe {
	return []probe{
		{name: "bpf", try: tryBPF,
			loses: "cilium/ebpf, and tools built on it (Parca, Tetragon, bpftrace). It asks for CAP_BPF"},
		{name: "/dev/fuse", try: tryFUSE,
			loses: "go-fuse and bazil.org/fuse: rclone mount, gocryptfs, sshfs (microsoft/WSL#17)"},
		{name: "syslog", try: trySyslog,
			loses: "nothing in Go itself; dmesg, and agents that read the kernel's log"},
	}
}

func tryBPF(string) error {
	call := func(command uintptr, words ...uint64) (uintptr, error) {
		var attr [16]uint64
		copy(attr[:], words)
		r, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		if errno != 0 {
			return 0, errno
		}
		return r, nil
	}
	const array, keySize, valueSize, entries = 2, 4, 8, 1
	fd, err := call(unix.BPF_MAP_CREATE, array|keySize<<32, valueSize|entries<<32)
	if err != nil {
		return err
	}
	key, value, got := new(uint32), new(uint64), new(uint64)
	*value = 42
	address := func(p unsafe.Pointer) uint64 { return uint64(uintptr(p)) }
	if _, err := call(unix.BPF_MAP_UPDATE_ELEM, uint64(fd), address(unsafe.Pointer(key)), address(unsafe.Pointer(value))); err != nil {
		return fmt.Errorf("BPF_MAP_UPDATE_ELEM: %w", err)
	}
	if _, err := call(unix.BPF_MAP_LOOKUP_ELEM, uint64(fd), address(unsafe.Pointer(key)), address(unsafe.Pointer(got))); err != nil {
		return fmt.Errorf("BPF_MAP_LOOKUP_ELEM: %w", err)
	}
	if *got != *value {
		return wrongf("42 was put into a map, and %d came out", *got)
	}
	return nil
}

func tryFUSE(string) error {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if _, err := unix.Read(fd, make([]byte, 1<<16)); !errors.Is(err, unix.EPERM) {
		return wrongf("a device that is not mounted reads with %v", err)
	}
	return nil
}

func trySyslog(string) error {
	const size = 10 // SYSLOG_ACTION_SIZE_BUFFER
	n, err := unix.Klogctl(size, nil)
	if err == nil && n <= 0 {
		return wrongf("the kernel's log has room for %d bytes", n)
	}
	return err
}
