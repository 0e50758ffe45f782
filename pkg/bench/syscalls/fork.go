package syscalls

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A script is system calls that a forked copy of this process makes, one after the
// other, until one fails. Nothing of Go runs there: a copy has one thread of ours,
// and none of the runtime's.
type script struct {
	page  []byte // shared with the copy: outcomes first, then what the calls point to
	used  int
	steps []step
}

// A step is one system call.
type step struct {
	name string
	nr   uintptr
	args [6]uintptr
	from int  // the step whose result is the first argument, or -1
	may  bool // may fail, and the next is made all the same
}

// An outcome is what a step came to.
type outcome struct {
	result uintptr
	errno  uintptr
	done   uintptr // 1 when it was made
}

const (
	pageSize = 64 << 10
	maxSteps = 32
)

// newScript begins with the copy's death at that of this process.
func newScript() (*script, error) {
	page, err := unix.Mmap(-1, 0, pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, setup("memory to share", err)
	}
	s := &script{page: page, used: maxSteps * int(unsafe.Sizeof(outcome{}))}
	s.may("prctl", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL))
	return s, nil
}

// call appends a step, and returns its number.
func (s *script) call(name string, nr uintptr, args ...uintptr) int {
	st := step{name: name, nr: nr, from: -1}
	copy(st.args[:], args)
	s.steps = append(s.steps, st)
	return len(s.steps) - 1
}

// may appends a step that is allowed to fail.
func (s *script) may(name string, nr uintptr, args ...uintptr) int {
	i := s.call(name, nr, args...)
	s.steps[i].may = true
	return i
}

// with makes the result of another step the first argument of the last one.
func (s *script) with(from int) { s.steps[len(s.steps)-1].from = from }

// pause waits for a signal.
func (s *script) pause() { s.call("ppoll", unix.SYS_PPOLL) }

// room is memory that both see, and its address.
func (s *script) room(n int) ([]byte, uintptr) {
	at := (s.used + 15) &^ 15
	s.used = at + n
	b := s.page[at:s.used:s.used]
	return b, uintptr(unsafe.Pointer(&b[0]))
}

// text is the address of a string for the kernel.
func (s *script) text(t string) uintptr {
	b, p := s.room(len(t) + 1)
	copy(b, t)
	return p
}

// words is the address of a structure of 64-bit fields.
func (s *script) words(w ...uint64) uintptr {
	b, p := s.room(8 * len(w))
	copy(unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(w)), w)
	return p
}

func (s *script) outcomes() *[maxSteps]outcome {
	return (*[maxSteps]outcome)(unsafe.Pointer(&s.page[0]))
}

// outcome is what a step came to; the error says that it was not made, or has failed.
func (s *script) outcome(i int) (uintptr, error) {
	o := s.outcomes()[i]
	switch {
	case o.done == 0:
		return 0, unsure{fmt.Errorf("step %d was not made", i)}
	case o.errno != 0:
		return 0, unix.Errno(o.errno)
	}
	return o.result, nil
}

// fork starts the copy by clone with some flags.
func (s *script) fork(flags, parentTID uintptr) (pid int, err error) {
	return s.forkBy(unix.SYS_CLONE, flags|uintptr(unix.SIGCHLD), 0, parentTID)
}

func (s *script) forkBy(nr, a1, a2, a3 uintptr) (int, error) {
	// A handler of Go's must not run in the copy.
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i]-- // all bits, in words of whatever size
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &all, &old); err != nil {
		return 0, setup("block signals", err)
	}
	pid, errno := forkAndCall(nr, a1, a2, a3, s.steps, s.outcomes())
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil); err != nil {
		return 0, setup("unblock signals", err)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(pid), nil
}

// forkAndCall returns in the parent only, as syscall.forkAndExecInChild does.
//
//go:noinline
//go:norace
//go:nosplit
func forkAndCall(nr, a1, a2, a3 uintptr, steps []step, out *[maxSteps]outcome) (uintptr, syscall.Errno) {
	pid, _, errno := syscall.RawSyscall6(nr, a1, a2, a3, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return pid, errno
	}
	code := uintptr(0)
	for i := range steps {
		st, o := &steps[i], &out[i%maxSteps]
		first := st.args[0]
		if st.from >= 0 {
			first = out[st.from%maxSteps].result
		}
		r, _, e := syscall.RawSyscall6(st.nr, first, st.args[1], st.args[2], st.args[3], st.args[4], st.args[5])
		o.result, o.errno, o.done = r, uintptr(e), 1
		if e != 0 && !st.may {
			code = 1
			break
		}
	}
	for {
		syscall.RawSyscall6(syscall.SYS_EXIT_GROUP, code, 0, 0, 0, 0, 0)
	}
}

// run forks, waits for the end, and returns the error of the step that failed.
func (s *script) run(flags uintptr) error {
	pid, err := s.fork(flags, 0)
	if err != nil {
		return fmt.Errorf("clone: %w", err)
	}
	status, err := wait(pid, 0)
	if err != nil {
		return err
	}
	if status.Signaled() {
		return wrongf("the forked process was killed by %s", unix.SignalName(status.Signal()))
	}
	return s.failure()
}

// failure is the error of the first step that has failed, or was not made.
func (s *script) failure() error {
	for i, st := range s.steps {
		if _, err := s.outcome(i); err != nil && !st.may {
			return fmt.Errorf("%s: %w", st.name, err)
		}
	}
	return nil
}

// wait is wait4 without its interruptions.
func wait(pid, options int) (status unix.WaitStatus, err error) {
	err = again(func() error {
		_, err := unix.Wait4(pid, &status, options, nil)
		return err
	})
	return status, setup("wait4", err)
}

// kill ends a copy and waits for it.
func kill(pid int) {
	_ = unix.Kill(pid, unix.SIGKILL)
	_, _ = wait(pid, unix.WALL)
}

// again repeats what a signal has interrupted.
func again(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}
