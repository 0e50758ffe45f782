package sandbox

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The functions below change the thread that calls them, read back what it is then, and
// say so. They are the shim's. Where nothing was asked for they only say what there is.

const (
	noRandomize = 0x0040000 // ADDR_NO_RANDOMIZE of personality(2)
	whichIs     = 0xffffffff
)

func applyASLR(want string) Effect {
	e := Effect{Name: "aslr", Requested: want, By: "personality"}
	now, err := personality(whichIs)
	if err == nil && want != "" {
		next := now &^ noRandomize
		if want == "off" {
			next = now | noRandomize
		}
		if _, err = personality(next); err == nil {
			now, err = personality(whichIs)
		}
	}
	switch text, _ := os.ReadFile("/proc/sys/kernel/randomize_va_space"); {
	case err != nil:
		e.failed(err)
	case strings.TrimSpace(string(text)) == "0":
		e.Effective, e.By = "off", "kernel.randomize_va_space"
	case now&noRandomize != 0:
		e.Effective, e.Note = "off", "the heap of a Go program since 1.26 moves all the same"
	default:
		e.Effective = "on"
	}
	return e
}

func personality(persona uintptr) (uintptr, error) {
	old, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, persona, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return old, nil
}

func applySlack(want time.Duration) Effect {
	e := Effect{Name: "timer-slack", By: "prctl"}
	if want > 0 {
		e.Requested = strconv.FormatInt(int64(want), 10)
		if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(want), 0, 0, 0); err != nil {
			e.failed(err)
			return e
		}
	}
	now, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		e.failed(err)
		return e
	}
	e.Effective = strconv.Itoa(now)
	return e
}

// applyPolicy keeps the nice value: sched_setattr(2) has both.
func applyPolicy(batch bool) Effect {
	e := Effect{Name: "policy", By: "sched_setattr"}
	attr, err := unix.SchedGetAttr(0, 0)
	if err == nil && batch {
		e.Requested, attr.Policy = "batch", unix.SCHED_BATCH
		if err = unix.SchedSetAttr(0, attr, 0); err == nil {
			attr, err = unix.SchedGetAttr(0, 0)
		}
	}
	if err != nil {
		e.failed(err)
		return e
	}
	e.Effective = policyName(attr.Policy)
	return e
}

func policyName(policy uint32) string {
	names := []string{"other", "fifo", "rr", "batch", "", "idle", "deadline", "ext"}
	if int(policy) < len(names) && names[policy] != "" {
		return names[policy]
	}
	return strconv.Itoa(int(policy))
}

func applyNice(want int) Effect {
	e := Effect{Name: "nice", By: "setpriority"}
	var err error
	if want != 0 {
		e.Requested = strconv.Itoa(want)
		err = unix.Setpriority(unix.PRIO_PROCESS, 0, want)
	}
	now, errGet := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if errGet != nil {
		e.failed(errGet)
		return e
	}
	e.Effective = strconv.Itoa(20 - now) // the system call has no negative answers
	if err != nil {
		e.Note = err.Error()
	}
	return e
}

// applyCPUs has the CPUs of the settings, else those of the limits.
func applyCPUs(name string, wanted, limit []int) Effect {
	e := Effect{Name: name, By: "sched_setaffinity"}
	want := wanted
	if len(want) == 0 {
		want = limit
	}
	var err error
	if len(want) > 0 {
		e.Requested, e.Note = listText(want), "a process may change its own"
		var set unix.CPUSet
		for _, cpu := range want {
			set.Set(cpu)
		}
		err = unix.SchedSetaffinity(0, &set)
	}
	now, errGet := affinity()
	if err != nil || errGet != nil {
		e.failed(firstError(err, errGet))
		return e
	}
	e.Effective = listText(now)
	return e
}

// affinity is on which CPUs this thread may run.
func affinity() (cpus []int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	for cpu := range len(set) * strconv.IntSize {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

const noteData = "of each process alone, and of what it may write to, not of what it does; an allocation fails then"

// applyRlimit sets both limits, so that the payload cannot take it back. Nothing is
// said of one that nobody asked for.
func applyRlimit(name string, resource int, want uint64, note string) Effect {
	if want == 0 {
		return Effect{}
	}
	e := Effect{Name: name, Requested: strconv.FormatUint(want, 10), By: fmt.Sprintf("rlimit %d", resource), Note: note}
	if known, ok := rlimitNames()[resource]; ok {
		e.By = known
	}
	// By package syscall: it then leaves RLIMIT_NOFILE alone, which it otherwise puts
	// back before execve(2).
	err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: want, Max: want})
	var now syscall.Rlimit
	errGet := syscall.Getrlimit(resource, &now)
	switch {
	case errGet != nil:
		e.failed(errGet)
	case err != nil && now.Cur > want:
		e.failed(err)
	default:
		e.Effective = strconv.FormatUint(now.Cur, 10)
		if err != nil {
			e.Note = err.Error()
		}
	}
	return e
}

func rlimitNames() map[int]string {
	return map[int]string{
		unix.RLIMIT_DATA: "RLIMIT_DATA", unix.RLIMIT_NOFILE: "RLIMIT_NOFILE", unix.RLIMIT_FSIZE: "RLIMIT_FSIZE",
		unix.RLIMIT_AS: "RLIMIT_AS", unix.RLIMIT_CPU: "RLIMIT_CPU",
	}
}

func (e *Effect) failed(err error) { e.Effective, e.Note = None, err.Error() }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
