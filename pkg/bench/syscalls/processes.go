package syscalls

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processesTable is how processes start, end and are waited for.

func processesTable() []probe {
	return []probe{
		{name: "execve", try: tryExec,
			loses: "os/exec (syscall/exec_linux.go)"},
		{name: "clone/CLONE_PIDFD", try: tryClonePidfd,
			loses: "os waits for processes by number, which may by then be another's (os/pidfd_linux.go; golang/go#63329)"},
		{name: "pidfd_open", try: tryPidfdOpen,
			loses: "os.FindProcess and Wait go by number, which may by then be another's (os/pidfd_linux.go)"},
		{name: "pidfd_send_signal", try: tryPidfdSignal,
			loses: "Process.Kill and Signal go by number, which may by then be another's (os/pidfd_linux.go)"},
		{name: "waitid/P_PIDFD", try: tryWaitPidfd,
			loses: "os waits for processes by number (os/pidfd_linux.go)"},
		{name: "waitid/WNOWAIT", try: tryWaitid,
			loses: "Process.Signal may hit another process than was meant while Wait runs (os/wait_waitid.go; golang/go#16610)"},
		{name: "clone3", try: tryClone3,
			loses: "SysProcAttr.UseCgroupFD does not work (syscall/exec_linux.go)"},
		{name: "clone3/CLONE_INTO_CGROUP", try: tryCloneCgroup,
			loses: "SysProcAttr.UseCgroupFD does not work; a process is moved after its start, and runs without limits until then"},
		{name: "prctl/PR_SET_PDEATHSIG", try: tryDeathSignal,
			loses: "SysProcAttr.Pdeathsig has no effect: processes outlive the program that started them (syscall/exec_linux.go)"},
		{name: "close_range", try: tryCloseRange,
			loses: "nothing in Go itself; runc and others close descriptors one by one"},
		{name: "ioctl/TIOCSCTTY", try: tryTerminal,
			loses: "SysProcAttr.Setctty: creack/pty and terminals in editors (syscall/exec_linux.go; microsoft/WSL#3652)"},
	}
}

// tryExec starts what is not there: that the error comes back takes a new process, a

// pipe that closes on exec, and execve.

func tryExec(dir string) error {
	_, err := syscall.ForkExec(filepath.Join(dir, "not-there"), []string{"not-there"}, &syscall.ProcAttr{})
	if errors.Is(err, syscall.ENOENT) {
		return nil
	}
	if err == nil {
		return wrongf("a program that is not there was started")
	}
	return err
}

// sleeper is a fork that waits to be killed.

func sleeper() (pid int, err error) {
	s, err := newScript()
	if err != nil {
		return 0, err
	}
	s.pause()
	pid, err = s.fork(0, 0)
	return pid, setup("fork", err)
}

// ends sees that a pidfd can be read once its process is gone, and not before.

func ends(fd, pid int) error {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	if err != nil || n != 0 {
		return wrongf("its end is told while the process runs: %d, %v", n, err)
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return setup("kill", err)
	}
	return ready(fd, "of the process's end")
}

func tryClonePidfd(string) error {
	s, err := newScript()
	if err != nil {
		return err
	}
	b, address := s.room(8)
	fill(b, 0xff)
	s.pause()
	pid, err := s.fork(unix.CLONE_PIDFD, address)
	if err != nil {
		return err
	}
	defer kill(pid)
	fd := *(*int32)(unsafe.Pointer(&b[0]))
	if fd < 0 {
		return wrongf("the flag was taken, and no descriptor given")
	}
	return ends(int(fd), pid)
}

func tryPidfdOpen(string) error {
	pid, err := sleeper()
	if err != nil {
		return err
	}
	defer kill(pid)
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	return ends(fd, pid)
}

func tryPidfdSignal(string) error {
	pid, err := sleeper()
	if err != nil {
		return err
	}
	defer kill(pid)
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return setup("pidfd_open", err)
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil {
		return err
	}
	if err := ready(fd, "of the process's end"); err != nil {
		return err
	}
	if status, err := wait(pid, 0); err != nil || status.Signal() != unix.SIGKILL {
		return wrongf("SIGKILL was sent, the process ended with %#x, %v", int(status), err)
	}
	return nil
}

func tryWaitPidfd(string) error {
	pid, err := sleeper()
	if err != nil {
		return err
	}
	defer kill(pid)
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return setup("pidfd_open", err)
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return setup("kill", err)
	}
	if err := again(func() error { return unix.Waitid(unix.P_PIDFD, fd, nil, unix.WEXITED, nil) }); err != nil {
		return err
	}
	if err := unix.Kill(pid, 0); !errors.Is(err, unix.ESRCH) {
		return wrongf("the process was waited for, and is still there: %v", err)
	}
	return nil
}

func tryWaitid(string) error {
	pid, err := sleeper()
	if err != nil {
		return err
	}
	defer kill(pid)
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return setup("kill", err)
	}
	var info unix.Siginfo
	if err := again(func() error { return unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil) }); err != nil {
		return err
	}
	if info.Signo != int32(unix.SIGCHLD) {
		return wrongf("a process has ended, and signal %d is told of it", info.Signo)
	}
	if status, err := wait(pid, unix.WNOHANG); err != nil || !status.Signaled() {
		return wrongf("after WNOWAIT there is nothing left to wait for: %v", err)
	}
	return nil
}

// cloneArgs are struct clone_args of linux/sched.h, first version and cgroup.

// newCgroup makes a group below ours, or beside it.

// cgroupRoot is where cgroup2 is mounted. The rest of a line may have spaces that it

// should not have (microsoft/WSL#10056), so it is cut at its dash.

// remove waits until the processes of a group are gone.

// A fork of a fork is to die with its parent. The pipe that both write to is at its

// end when it has.

func tryDeathSignal(string) error {
	r, w, err := pipe()
	if err != nil {
		return err
	}
	s, err := newScript()
	if err != nil {
		return err
	}
	b, address := s.room(8)
	s.call("clone", unix.SYS_CLONE, unix.CLONE_PARENT_SETTID|uintptr(unix.SIGCHLD), 0, address)
	s.call("PR_SET_PDEATHSIG", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL)) // both are here
	s.call("write", unix.SYS_WRITE, uintptr(w), s.text("x"), 1)
	s.pause()
	pid, err := s.fork(0, 0)
	if err != nil {
		return setup("fork", err)
	}
	defer kill(pid)
	if err := unix.Close(w); err != nil {
		return setup("close", err)
	}
	for range 2 {
		if err := ready(r, "of a fork"); err != nil {
			return err
		}
		if n, err := unix.Read(r, make([]byte, 1)); err != nil || n != 1 {
			return cmp.Or(s.failure(), setup("read", err), setup("a fork", errors.New("it has ended early")))
		}
	}
	kill(pid)
	if err := ready(r, "that a process ended with the one that started it"); err != nil {
		_ = unix.Kill(int(*(*int32)(unsafe.Pointer(&b[0]))), unix.SIGKILL)
		return err
	}
	return nil
}

func tryCloseRange(string) error {
	const first = 200
	var at []uintptr
	for i := range 3 {
		fd, err := unix.FcntlInt(0, unix.F_DUPFD, first+i)
		if err != nil {
			return setup("F_DUPFD", err)
		}
		at = append(at, uintptr(fd))
	}
	if err := unix.CloseRange(uint(at[2]), uint(at[2]), unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("CLOSE_RANGE_CLOEXEC: %w", err)
	}
	if err := unix.CloseRange(uint(at[0]), uint(at[1]), 0); err != nil {
		return err
	}
	for i, fd := range at {
		flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0)
		if i < 2 && !errors.Is(err, unix.EBADF) || i == 2 && (err != nil || flags&unix.FD_CLOEXEC == 0) {
			return wrongf("descriptor %d of 3 has flags %#x, %v", i, flags, err)
		}
	}
	return nil
}

// A new session takes a terminal for its own, and then /dev/tty is that.

func tryTerminal(string) error {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("no terminal to be had", err)
	}
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return setup("TIOCSPTLCK", err)
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return setup("TIOCGPTN", err)
	}
	terminal, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return setup("the terminal's other end", err)
	}
	s, err := newScript()
	if err != nil {
		return err
	}
	s.call("setsid", unix.SYS_SETSID)
	s.call("TIOCSCTTY", unix.SYS_IOCTL, uintptr(terminal), unix.TIOCSCTTY, 1)
	own := s.call("open /dev/tty", unix.SYS_OPENAT, 0, s.text("/dev/tty"), unix.O_RDWR)
	s.call("write", unix.SYS_WRITE, 0, s.text("mine"), 4)
	s.with(own)
	if err := s.run(0); err != nil {
		return err
	}
	if err := ready(master, "of what was written to /dev/tty"); err != nil {
		return err
	}
	return same([]byte("mine"), readFrom(master))
}
