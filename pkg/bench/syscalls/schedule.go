package syscalls

import (
	"errors"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func tryAffinity(string) error {
	var all, one, now unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	last := -1
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			last = cpu
		}
	}
	if last < 0 {
		return wrongf("this thread may run on no CPU")
	}
	one.Set(last)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return err
	}
	if err := unix.SchedGetaffinity(0, &now); err != nil {
		return err
	}
	cpu, err := thisCPU()
	if err != nil {
		return err
	}
	if now != one || cpu != last {
		return wrongf("bound to CPU %d, it runs on %d, and may on %d", last, cpu, now.Count())
	}
	return nil
}

func thisCPU() (int, error) {
	var cpu uint32
	if _, _, errno := unix.Syscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
		return 0, setup("getcpu", errno)
	}
	return int(cpu), nil
}

func tryFileLimit(string) error {
	var limit, now unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return err
	}
	want := unix.Rlimit{Cur: 64, Max: limit.Max}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, &want, nil); err != nil {
		return err
	}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &now); err != nil {
		return err
	}
	if _, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 64); now != want || err == nil {
		return wrongf("a limit of 64 open files reads back as %d, and file 64 is %v", now.Cur, err)
	}
	want.Cur = want.Max
	return unix.Prlimit(0, unix.RLIMIT_NOFILE, &want, nil)
}

func mask(sig unix.Signal) (set unix.Sigset_t, err error) {
	set.Val[0] = 1 << (sig - 1)
	return set, setup("block a signal", unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

func tryCPUTimer(string) error {
	set, err := mask(unix.SIGUSR1)
	if err != nil {
		return err
	}
	event := struct {
		value  uintptr
		signo  int32
		notify int32
		tid    int32
		_      [44]byte
	}{signo: int32(unix.SIGUSR1), notify: 4 /* SIGEV_THREAD_ID */, tid: int32(unix.Gettid())}
	var timer int32
	if _, _, errno := unix.Syscall(unix.SYS_TIMER_CREATE, unix.CLOCK_THREAD_CPUTIME_ID, uintptr(unsafe.Pointer(&event)), uintptr(unsafe.Pointer(&timer))); errno != 0 {
		return errno
	}
	spec := unix.ItimerSpec{Value: unix.Timespec{Nsec: 1e6}}
	if _, _, errno := unix.Syscall6(unix.SYS_TIMER_SETTIME, uintptr(timer), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0); errno != 0 {
		return errno
	}
	from, _ := clock(unix.CLOCK_THREAD_CPUTIME_ID)
	for {
		now, err := clock(unix.CLOCK_THREAD_CPUTIME_ID)
		if err != nil {
			return setup("clock_gettime", err)
		}
		var at unix.Timespec
		sig, _, errno := unix.Syscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), 0, uintptr(unsafe.Pointer(&at)), 8, 0, 0)
		switch {
		case errno == 0 && unix.Signal(sig) == unix.SIGUSR1:
			return nil
		case errno != unix.EAGAIN && errno != unix.EINTR:
			return setup("rt_sigtimedwait", errno)
		case now-from > 200*time.Millisecond:
			return wrongf("a timer of 1 ms of CPU time has not fired after %v", now-from)
		}
	}
}

func trySchedAttr(string) error {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return err
	}
	attr.Nice = min(attr.Nice+3, 19)
	if err := unix.SchedSetAttr(0, attr, 0); err != nil {
		return err
	}
	now, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return err
	}
	if now.Nice != attr.Nice {
		return wrongf("nice was set to %d and is %d", attr.Nice, now.Nice)
	}
	return nil
}

func tryTimerSlack(string) error {
	const slack = 123456
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, slack, 0, 0, 0); err != nil {
		return err
	}
	got, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return err
	}
	if got != slack {
		return wrongf("set to %d ns, it is %d", slack, got)
	}
	return nil
}

func tryMembarrier(string) error {
	const query, private, register = 0, 1 << 3, 1 << 4
	call := func(cmd uintptr) (uintptr, error) {
		r, _, errno := unix.Syscall(unix.SYS_MEMBARRIER, cmd, 0, 0)
		if errno != 0 {
			return 0, errno
		}
		return r, nil
	}
	has, err := call(query)
	if err != nil {
		return err
	}
	if has&private == 0 {
		return wrongf("it has no private expedited barrier, only %#x", has)
	}
	if _, err := call(private); !errors.Is(err, unix.EPERM) {
		return wrongf("a barrier without a registration ended with %v", err)
	}
	if _, err := call(register); err != nil {
		return err
	}
	_, err = call(private)
	return err
}

func tryRseq(string) error {
	area, err := private(1)
	if err != nil {
		return err
	}
	const none, signature, unregister, size = ^uint32(0), 0x53053053, 1, 32
	cpu := (*atomic.Uint32)(unsafe.Pointer(&area[4]))
	cpu.Store(none)
	_, _, errno := unix.Syscall6(unix.SYS_RSEQ, uintptr(unsafe.Pointer(&area[0])), size, 0, signature, 0, 0)
	if (errno == unix.EINVAL || errno == unix.EBUSY) && mapped("libc") {
		return setup("libc has it already", errno)
	}
	if errno != 0 {
		return errno
	}
	for range 100 { // it may move between the two
		now, err := thisCPU()
		if err != nil {
			return err
		}
		if now == int(cpu.Load()) {
			_, _, errno = unix.Syscall6(unix.SYS_RSEQ, uintptr(unsafe.Pointer(&area[0])), size, unregister, signature, 0, 0)
			if errno != 0 {
				return errno
			}
			return nil
		}
	}
	return wrongf("it was registered, and says CPU %d", int32(cpu.Load()))
}
