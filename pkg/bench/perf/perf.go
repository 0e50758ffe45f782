// Package perf counts what a program makes the kernel and the processor do, by
// perf_event_open(2): the time on a processor, page faults, context switches, and
// cycles and instructions where there is a PMU.
//
// Counters belong to a thread and to what it starts. So a process that is about to
// become the program opens them, and hands them to whoever wants to read:
//
//	// in the process that becomes the program, on a locked thread
//	err := perf.Arm(socket)
//	err = syscall.Exec(path, argv, environ) // from here on it is counted
//
//	// in the one that has started it, with the other end of perf.Pair
//	counters, err := perf.Receive(socket)
//	... // wait for the program
//	for _, c := range counters.Read() {
//		fmt.Println(c.Name, c.Value, c.Absent)
//	}
//
// What a machine does not count is absent, with the reason. A user who may not count
// the kernel's share (perf_event_paranoid 2 and above) gets that of the program alone
// where it means something, and is told so. Context switches and migrations happen in
// the kernel: counted without it they are 0 whatever happens, and so they are absent
// then; getrusage(2) has the switches. Nothing here changes perf_event_paranoid.
package perf

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An event is something that can be counted.
type event struct {
	name, unit   string
	kind         uint32
	config       uint64
	inKernelOnly bool // without the kernel it is always 0
}

// events are in the order in which Counters have them.
func events() []event {
	software := func(name, unit string, config uint64, inKernelOnly bool) event {
		return event{name, unit, unix.PERF_TYPE_SOFTWARE, config, inKernelOnly}
	}
	hardware := func(name string, config uint64) event {
		return event{name, "", unix.PERF_TYPE_HARDWARE, config, false}
	}
	return []event{
		software("task-clock", "ns", unix.PERF_COUNT_SW_TASK_CLOCK, false),
		software("page-faults", "", unix.PERF_COUNT_SW_PAGE_FAULTS, false),
		software("major-faults", "", unix.PERF_COUNT_SW_PAGE_FAULTS_MAJ, false),
		software("context-switches", "", unix.PERF_COUNT_SW_CONTEXT_SWITCHES, true),
		software("cpu-migrations", "", unix.PERF_COUNT_SW_CPU_MIGRATIONS, true),
		hardware("cycles", unix.PERF_COUNT_HW_CPU_CYCLES),
		hardware("instructions", unix.PERF_COUNT_HW_INSTRUCTIONS),
		hardware("branches", unix.PERF_COUNT_HW_BRANCH_INSTRUCTIONS),
		hardware("branch-misses", unix.PERF_COUNT_HW_BRANCH_MISSES),
		hardware("cache-references", unix.PERF_COUNT_HW_CACHE_REFERENCES),
		hardware("cache-misses", unix.PERF_COUNT_HW_CACHE_MISSES),
	}
}

// A Count is what one counter says.
type Count struct {
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"` // "ns"; "" counts things
	Value uint64 `json:"value"`
	// Enabled is for how long there was something to count, and Running for how long the
	// counter had a place in the PMU. Where that is less, Value is scaled up from it.
	Enabled time.Duration `json:"enabled_ns"`
	Running time.Duration `json:"running_ns"`
	Raw     uint64        `json:"raw"`                 // what was really counted
	User    bool          `json:"user_only,omitempty"` // the kernel's share is not in it
	Absent  string        `json:"absent,omitempty"`    // why there is no value
}

// A counter is an event that is counted, or that cannot be.
type counter struct {
	Name, Unit string
	User       bool
	Absent     string
	fd         int
}

// Counters are open counters of one program.
type Counters struct{ list []counter }

// open opens all counters of the calling thread. They begin where it becomes another
// program, and hold what that starts as well.
func open() *Counters {
	c := new(Counters)
	for _, e := range events() {
		c.list = append(c.list, e.open())
	}
	return c
}

func (e event) open() counter {
	c := counter{Name: e.name, Unit: e.unit, fd: -1}
	attr := unix.PerfEventAttr{
		Type: e.kind, Config: e.config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
		Bits:        unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec,
	}
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if refused(err) && !e.inKernelOnly {
		attr.Bits |= unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv
		if fd, err = unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC); err == nil {
			// The time is that of the kernel as well: that clock does not look who runs.
			c.User = e.config != unix.PERF_COUNT_SW_TASK_CLOCK || e.kind != unix.PERF_TYPE_SOFTWARE
		}
	}
	if err != nil {
		c.Absent = why(err, e.inKernelOnly)
		return c
	}
	c.fd = fd
	return c
}

func refused(err error) bool { return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) }

// why says in words what perf_event_open(2) says in numbers.
func why(err error, inKernelOnly bool) string {
	switch {
	case errors.Is(err, unix.ENOENT):
		return "this machine has no such counter, as most virtual machines"
	case errors.Is(err, unix.ENOSYS):
		return "this kernel has no perf events, as WSL1"
	case refused(err) && inKernelOnly:
		return "it happens in the kernel, which " + paranoid() + " hides; getrusage(2) has context switches"
	case refused(err):
		return "not permitted: " + paranoid() + ", or a container forbids it"
	}
	return err.Error()
}

// paranoid is how much the kernel tells users.
func paranoid() string {
	const name = "perf_event_paranoid"
	text, err := os.ReadFile("/proc/sys/kernel/" + name)
	if err != nil {
		return name
	}
	return name + " " + strings.TrimSpace(string(text))
}

// Read is what the counters say now. It may be asked while the program runs, and after
// it.
func (c *Counters) Read() (counts []Count) {
	for _, x := range c.list {
		counts = append(counts, x.read())
	}
	return counts
}

func (x counter) read() Count {
	count := Count{Name: x.Name, Unit: x.Unit, User: x.User, Absent: x.Absent}
	if x.Absent != "" {
		return count
	}
	var numbers [3]uint64 // value, time enabled, time running
	n, err := unix.Read(x.fd, unsafe.Slice((*byte)(unsafe.Pointer(&numbers)), unsafe.Sizeof(numbers)))
	if err != nil || n != int(unsafe.Sizeof(numbers)) {
		count.Absent = fmt.Sprintf("it cannot be read: %d bytes, %v", n, err)
		return count
	}
	count.Raw, count.Value = numbers[0], numbers[0]
	count.Enabled, count.Running = time.Duration(numbers[1]), time.Duration(numbers[2])
	switch {
	case numbers[1] == 0:
		count.Absent = "the program was not started"
	case numbers[2] == 0:
		count.Absent = "it never had a place in the PMU"
	case numbers[2] < numbers[1]:
		count.Value = uint64(float64(numbers[0]) * float64(numbers[1]) / float64(numbers[2]))
	}
	return count
}

// Close ends the counting.
func (c *Counters) Close() error {
	var errs []error
	for i, x := range c.list {
		if x.fd >= 0 {
			errs = append(errs, unix.Close(x.fd))
			c.list[i].fd, c.list[i].Absent = -1, "closed"
		}
	}
	return errors.Join(errs...)
}

// Probe tries what can be counted here: the names of the counters that there are, and
// why there are no others.
func Probe() (there []string, missing map[string]string) {
	c := open()
	missing = make(map[string]string)
	for _, x := range c.list {
		if x.Absent == "" {
			there = append(there, x.Name)
		} else {
			missing[x.Name] = x.Absent
		}
	}
	if err := c.Close(); err != nil {
		missing["close"] = err.Error()
	}
	return there, missing
}

// String is the count with its unit, or why there is none.
func (c Count) String() string {
	if c.Absent != "" {
		return c.Name + ": absent (" + c.Absent + ")"
	}
	return strings.TrimSpace(c.Name + ": " + strconv.FormatUint(c.Value, 10) + " " + c.Unit)
}
