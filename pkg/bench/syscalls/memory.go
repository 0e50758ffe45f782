package syscalls

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// memoryTable is mappings, and advice about them.

func memoryTable() []probe {
	return []probe{
		{name: "madvise/MADV_DONTNEED", try: tryDontNeed,
			loses: "memory that the collector has freed goes back to the system late or never (runtime/mem_linux.go, sysUnusedOS)"},
		{name: "madvise/MADV_FREE", try: tryFree,
			loses: "nothing by default; with GODEBUG=madvdontneed=0 the runtime takes MADV_DONTNEED (runtime/mem_linux.go)"},
		{name: "madvise/MADV_COLLAPSE", try: tryCollapse,
			loses: "huge pages for large heaps come later, by khugepaged (runtime/mem_linux.go, sysHugePageCollapseOS)"},
		{name: "prctl/PR_SET_VMA_ANON_NAME", try: tryName,
			loses: "/proc/PID/maps does not say which mapping is Go's heap (runtime/set_vma_name_linux.go)"},
		{name: "mmap/MAP_SHARED", try: tryShared,
			loses: "the linker writes its output by write instead (cmd/link/internal/ld/outbuf_mmap.go); databases such as bbolt do not run there"},
		{name: "mmap/MAP_FIXED_NOREPLACE", try: tryNoReplace,
			loses: "nothing in Go itself; the sanitizers and allocators under cgo that ask for an address"},
		{name: "memfd_create", try: tryMemfd,
			loses: "nothing in Go itself; programs that run or share files without a directory, runc for one"},
		{name: "mincore", try: tryMincore,
			loses: "nothing in Go itself but on Android (runtime/os_linux.go); tools that look at the page cache"},
		{name: "mlock", try: tryLock,
			loses: "secrets and real-time buffers may be swapped out (memguard, HashiCorp Vault)"},
		{name: "mlockall", try: tryLockAll,
			loses: "Vault and other programs that lock all of their memory ask for disable_mlock"},
		{name: "userfaultfd", try: tryUserfault,
			loses: "nothing in Go itself; snapshots of virtual machines (Firecracker) and of processes (CRIU)"},
		{name: "process_vm_readv", try: tryReadOther,
			loses: "Delve reads memory word by word through ptrace, which is slow (pkg/proc/native)"},
	}
}

// private is memory of this process alone, so many pages of it.

func private(pages int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, pages*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	return b, setup("memory", err)
}

// mapped reports whether /proc/self/maps has a text.

func mapped(text string) bool {
	b, err := os.ReadFile("/proc/self/maps")
	return err == nil && bytes.Contains(b, []byte(text))
}

func tryDontNeed(string) error {
	b, err := private(4)
	if err != nil {
		return err
	}
	fill(b, 7)
	if err := unix.Madvise(b, unix.MADV_DONTNEED); err != nil {
		return err
	}
	if n := bytes.Count(b, []byte{0}); n != len(b) {
		return wrongf("%d bytes are still there", len(b)-n)
	}
	return nil
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

// Pages that were given up may stay or be zero, but never be anything else, and

// keep what is written later.

func tryFree(string) error {
	b, err := private(4)
	if err != nil {
		return err
	}
	fill(b, 7)
	if err := unix.Madvise(b, unix.MADV_FREE); err != nil {
		return err
	}
	b[0] = 9
	for i, c := range b {
		if c != 0 && c != 7 && i > 0 || i == 0 && c != 9 {
			return wrongf("byte %d is %d", i, c)
		}
	}
	return nil
}

func tryCollapse(string) error {
	const huge = 2 << 20
	b, err := private(2 * huge / os.Getpagesize())
	if err != nil {
		return err
	}
	at := (huge - int(uintptr(unsafe.Pointer(&b[0]))%huge)) % huge
	b = b[at : at+huge]
	fill(b, 7)
	err = unix.Madvise(b, unix.MADV_COLLAPSE)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOMEM) {
		return setup("no huge page is free at the moment", err)
	}
	if err != nil {
		return err
	}
	if n := bytes.Count(b, []byte{7}); n != huge {
		return wrongf("%d bytes have changed", huge-n)
	}
	return nil
}

func tryName(string) error {
	b, err := private(1)
	if err != nil {
		return err
	}
	name, err := unix.BytePtrFromString("golang-wsl: here")
	if err != nil {
		return setup("name", err)
	}
	err = unix.Prctl(unix.PR_SET_VMA, unix.PR_SET_VMA_ANON_NAME, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(unsafe.Pointer(name)))
	if err != nil {
		return err
	}
	if !mapped("[anon:golang-wsl: here]") {
		return wrongf("/proc/self/maps does not have the name")
	}
	return nil
}

// A mapping and the file below it are one.

func tryShared(dir string) error {
	fd, err := create(dir, "shared", make([]byte, 2*os.Getpagesize()))
	if err != nil {
		return err
	}
	b, err := unix.Mmap(fd, 0, 2*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	copy(b, "mapped")
	if err := unix.Msync(b, unix.MS_SYNC); err != nil {
		return fmt.Errorf("msync: %w", err)
	}
	got := make([]byte, 6)
	if _, err := unix.Pread(fd, got, 0); err != nil {
		return setup("pread", err)
	}
	if _, err := unix.Pwrite(fd, []byte("written"), int64(os.Getpagesize())); err != nil {
		return setup("pwrite", err)
	}
	if page := b[os.Getpagesize():]; string(got) != "mapped" || string(page[:7]) != "written" {
		return wrongf("what was mapped reads as %q, what was written is mapped as %q", got, page[:7])
	}
	return nil
}

// An older kernel takes the address as a wish and maps elsewhere.

func tryNoReplace(string) error {
	b, err := private(2)
	if err != nil {
		return err
	}
	fill(b, 7)
	size := uintptr(os.Getpagesize())
	at := func(p unsafe.Pointer) (unsafe.Pointer, error) {
		return unix.MmapPtr(-1, 0, p, size, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE)
	}
	first := unsafe.Pointer(&b[0])
	if p, err := at(first); err == nil {
		return wrongf("a page that is there was mapped anew at %p, the old one is at %p", p, first)
	} else if !errors.Is(err, unix.EEXIST) {
		return err
	}
	second := unsafe.Pointer(&b[size])
	if err := unix.MunmapPtr(second, size); err != nil {
		return setup("munmap", err)
	}
	if p, err := at(second); err != nil {
		return err
	} else if p != second || b[0] != 7 {
		return wrongf("asked for %p, got %p", second, p)
	}
	return nil
}

// locked is what the kernel says is locked, in KiB.

// A page comes from a descriptor when somebody first touches it.

// A fork has the old contents, this process the new ones.
