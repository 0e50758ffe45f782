package bench

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What disturbs a run, as [Mark] has it in Cause.
const (
	RunDelay  = "run-delay"  // threads of ours were ready and others had the CPU, % of the time
	Steal     = "steal"      // the hypervisor ran somebody else, % of all CPU time
	Pressure  = "psi"        // some thread of this machine waited for a CPU that others had, % of the time
	Throttled = "throttled"  // our cgroup was out of CPU time, us
	Suspend   = "suspend"    // the machine slept, ms
	ClockSet  = "clock-set"  // somebody set the clock, by so many ms
	ClockSlew = "clock-slew" // somebody made the monotonic clock faster, by so many parts in a million
	Nivcsw    = "nivcsw"     // the kernel took the CPU from our threads, 1/s; see Collect
	ClockBack = "clock-back" // the monotonic clock ran backwards, by so many ns
)

// What disturbs nobody by itself, but tells who did: values of a run, in percent of
// one CPU, that may be above 100.
const (
	Own    = "own"    // CPU time of this process and of those that it has started
	Others = "others" // of all others
)

// DefaultLimits are what each cause may reach in a run that nothing disturbs. Those of
// run-delay and psi are for each CPU that the run keeps busy, one at least, and hold
// for what others can have done of it, where the machine tells what they did. Those of
// the clocks are how well two clocks can be read at one moment by a thread
// that may lose its CPU in between; and twice the 500 ppm that the kernel makes good of
// a clock that is wrong, above which somebody corrects the time by it, as chronyd does
// when the machine has slept. Nivcsw has no limit of its own: [Collect] holds
// runs against each other.
func DefaultLimits() map[string]float64 {
	return map[string]float64{
		RunDelay: 2, Steal: 0.5, Pressure: 1, Throttled: 0,
		Suspend: 10, ClockSet: 10, ClockSlew: 1000, ClockBack: 0, Nivcsw: math.Inf(1),
		Own: math.Inf(1), Others: math.Inf(1),
	}
}

// watched begins the names of what the watch has seen.
const watched = "Watch/"

// Watched reports whether the number is one that the watch has seen from outside.
func (v Value) Watched() bool { return strings.HasPrefix(v.Name, watched) }

// errAbsent says that this machine does not tell.
var errAbsent = errors.New("the machine does not tell")

// A gauge begins to look at something. The function it returns says how much of it
// there was since.
type gauge struct {
	cause, unit string
	begin       func(*machine) (end func(wall time.Duration) (float64, error), err error)
}

// gauges are in the order in which they begin. The last is read right before the
// probe begins and right after it ends.
func gauges() []gauge {
	return []gauge{
		{Suspend, "ms", between(unix.CLOCK_BOOTTIME, unix.CLOCK_MONOTONIC)},
		{ClockSet, "ms", between(unix.CLOCK_REALTIME, unix.CLOCK_BOOTTIME)},
		{ClockSlew, "ppm", slew},
		{Throttled, "us", counted(func(m *machine) (float64, error) { return m.group.throttled(m) }, total)},
		{Pressure, "%", counted(pressure, func(us float64, wall time.Duration) float64 { return share(us/1e6, wall) })},
		{Steal, "%", steal},
		{Others, "%", others},
		{Own, "%", counted(own, share)},
		{Nivcsw, "1/s", counted(switches, func(n float64, wall time.Duration) float64 { return n / wall.Seconds() })},
		{RunDelay, "%", runDelay},
	}
}

func total(v float64, _ time.Duration) float64 { return v }

// start begins to watch. What it returns ends that and fills in what disturbed the
// run. Each cause is a value as well, whether it disturbs or not, or a key that says
// that it is not known.
func (m *machine) start(run *Run) (stop func()) {
	list := gauges()
	ends := make([]func(time.Duration) (float64, error), len(list))
	for i, g := range list {
		if end, err := g.begin(m); err == nil {
			ends[i] = end
		}
	}
	rate := m.rate()
	begin, err := m.kernel.Clock(unix.CLOCK_MONOTONIC)
	return func() {
		end, errEnd := m.kernel.Clock(unix.CLOCK_MONOTONIC)
		if err != nil || errEnd != nil {
			end, begin = time.Duration(time.Since(run.Begin)), 0
		}
		if end < begin {
			m.found(run, gauge{cause: ClockBack, unit: "ns"}, float64(begin-end))
		}
		run.Wall = max(end-begin, 1)
		run.Env = append(run.Env, rate(run.Wall))
		for i := len(list) - 1; i >= 0; i-- {
			m.finish(run, list[i], ends[i])
		}
		m.blame(run)
	}
}

func (m *machine) finish(run *Run, g gauge, end func(time.Duration) (float64, error)) {
	if end != nil {
		if value, err := end(run.Wall); err == nil {
			m.found(run, g, value)
			return
		}
	}
	run.Env = append(run.Env, Key{g.cause, Absent})
}

func (m *machine) found(run *Run, g gauge, value float64) {
	run.AddValue(Value{Name: watched + g.cause, Unit: g.unit, Role: Diagnostic, Number: value})
	limit, ok := m.limits[g.cause]
	if !ok {
		limit = DefaultLimits()[g.cause]
	}
	if mark := (Mark{Cause: g.cause, Value: value, Limit: limit, Unit: g.unit}); mark.above() {
		run.Marks = append(run.Marks, mark)
	}
}

// Found notes how much there was of a cause, in place of what was noted before, and
// marks the run where what others can have done of it is above the limit. It is for a
// run whose work was done by another process: the watch looks at this one.
func (r *Run) Found(m Mark) {
	r.NotFound(m.Cause)
	r.Env = slices.DeleteFunc(r.Env, func(k Key) bool { return k.Name == m.Cause })
	r.AddValue(Value{Name: watched + m.Cause, Unit: m.Unit, Role: Diagnostic, Number: m.Value})
	if others, known := r.value(watched + Others); known {
		busy, _ := r.value(watched + Own)
		m = m.others(others, busy)
	}
	if m.above() {
		r.Marks = append(r.Marks, m)
	}
}

// NotFound notes that it is not known how much there was of a cause.
func (r *Run) NotFound(cause string) {
	r.Values = slices.DeleteFunc(r.Values, func(v Value) bool { return v.Name == watched+cause })
	r.Marks = slices.DeleteFunc(r.Marks, func(m Mark) bool { return m.Cause == cause })
	r.Env = append(slices.DeleteFunc(r.Env, func(k Key) bool { return k.Name == cause }), Key{cause, Absent})
}

// counted is a gauge of something that only grows.
func counted(read func(*machine) (float64, error), scale func(float64, time.Duration) float64) func(*machine) (func(time.Duration) (float64, error), error) {
	return func(m *machine) (func(time.Duration) (float64, error), error) {
		before, err := read(m)
		return func(wall time.Duration) (float64, error) {
			after, err := read(m)
			return scale(after-before, wall), err
		}, err
	}
}

// pressure is for how many microseconds some thread waited for a CPU.
func pressure(m *machine) (float64, error) {
	text, err := m.read("proc/pressure/cpu")
	if err != nil {
		return 0, err
	}
	// some avg10=0.00 avg60=0.00 avg300=0.00 total=6645135752
	some, _, _ := strings.Cut(text, "\n")
	if us, ok := field(strings.ReplaceAll(strings.ReplaceAll(some, " ", "\n"), "=", " "), "total"); ok {
		return us, nil
	}
	return 0, errAbsent
}

func switches(m *machine) (float64, error) {
	n, err := m.kernel.Nivcsw()
	return float64(n), err
}

// between is a gauge of how two clocks part, in milliseconds. CLOCK_BOOTTIME counts
// when the machine sleeps, and CLOCK_MONOTONIC does not; what else
// CLOCK_REALTIME gains on both, somebody has set. All three have the same rate.
func between(a, b int32) func(*machine) (func(time.Duration) (float64, error), error) {
	return counted(func(m *machine) (float64, error) {
		ms, _, err := difference(m.clock(a), m.clock(b))
		return ms, err
	}, total)
}
