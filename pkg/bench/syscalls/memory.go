package syscalls

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
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

// locked is what the kernel says is locked, in KiB.
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

// A page comes from a descriptor when somebody first touches it.
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

// A fork has the old contents, this process the new ones.
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
