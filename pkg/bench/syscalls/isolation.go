package syscalls

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// isolationTable is what containers and sandboxes are made of.
func isolationTable() []probe {
	return []probe{
		{name: "unshare/CLONE_NEWUSER", try: namespace("user", unix.CLONE_NEWUSER),
			loses: "rootless containers and sandboxes: podman, bubblewrap, Chromium, Bazel"},
		{name: "clone/CLONE_NEWPID", try: tryNewPID,
			loses: "containers, and sandboxes that end with all of their processes"},
		{name: "unshare/CLONE_NEWNET", try: namespace("net", unix.CLONE_NEWNET),
			loses: "containers with a network of their own; tests without one (unshare -n go test)"},
		{name: "unshare/CLONE_NEWCGROUP", try: namespace("cgroup", unix.CLONE_NEWCGROUP),
			loses: "containers on cgroup v2 see the host's groups"},
		{name: "setns", try: trySetns,
			loses: "docker exec, nsenter, and network tools (vishvananda/netns)"},
		{name: "mount/tmpfs", try: tryMount,
			loses: "containers, snap, and sandboxes with directories of their own"},
		{name: "seccomp", try: trySeccomp,
			loses: "containers without a filter of system calls (runc wants it); Chromium, snap (microsoft/WSL#4035)"},
		{name: "seccomp/USER_NOTIF", try: tryNotify,
			loses: "rootless containers that answer for system calls; a second listener has no place (microsoft/WSL#9548)"},
		{name: "landlock_restrict_self", try: tryLandlock,
			loses: "go-landlock: a program cannot give up its own access to files"},
	}
}

// flagsFor are those of namespaces that this process may make: who is not root makes
// a user namespace along with them.
func flagsFor(flags uintptr) uintptr {
	if unix.Geteuid() != 0 {
		flags |= unix.CLONE_NEWUSER
	}
	return flags
}

// A link is a step that reads where a link of /proc leads.
func (s *script) link(path string) []byte {
	b, address := s.room(64)
	const here = ^uintptr(99) // AT_FDCWD
	s.call("readlink", unix.SYS_READLINKAT, here, s.text(path), address, 64)
	return b
}

func textOf(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }

// namespace tries to leave one of a kind, in a fork.
func namespace(kind string, flag uintptr) func(string) error {
	return func(string) error {
		s, err := newScript()
		if err != nil {
			return err
		}
		before := s.link("/proc/self/ns/" + kind)
		s.call("unshare", unix.SYS_UNSHARE, flagsFor(flag))
		after := s.link("/proc/self/ns/" + kind)
		if err := s.run(0); err != nil {
			return err
		}
		if bytes.Equal(before, after) {
			return wrongf("it has left its namespace, and is still in %s", textOf(after))
		}
		return nil
	}
}

func tryNewPID(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	own := s.call("getpid", unix.SYS_GETPID)
	if err := s.run(flagsFor(unix.CLONE_NEWPID)); err != nil {
		return err
	}
	if pid, err := s.outcome(own); err != nil || pid != 1 {
		return wrongf("the first process of a namespace has number %d, %v", pid, err)
	}
	return nil
}

// Out of a namespace, into the next, and back into the first of the two.
func trySetns(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	const here = ^uintptr(99)
	const path = "/proc/self/ns/uts"
	s.call("unshare", unix.SYS_UNSHARE, flagsFor(unix.CLONE_NEWUTS))
	first := s.link(path)
	fd := s.call("open", unix.SYS_OPENAT, here, s.text(path), unix.O_RDONLY|unix.O_CLOEXEC)
	s.call("unshare", unix.SYS_UNSHARE, unix.CLONE_NEWUTS)
	second := s.link(path)
	setns := s.may("setns", unix.SYS_SETNS, 0, unix.CLONE_NEWUTS)
	s.with(fd)
	back := s.link(path)
	if err := s.run(0); err != nil {
		return setup("no namespaces to go between", err)
	}
	if _, err := s.outcome(setns); err != nil {
		return err
	}
	if bytes.Equal(first, second) || !bytes.Equal(first, back) {
		return wrongf("from %s over %s it comes to %s", textOf(first), textOf(second), textOf(back))
	}
	return nil
}

// tryMount mounts where nobody else sees it, and where it goes away with the fork.
func tryMount(dir string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	b, address := s.room(int(unsafe.Sizeof(unix.Statfs_t{})))
	s.call("unshare", unix.SYS_UNSHARE, flagsFor(unix.CLONE_NEWNS))
	s.call("mount to keep it private", unix.SYS_MOUNT, s.text("none"), s.text("/"), 0, unix.MS_REC|unix.MS_PRIVATE)
	mount := s.may("mount", unix.SYS_MOUNT, s.text("none"), s.text(dir), s.text("tmpfs"), unix.MS_NOSUID|unix.MS_NODEV, s.text("size=64k"))
	s.call("statfs", unix.SYS_STATFS, s.text(dir), address)
	if err := s.run(0); err != nil {
		return setup("no namespace to mount in", err)
	}
	if _, err := s.outcome(mount); err != nil {
		return err
	}
	if st := (*unix.Statfs_t)(unsafe.Pointer(&b[0])); st.Type != unix.TMPFS_MAGIC || st.Blocks*uint64(st.Bsize) != 64<<10 {
		return wrongf("what is mounted has type %#x, and %d blocks", st.Type, st.Blocks)
	}
	return nil
}

// filter is a program for seccomp, and the address of its description, sock_fprog.
func (s *script) filter(program ...unix.SockFilter) uintptr {
	b, address := s.room(8 * len(program))
	for i, f := range program {
		binary.NativeEndian.PutUint16(b[8*i:], f.Code)
		b[8*i+2], b[8*i+3] = f.Jt, f.Jf
		binary.NativeEndian.PutUint32(b[8*i+4:], f.K)
	}
	return s.words(uint64(len(program)), uint64(address))
}

// answerWith is a filter that has one system call answered by a verdict of seccomp's,
// and all others done.
func answerWith(nr, verdict uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the number
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: nr},
		{Code: unix.BPF_RET | unix.BPF_K, K: verdict},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
}

func trySeccomp(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	program := s.filter(answerWith(unix.SYS_GETPPID, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOANO))...)
	s.call("PR_SET_NO_NEW_PRIVS", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	s.call("SECCOMP_SET_MODE_FILTER", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, program)
	filtered := s.may("getppid", unix.SYS_GETPPID)
	s.call("getpid", unix.SYS_GETPID)
	if err := s.run(0); err != nil {
		return err
	}
	if _, err := s.outcome(filtered); !errors.Is(err, unix.ENOANO) {
		return wrongf("what the filter refuses ends with %v", err)
	}
	return nil
}

func tryNotify(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	program := s.filter(unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	s.call("PR_SET_NO_NEW_PRIVS", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	listener := s.call("SECCOMP_FILTER_FLAG_NEW_LISTENER", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, program)
	const isValid = 0x80082102 // SECCOMP_IOCTL_NOTIF_ID_VALID, as all kernels know it
	none := s.may("ioctl of the listener", unix.SYS_IOCTL, 0, isValid, s.words(1))
	s.with(listener)
	if err := s.run(0); err != nil {
		return err
	}
	if _, err := s.outcome(none); !errors.Is(err, unix.ENOENT) {
		return wrongf("asked for a message that never came, the listener answers %v", err)
	}
	return nil
}

func tryLandlock(dir string) error {
	if _, err := create(dir, "file", nil); err != nil {
		return err
	}
	s, err := newScript()
	if err != nil {
		return err
	}
	name := s.text(filepath.Join(dir, "file"))
	const here = ^uintptr(99)
	s.call("PR_SET_NO_NEW_PRIVS", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1)
	s.call("open", unix.SYS_OPENAT, here, name, unix.O_RDONLY)
	rules := s.call("landlock_create_ruleset", unix.SYS_LANDLOCK_CREATE_RULESET, s.words(unix.LANDLOCK_ACCESS_FS_READ_FILE), 8, 0)
	s.call("landlock_restrict_self", unix.SYS_LANDLOCK_RESTRICT_SELF, 0, 0)
	s.with(rules)
	refused := s.may("open", unix.SYS_OPENAT, here, name, unix.O_RDONLY)
	if err := s.run(0); err != nil {
		return err
	}
	if _, err := s.outcome(refused); !errors.Is(err, unix.EACCES) {
		return wrongf("files can still be opened for reading: %v", err)
	}
	return nil
}
