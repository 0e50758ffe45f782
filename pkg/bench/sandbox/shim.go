package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/perf"
)

// An order is what a shim is told, as JSON in its first argument.
type order struct {
	Path     string   `json:"path,omitempty"` // what to become; "" only tries
	Settings Settings `json:"settings"`
	Limits   Limits   `json:"limits"`          // those that no control group holds
	Mark     uint64   `json:"mark,omitempty"`  // see marks.go
	Group    string   `json:"group,omitempty"` // the directory of its control group
}

// applied is what a shim says before it becomes the payload.
type applied struct {
	Limits   []Effect `json:"limits,omitempty"`
	Settings []Effect `json:"settings,omitempty"`
	Marked   bool     `json:"marked"`
	Self     Self     `json:"self"`
}

// Self is what the shim itself has used up, read last of all: the numbers of a payload
// hold it, too.
type Self struct {
	Started    time.Duration `json:"started_ns"`   // CLOCK_MONOTONIC, right before the payload began
	CPU        time.Duration `json:"cpu_ns"`       // user and system, as getrusage(2) has them
	GroupCPU   time.Duration `json:"group_cpu_ns"` // as cpu.stat has it; 0 without a control group
	MemoryPeak int64         `json:"memory_peak"`  // bytes, as memory.peak has them
	MaxRSS     int64         `json:"max_rss"`      // ru_maxrss in bytes: execve(2) keeps it, a payload never has less
}

// failure is what a shim says after applied where it could not become the payload.
type failure struct {
	Error string        `json:"error"`
	Errno syscall.Errno `json:"errno"`
}

// An ExecError is a payload that could not be started.
type ExecError struct {
	Path string
	Err  error // a [syscall.Errno] where the kernel has refused
}

func (e *ExecError) Error() string { return fmt.Sprintf("start %s: %v", e.Path, e.Err) }

// Unwrap is why.
func (e *ExecError) Unwrap() error { return e.Err }

// Exec is the shim: it applies what args order to this process, writes to report what
// came of it, and becomes the payload. args are those of [Cell.Argv] behind
// [Options.Shim]. It returns only where that fails, or there is nothing to become.
//
// All of it happens on one thread: personality, timer slack, affinity, policy and nice
// belong to a thread, and execve(2) leaves the one that calls it.
func Exec(args, environ []string, report *os.File) error {
	if len(args) == 0 {
		return errors.New("become the payload: no order")
	}
	var o order
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return fmt.Errorf("become the payload: %w", err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unix.CloseOnExec(int(report.Fd())) // its end says that there is a payload
	out := json.NewEncoder(report)
	a := o.apply(environ)
	if err := out.Encode(a); err != nil {
		return fmt.Errorf("become the payload: %w", err)
	}
	if o.Path == "" {
		return nil
	}
	if o.Settings.Counters {
		_ = perf.Arm(os.NewFile(4, "counters")) // who wants them finds out: nothing arrives
	}
	err := syscall.Exec(o.Path, args[1:], environ)
	said := failure{Error: err.Error()}
	errors.As(err, &said.Errno)
	return errors.Join(&ExecError{o.Path, err}, out.Encode(said))
}

// apply does what there is to do in an order in which nothing hinders what follows.
func (o order) apply(environ []string) (a applied) {
	s, l := o.Settings, o.Limits
	a.Settings = append(a.Settings, applyASLR(s.ASLR), applySlack(s.TimerSlack), applyPolicy(s.Batch), applyNice(s.Nice))
	if len(l.CPUs) > 0 {
		a.Limits = append(a.Limits, applyCPUs("cpus", s.CPUs, l.CPUs))
	} else {
		a.Settings = append(a.Settings, applyCPUs("affinity", s.CPUs, nil))
	}
	a.Settings = append(a.Settings,
		applyRlimit("nofile", unix.RLIMIT_NOFILE, s.NoFile, ""),
		applyRlimit("file-size", unix.RLIMIT_FSIZE, s.FileSize, ""),
		applyRlimit("address-space", unix.RLIMIT_AS, s.AddressSpace, ""),
		applyRlimit("cpu-time", unix.RLIMIT_CPU, uint64((s.CPUTime+time.Second-1)/time.Second), ""),
		goMaxProcs(environ))
	a.Settings = slices.DeleteFunc(a.Settings, func(e Effect) bool { return e == Effect{} })
	if err := setMark(o.Mark); err != nil {
		mark := Effect{Name: "mark", Requested: strconv.FormatUint(o.Mark, 10), By: "RLIMIT_LOCKS"}
		mark.failed(fmt.Errorf("%w: children that leave their process group are not found", err))
		a.Settings = append(a.Settings, mark)
	} else {
		a.Marked = true
	}
	if l.Memory > 0 { // the last: this program needs some, too
		a.Limits = append(a.Limits, applyRlimit("memory", unix.RLIMIT_DATA, uint64(l.Memory), noteData))
	}
	a.Self = o.self()
	return a
}

// self is read last.
func (o order) self() (s Self) {
	if o.Group != "" {
		group := cgroups{disk{}}
		s.MemoryPeak, _ = group.number(o.Group, "memory.peak")
		if stat, err := group.table(o.Group, "cpu.stat"); err == nil {
			s.GroupCPU = time.Duration(stat["usage_usec"]) * time.Microsecond
		}
	}
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) == nil {
		s.MaxRSS = int64(usage.Maxrss) << 10
		s.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) == nil {
		s.Started = time.Duration(now.Nano())
	}
	return s
}

// readApplied reads what a shim has said until it became the payload.
func readApplied(r io.Reader, path string) (a applied, err error) {
	in := json.NewDecoder(io.LimitReader(r, 1<<20))
	if err := in.Decode(&a); err != nil {
		return a, &ExecError{path, fmt.Errorf("the shim said nothing: %w", err)}
	}
	var f failure
	switch err := in.Decode(&f); {
	case errors.Is(err, io.EOF):
		return a, nil
	case err != nil:
		return a, &ExecError{path, err}
	case f.Errno != 0:
		return a, &ExecError{path, f.Errno}
	}
	return a, &ExecError{path, errors.New(f.Error)}
}

// goMaxProcs is how many Ps a Go program will have. Since Go 1.25 that depends on
// cpu.max of its group, and so does what is measured; this program is one.
func goMaxProcs(environ []string) Effect {
	e := Effect{Name: "gomaxprocs", By: "CPUs and cpu.max", Note: "of a Go program since 1.25"}
	procs := runtime.GOMAXPROCS(0)
	if cpus, err := affinity(); err == nil {
		procs = min(procs, len(cpus)) // the affinity has changed since this program began
	}
	for _, v := range environ {
		if value, ok := strings.CutPrefix(v, "GOMAXPROCS="); ok && value != "" {
			e.Requested, e.By = value, "GOMAXPROCS"
			if n, err := strconv.Atoi(value); err == nil && n > 0 {
				procs = n
			}
		}
	}
	e.Effective = strconv.Itoa(procs)
	return e
}
