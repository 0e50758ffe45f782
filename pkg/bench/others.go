package bench

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// userHz is the unit of /proc/stat: USER_HZ is 100 on each architecture of Go.
const userHz = 100

// own is the CPU time of this process and of those that it has waited for.
func own(m *machine) (float64, error) {
	took, err := m.kernel.CPUTime()
	return took.Seconds(), err
}

// others is for how long CPUs ran something that was not ours: they were not idle,
// and it is not in the time of our processes.
func others(m *machine) (func(time.Duration) (float64, error), error) {
	cpus, spare, err := m.spare()
	before, errOwn := own(m)
	return func(wall time.Duration) (float64, error) {
		_, spareThen, err := m.spare()
		after, errOwn := own(m)
		if err != nil || errOwn != nil || cpus == 0 {
			return 0, errAbsent
		}
		left := float64(cpus)*wall.Seconds() - (spareThen - spare) - (after - before)
		return share(max(left, 0), wall), nil
	}, errors.Join(err, errOwn)
}

// share is a part of the wall time, in percent of one CPU.
func share(seconds float64, wall time.Duration) float64 { return 100 * seconds / wall.Seconds() }

// spare reads how many CPUs there are, and for how many seconds they have had no
// process to run: they were idle, the hypervisor had them, or an interrupt.
//
// It is not what the other columns add up to. The kernel counts idle time exactly,
// and the others at its ticks only, which whoever has a timer of a millisecond meets
// each time or never.
func (m *machine) spare() (cpus int, seconds float64, err error) {
	cpus, spent, err := m.cpuTime()
	if err != nil {
		return 0, 0, err
	}
	columns := []int{3, 4, 7} // idle, iowait, steal
	if m.interruptsApart() {
		columns = append(columns, 5, 6) // irq, softirq
	}
	for _, i := range columns {
		seconds += spent[i] / userHz
	}
	return cpus, seconds, nil
}

// interruptsApart reports whether the time of interrupts, packets of the loopback
// above all, is in that of no process; else it is in that of who was interrupted. A
// kernel of which nothing is known is taken for one that has it apart, so that no
// packet of ours is said to be another's.
func (m *machine) interruptsApart() bool {
	return m.config == "" || slices.Contains(strings.Split(m.config, "\n"), "CONFIG_IRQ_TIME_ACCOUNTING=y")
}

// blame takes out of the marks what disturbed nothing: what others cannot have done.
//
// A probe that keeps all CPUs busy makes its own threads wait for each other, two
// processes that do so even more, and how much that is depends on how many CPUs there
// are. But where others run for a millisecond, no more than a millisecond of waiting
// is their work, however many wait. So what counts is the waiting, or the time that
// others had where that is less.
//
// The limits are for each CPU that the run has kept busy: each of 64 has its own
// interrupts and threads of the kernel.
func (m *machine) blame(run *Run) {
	if rate, err := strconv.ParseFloat(run.Get(ClockRate), 64); err == nil && math.Abs(rate) <= maxRate {
		// It is steered to be right, and is.
		run.Marks = slices.DeleteFunc(run.Marks, func(k Mark) bool { return k.Cause == ClockSlew })
	}
	others, known := run.value(watched + Others)
	if !known {
		return
	}
	busy, _ := run.value(watched + Own)
	run.Marks = slices.DeleteFunc(run.Marks, func(k Mark) bool { return !k.others(others, busy).above() })
	for i, k := range run.Marks {
		run.Marks[i] = k.others(others, busy)
	}
}

// others is a mark with what others have done, where they and we had so many percent
// of a CPU.
func (k Mark) others(others, own float64) Mark {
	if k.Cause == RunDelay || k.Cause == Pressure {
		k.Value, k.Limit = min(k.Value, others), k.Limit*math.Max(1, own/100)
	}
	return k
}

func (k Mark) above() bool { return math.Abs(k.Value) > k.Limit }
