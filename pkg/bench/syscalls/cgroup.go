package syscalls

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func cloneArgs(s *script, flags, pidfd, cgroup uint64) (address, size uintptr) {
	return s.words(flags, pidfd, 0, 0, uint64(unix.SIGCHLD), 0, 0, 0, 0, 0, cgroup), 88
}

func tryClone3(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	b, address := s.room(8)
	fill(b, 0xff)
	s.pause()
	args, size := cloneArgs(s, unix.CLONE_PIDFD, uint64(address), 0)
	pid, err := s.forkBy(unix.SYS_CLONE3, args, size, 0)
	if err != nil {
		return err
	}
	defer kill(pid)
	fd := *(*int32)(unsafe.Pointer(&b[0]))
	if fd < 0 {
		return wrongf("CLONE_PIDFD was taken, and no descriptor given")
	}
	return ends(int(fd), pid)
}

func tryCloneCgroup(string) error {
	group, err := newCgroup()
	if err != nil {
		return setup("no cgroup can be made", err)
	}
	defer remove(group)
	fd, err := unix.Open(group, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("open", err)
	}
	s, err := newScript()
	if err != nil {
		return err
	}
	s.pause()
	args, size := cloneArgs(s, unix.CLONE_INTO_CGROUP, 0, uint64(fd))
	pid, err := s.forkBy(unix.SYS_CLONE3, args, size, 0)
	if err != nil {
		return err
	}
	defer kill(pid)
	b, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	if err != nil {
		return setup("cgroup.procs", err)
	}
	if !slices.Contains(strings.Fields(string(b)), strconv.Itoa(pid)) {
		return wrongf("process %d is not in the group, but %q", pid, b)
	}
	return nil
}

func newCgroup() (string, error) {
	root, err := cgroupRoot()
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut("\n"+string(b), "\n0::")
	if !ok {
		return "", errors.New("this process is in no cgroup of version 2")
	}
	own, _, _ := strings.Cut(rest, "\n")
	name := fmt.Sprintf("golang-wsl-bench-%d", unix.Getpid())
	for _, parent := range []string{own, filepath.Dir(own)} {
		group := filepath.Join(root, parent, name)
		if err = os.Mkdir(group, 0o755); err == nil {
			return group, nil
		}
	}
	return "", err
}

func cgroupRoot() (string, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		left, right, _ := strings.Cut(line, " - ")
		if fields := strings.Fields(left); strings.HasPrefix(right, "cgroup2 ") && len(fields) > 4 {
			return fields[4], nil
		}
	}
	return "", errors.New("cgroup2 is not mounted")
}

func remove(group string) {
	for range 100 {
		if err := os.Remove(group); err == nil || !errors.Is(err, unix.EBUSY) {
			return
		}
		<-time.After(time.Millisecond)
	}
}
