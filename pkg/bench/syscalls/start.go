package syscalls

import (
	"errors"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// startTable is what the runtime needs to start and to schedule.
func startTable() []probe {
	return []probe{
		{name: "sigaltstack", try: trySignalStack,
			loses: "no Go program runs: a nil pointer would end it instead of being a panic (runtime/signal_unix.go)"},
		{name: "tgkill", try: tryPreempt,
			loses: "loops without calls are not preempted, and the garbage collector waits for them (runtime/preempt.go)"},
		{name: "futex", try: tryFutex,
			loses: "no Go program runs: threads sleep and wake by it (runtime/os_linux.go, futexsleep)"},
		{name: "clone", try: tryThread,
			loses: "no Go program runs: the runtime makes its threads by it (runtime/os_linux.go, newosproc)"},
		{name: "clock_gettime", try: tryClocks,
			loses: "time.Now, timers and deadlines (runtime/sys_linux_amd64.s)"},
		{name: "clock_nanosleep", try: tryNanosleep,
			loses: "nothing in Go itself; glibc since 2.31 sleeps by it, cgo with it, and so does bench sched"},
		{name: "getrandom", try: tryRandom,
			loses: "crypto/rand reads /dev/urandom instead (crypto/internal/sysrand/rand.go)"},
		{name: "sched_setaffinity", try: tryAffinity,
			loses: "GOMAXPROCS would not follow the CPUs that a process may use (runtime/os_linux.go, getCPUCount)"},
		{name: "prlimit64", try: tryFileLimit,
			loses: "programs keep the soft limit of open files, 1024 mostly (syscall/rlimit.go raises it at start)"},
		{name: "timer_create", try: tryCPUTimer,
			loses: "runtime/pprof samples the whole process by setitimer, and its threads unevenly (runtime/os_linux.go, setThreadCPUProfiler)"},
		{name: "sched_setattr", try: trySchedAttr,
			loses: "nothing in Go itself; the benchmarks cannot set priorities of single threads"},
		{name: "prctl/PR_SET_TIMERSLACK", try: tryTimerSlack,
			loses: "wake-ups are up to 50 us late, and the benchmarks cannot change that"},
		{name: "rseq", try: tryRseq,
			loses: "nothing in Go itself; glibc since 2.35 registers it, and tcmalloc under cgo lives by it"},
		{name: "membarrier", try: tryMembarrier,
			loses: "nothing in Go itself; liburcu and other C libraries under cgo take a slower way"},
		{name: "futex/FUTEX_LOCK_PI", try: tryFutexPI,
			loses: "nothing in Go itself; C libraries under cgo with mutexes that inherit priorities"},
	}
}

func trySignalStack(string) (err error) {
	var stack struct {
		sp    uintptr
		flags int32
		_     int32
		size  uintptr
	}
	if _, _, errno := unix.Syscall(unix.SYS_SIGALTSTACK, 0, uintptr(unsafe.Pointer(&stack)), 0); errno != 0 {
		return errno
	}
	const disabled = 2
	if stack.flags&disabled != 0 || stack.size == 0 {
		return wrongf("the runtime has set a stack for signals, and there is none")
	}
	defer func() {
		if _, ok := recover().(runtime.Error); !ok {
			err = wrongf("a nil pointer makes no panic")
		}
	}()
	return wrongf("a nil pointer was read: %d", read(nil))
}

//go:noinline
func read(p *int) int { return *p }

// A loop without calls can be stopped by a signal to its thread, and only so.
func tryPreempt(string) error {
	if err := unix.Tgkill(unix.Getpid(), unix.Gettid(), 0); err != nil {
		return err
	}
	var stop atomic.Bool
	spins := make(chan struct{})
	go func() {
		close(spins)
		for !stop.Load() {
		}
	}()
	<-spins
	runtime.GC() // comes back when all have stopped
	stop.Store(true)
	return nil
}

const (
	futexWait     = 0 | 128 // FUTEX_PRIVATE_FLAG
	futexWake     = 1 | 128
	futexLockPI   = 6 | 128
	futexUnlockPI = 7 | 128
)

func futex(word *atomic.Uint32, op int, value uint32, timeout *unix.Timespec) (int, error) {
	n, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), uintptr(op), uintptr(value), uintptr(unsafe.Pointer(timeout)), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func tryFutex(string) error {
	word := new(atomic.Uint32)
	begin := time.Now()
	err := again(func() error {
		_, err := futex(word, futexWait, 0, &unix.Timespec{Nsec: 5e6})
		return err
	})
	if took := time.Since(begin); err == nil || errors.Is(err, unix.ETIMEDOUT) && took < 4*time.Millisecond {
		return wrongf("a wait of 5 ms ended after %v with %v", took, err)
	} else if !errors.Is(err, unix.ETIMEDOUT) {
		return err
	}
	if _, err := futex(word, futexWait, 1, nil); !errors.Is(err, unix.EAGAIN) {
		return wrongf("a wait for another value than that in memory ended with %v", err)
	}
	return wakes(word)
}

// wakes sees that a sleeper is woken.
func wakes(word *atomic.Uint32) error {
	woken := make(chan error)
	go func() {
		_, err := futex(word, futexWait, 0, &unix.Timespec{Sec: 1})
		woken <- err
	}()
	for {
		if n, err := futex(word, futexWake, 1, nil); err != nil {
			return err
		} else if n == 1 {
			return <-woken
		}
		select {
		case err := <-woken:
			return wrongf("a sleeper could not be woken: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
}

func tryFutexPI(string) error {
	word := new(atomic.Uint32)
	if _, err := futex(word, futexLockPI, 0, nil); err != nil {
		return err
	}
	const tids = 1<<30 - 1
	if owner := int(word.Load() & tids); owner != unix.Gettid() {
		return wrongf("the lock is owned by %d", owner)
	}
	if _, err := futex(word, futexUnlockPI, 0, nil); err != nil {
		return err
	}
	if word.Load() != 0 {
		return wrongf("the lock was given back and is still taken")
	}
	return nil
}

func tryThread(string) error {
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
	}()
	if other := <-tid; other == unix.Gettid() {
		return wrongf("two threads have the number %d", other)
	}
	return nil
}

func clock(id int32) (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(id, &t)
	return time.Duration(t.Nano()), err
}

func tryClocks(string) error {
	for _, id := range []int32{unix.CLOCK_REALTIME, unix.CLOCK_MONOTONIC, unix.CLOCK_BOOTTIME, unix.CLOCK_THREAD_CPUTIME_ID} {
		first, err := clock(id)
		if err != nil {
			return err
		}
		for range 1000 {
			next, err := clock(id)
			if err != nil {
				return err
			}
			if next < first && id != unix.CLOCK_REALTIME {
				return wrongf("clock %d went back by %v", id, first-next)
			}
			first = next
		}
	}
	mono, _ := clock(unix.CLOCK_MONOTONIC)
	if boot, _ := clock(unix.CLOCK_BOOTTIME); boot < mono {
		return wrongf("CLOCK_BOOTTIME is %v behind CLOCK_MONOTONIC", mono-boot)
	}
	return nil
}

func tryNanosleep(string) error {
	now, err := clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		return setup("clock_gettime", err)
	}
	until := unix.NsecToTimespec(int64(now + 5*time.Millisecond))
	err = again(func() error { return unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil) })
	if err != nil {
		return err
	}
	if woke, _ := clock(unix.CLOCK_MONOTONIC); woke < now+5*time.Millisecond {
		return wrongf("a sleep of 5 ms ended after %v", woke-now)
	}
	return nil
}

func tryRandom(string) error {
	var a, b [32]byte
	for _, p := range [][]byte{a[:], b[:]} {
		if n, err := unix.Getrandom(p, unix.GRND_NONBLOCK); err != nil {
			return err
		} else if n != len(p) {
			return wrongf("%d bytes of %d", n, len(p))
		}
	}
	if a == b || a == [32]byte{} {
		return wrongf("the same bytes twice, or zeroes")
	}
	return nil
}

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

// mask blocks one signal for this thread, so that it can be waited for.
func mask(sig unix.Signal) (set unix.Sigset_t, err error) {
	set.Val[0] = 1 << (sig - 1)
	return set, setup("block a signal", unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

// The profiler's timer counts the time of a thread, and signals that thread.
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

// The kernel writes the CPU of a thread where that has asked it to.
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
