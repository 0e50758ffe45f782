package bench

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Watch looks at the machine before and after a probe measures. The zero value
// looks at this one.
type Watch struct {
	Root   fs.FS  // laid out like /; nil is this machine's
	Kernel Kernel // nil is this machine's
	// Env is what the caller knows and a package must not read: GODEBUG of the
	// environment as "godebug", the kind of Linux as "kind".
	Env []Key
	// Limits are the values above which a cause is a disturbance, where they are not
	// those of [DefaultLimits].
	Limits map[string]float64
}

// Once has a probe measure, once, in this process, and looks for what disturbs it.
// A run that something disturbed is no error: see [Run.Marks].
//
// The run is never nil. With an error it is partial: what there was until then.
func Once(ctx context.Context, probe Probe) (*Run, error) {
	return new(Watch).Once(ctx, probe)
}

// Once is [Once] with what else the caller knows.
func (w *Watch) Once(ctx context.Context, probe Probe) (*Run, error) {
	m := w.machine()
	run := &Run{Probe: probe.Name(), Begin: time.Now(), Env: append(m.env(), w.Env...)}
	stop := m.start(run)
	err := probe.Measure(ctx, run)
	stop()
	for i, s := range run.Series {
		notes := append([]string{s.Note}, s.Doubts()...)
		run.Series[i].Note = strings.TrimPrefix(strings.Join(notes, "; "), "; ")
	}
	if err != nil {
		run.Partial = true
		return run, fmt.Errorf("measure %s: %w", run.Probe, err)
	}
	return run, nil
}

// A Kernel answers what no file says.
type Kernel interface {
	// Clock reads a clock of clock_gettime(2).
	Clock(id int32) (time.Duration, error)
	// Hardware opens the clock outside of this kernel: its id for Clock, and what
	// closes it.
	Hardware() (id int32, done func(), err error)
	// Synchronized reports whether somebody keeps the clock right (adjtimex(2)).
	Synchronized() (bool, error)
	// Nivcsw is how often the kernel took a CPU from a thread of this process.
	Nivcsw() (int64, error)
	// CPUTime is what this process has used, and those that it has waited for.
	CPUTime() (time.Duration, error)
	// CPUs is on how many the calling thread may run.
	CPUs() (int, error)
	// TimerSlack is that of the calling thread, in nanoseconds.
	TimerSlack() (int64, error)
}

// thisKernel is the Kernel that this program runs on.
type thisKernel struct{}

func (thisKernel) Clock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(id, &ts)
	return time.Duration(ts.Nano()), err
}

// Hardware is /dev/ptp0, the clock of the network card or, in virtual machines of
// Hyper-V and KVM, that of the host. Often only root may read it.
func (thisKernel) Hardware() (id int32, done func(), err error) {
	file, err := os.Open("/dev/ptp0")
	if err != nil {
		return 0, nil, err
	}
	return ^int32(file.Fd())<<3 | 3, func() { _ = file.Close() }, nil // FD_TO_CLOCKID, clock_getres(2)
}

func (thisKernel) Synchronized() (bool, error) {
	var tx unix.Timex // which sets nothing
	_, err := unix.Adjtimex(&tx)
	return tx.Status&unix.STA_UNSYNC == 0, err
}

func (thisKernel) Nivcsw() (int64, error) {
	var usage unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return int64(usage.Nivcsw), err
}

func (thisKernel) CPUTime() (sum time.Duration, err error) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var usage unix.Rusage
		if err := unix.Getrusage(who, &usage); err != nil {
			return 0, err
		}
		sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return sum, nil
}

func (thisKernel) CPUs() (int, error) {
	var set unix.CPUSet
	err := unix.SchedGetaffinity(0, &set)
	return set.Count(), err
}

func (thisKernel) TimerSlack() (int64, error) {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	return int64(slack), err
}

// A machine is where a run takes place.
type machine struct {
	root   fs.FS
	kernel Kernel
	limits map[string]float64
	group  group
	config string // of the kernel; "" is unknown
}

func (w *Watch) machine() *machine {
	m := &machine{root: w.Root, kernel: w.Kernel, limits: w.Limits}
	if m.root == nil {
		m.root = os.DirFS("/")
	}
	if m.kernel == nil {
		m.kernel = thisKernel{}
	}
	m.group, m.config = m.ownGroup(), m.kernelConfig()
	return m
}

// read is the text of a file without the white space around it.
func (m *machine) read(name string) (string, error) {
	text, err := fs.ReadFile(m.root, strings.TrimPrefix(name, "/"))
	return strings.TrimSpace(string(text)), err
}
