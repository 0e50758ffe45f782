package syscalls

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tracingTable is what debuggers and profilers live by.
func tracingTable() []probe {
	return []probe{
		{name: "ptrace", try: tryPtrace,
			loses: "Delve and every debugger; strace (go-delve/delve#1973)"},
		{name: "ptrace/PTRACE_SINGLESTEP", try: tryStep,
			loses: "Delve's next and step; breakpoints cannot be passed"},
		{name: "personality", try: tryPersonality,
			loses: "Delve debugs with addresses that change from run to run (pkg/proc/native)"},
		{name: "perf_event_open", try: tryPerf,
			loses: "perf, and perflock-like counters; pprof is not touched by it"},
		{name: "perf_event_open/cycles", try: tryCycles,
			loses: "perf stat and perf record by cycles: perf takes the CPU clock instead"},
		{name: "kcmp", try: tryKcmp,
			loses: "nothing in Go itself; CRIU, Mesa, and Delve under rr"},
	}
}

// traced starts a fork that is stopped, and that this thread traces.
func traced() (pid int, err error) {
	s, err := newScript()
	if err != nil {
		return 0, err
	}
	s.call("PTRACE_TRACEME", unix.SYS_PTRACE, unix.PTRACE_TRACEME)
	own := s.call("getpid", unix.SYS_GETPID)
	s.call("kill", unix.SYS_KILL, 0, uintptr(unix.SIGSTOP))
	s.with(own)
	s.call("getppid", unix.SYS_GETPPID)
	pid, err = s.fork(0, 0)
	if err != nil {
		return 0, setup("fork", err)
	}
	status, err := wait(pid, unix.WALL|unix.WUNTRACED)
	if err != nil {
		return 0, err
	}
	if _, err := s.outcome(1); err != nil {
		return 0, err
	}
	if !status.Stopped() || status.StopSignal() != unix.SIGSTOP {
		return 0, wrongf("it does not stop: status %#x", int(status))
	}
	return pid, nil
}

// counter is where a stopped process is in its program.
func counter(pid int) (uint64, error) {
	const general = 1 // NT_PRSTATUS
	var regs unix.PtraceRegs
	v := unix.Iovec{Base: (*byte)(unsafe.Pointer(&regs))}
	v.SetLen(int(unsafe.Sizeof(regs)))
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GETREGSET, uintptr(pid), general, uintptr(unsafe.Pointer(&v)), 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("PTRACE_GETREGSET: %w", errno)
	}
	return regs.PC(), nil
}

func tryPtrace(string) error {
	b, err := private(1)
	if err != nil {
		return err
	}
	copy(b, "before..")
	pid, err := traced()
	if err != nil {
		return err
	}
	defer kill(pid)
	copy(b, "after...")
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACECLONE); err != nil {
		return fmt.Errorf("PTRACE_SETOPTIONS: %w", err)
	}
	if pc, err := counter(pid); err != nil {
		return err
	} else if pc == 0 {
		return wrongf("a stopped process is at 0")
	}
	got := make([]byte, 8)
	if _, err := unix.PtracePeekData(pid, uintptr(unsafe.Pointer(&b[0])), got); err != nil {
		return fmt.Errorf("PTRACE_PEEKDATA: %w", err)
	}
	if string(got) != "before.." {
		return wrongf("its memory reads as %q", got)
	}
	if err := unix.PtraceCont(pid, 0); err != nil {
		return fmt.Errorf("PTRACE_CONT: %w", err)
	}
	if status, err := wait(pid, unix.WALL); err != nil || !status.Exited() || status.ExitStatus() != 0 {
		return wrongf("continued, it ends with %#x, %v", int(status), err)
	}
	return nil
}

func tryStep(string) error {
	pid, err := traced()
	if err != nil {
		return setup("a process to step through", err)
	}
	defer kill(pid)
	for range 3 {
		from, err := counter(pid)
		if err != nil {
			return setup("registers", err)
		}
		if err := unix.PtraceSingleStep(pid); err != nil {
			return err
		}
		status, err := wait(pid, unix.WALL)
		if err != nil {
			return err
		}
		to, err := counter(pid)
		if err != nil || !status.Stopped() || status.StopSignal() != unix.SIGTRAP || to == from {
			return wrongf("after a step from %#x it is at %#x with status %#x, %v", from, to, int(status), err)
		}
	}
	return nil
}

func tryPersonality(string) error {
	const query, noRandom = 0xffffffff, 0x0040000
	call := func(arg uintptr) (uintptr, error) {
		r, _, errno := unix.Syscall(unix.SYS_PERSONALITY, arg, 0, 0)
		if errno != 0 {
			return 0, errno
		}
		return r, nil
	}
	old, err := call(query)
	if err != nil {
		return err
	}
	if _, err := call(old | noRandom); err != nil {
		return err
	}
	now, err := call(query)
	if err != nil {
		return err
	}
	if now != old|noRandom {
		return wrongf("ADDR_NO_RANDOMIZE was set, and it reads %#x", now)
	}
	return nil
}

// count is what a counter has after some work of this thread.
func count(kind uint32, config uint64) (uint64, error) {
	attr := &unix.PerfEventAttr{Type: kind, Config: config, Bits: unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv}
	attr.Size = uint32(unsafe.Sizeof(*attr))
	fd, err := unix.PerfEventOpen(attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return 0, err
	}
	x := uint64(1)
	for range 5_000_000 {
		x = x*6364136223846793005 + 1
	}
	runtime.KeepAlive(x)
	return number(fd)
}

func tryPerf(string) error {
	n, err := count(unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_TASK_CLOCK)
	if err == nil && n == 0 {
		return wrongf("5 million multiplications took 0 ns")
	}
	return err
}

func tryCycles(string) error {
	n, err := count(unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES)
	if err == nil && n < 1_000_000 {
		return wrongf("5 million multiplications took %d cycles", n)
	}
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("the CPU's counters are not there: %w", err)
	}
	return err
}

func tryKcmp(string) error {
	a, _, err := pipe()
	if err != nil {
		return err
	}
	b, err := unix.FcntlInt(uintptr(a), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return setup("F_DUPFD_CLOEXEC", err)
	}
	c, _, err := pipe()
	if err != nil {
		return err
	}
	compare := func(x, y int) (uintptr, error) {
		const file = 0
		pid := uintptr(unix.Getpid())
		r, _, errno := unix.Syscall6(unix.SYS_KCMP, pid, pid, file, uintptr(x), uintptr(y), 0)
		if errno != 0 {
			return 0, errno
		}
		return r, nil
	}
	alike, err := compare(a, b)
	if err != nil {
		return err
	}
	if other, err := compare(a, c); err != nil || alike != 0 || other == 0 {
		return wrongf("of the same file it says %d, of another %d, %v", alike, other, err)
	}
	return nil
}
