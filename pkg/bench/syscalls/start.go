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
	spins := make(chan struct{})
	go func() {
		close(spins)
		for i := uint64(1); i != 0; i += 2 { // odd for ever
		}
	}()
	<-spins
	runtime.GC() // comes back when all have stopped
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

// mask blocks one signal for this thread, so that it can be waited for.

// The profiler's timer counts the time of a thread, and signals that thread.

// The kernel writes the CPU of a thread where that has asked it to.
