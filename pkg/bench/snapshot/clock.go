package snapshot

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// clocks are what time is measured by.
func (t *taker) clocks(keys map[string]string) {
	t.key(keys, "time", "clock-step-ns", Gauge, "clock-step-ns", "clock_gettime(2)")
	t.add(Fact{Group: "time", Name: "clock-cost-ns", Kind: Gauge, Source: "clock_gettime(2)", Value: clockCost()})
	t.key(keys, "time", "timerslack-ns", Setting, "timerslack-ns", "/proc/self/timerslack_ns")
	t.key(keys, "time", "hz", Setting, "hz", "the kernel's configuration")
	t.discipline()
	t.resolution()
	_, done, err := t.Kernel.Hardware()
	if err == nil {
		done()
	}
	t.say("time", "clock-outside", Setting, "/dev/ptp0", "readable", err)
	t.apart("suspended-ns", Counter, unix.CLOCK_BOOTTIME, unix.CLOCK_MONOTONIC)
	t.apart("raw-less-monotonic-ns", Gauge, unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_MONOTONIC)
	t.apart("realtime-less-boottime-ns", Gauge, unix.CLOCK_REALTIME, unix.CLOCK_BOOTTIME)
	now, err := t.Kernel.Clock(unix.CLOCK_MONOTONIC)
	t.say("time", "monotonic-ns", Counter, "clock_gettime(2)", number(int64(now)), err)
}

// key adds what package bench decides by.
func (t *taker) key(keys map[string]string, group, name string, kind Kind, key, source string) {
	t.add(Fact{Group: group, Name: name, Kind: kind, Source: source, Value: keys[key], Absent: "not said"})
}

// clockCost is what reading the clock takes, in nanoseconds: the least of
// some rounds of 200 readings, as one is too short to be seen.
func clockCost() string {
	const each = 200
	base, best := time.Now(), time.Duration(1<<62)
	for range 20 {
		begin := time.Since(base)
		for range each {
			_ = time.Since(base)
		}
		best = min(best, time.Since(base)-begin)
	}
	return strconv.FormatFloat(float64(best.Nanoseconds())/each, 'f', 1, 64)
}

func (t *taker) discipline() {
	const source = "adjtimex(2)"
	d, err := t.Kernel.Clocks()
	t.say("time", "synchronised", Gauge, source, strconv.FormatBool(d.Synchronised), err)
	t.say("time", "rate-correction-ppm", Gauge, source, fmt.Sprintf("%.3f", d.PPM), err)
	t.say("time", "tick-us", Setting, source, number(d.Tick), err)
	t.say("time", "estimated-error-us", Gauge, source, number(d.Estimated.Microseconds()), err)
	t.say("time", "maximum-error-us", Gauge, source, number(d.Maximum.Microseconds()), err)
}

var timerResolution = regexp.MustCompile(`(?m)^\s*\.resolution:\s*(\d+ nsecs)`)

// resolution is that of the kernel's timers: 1 ns, or a whole tick where there are
// none of high resolution. Only root may read it.
func (t *taker) resolution() {
	const file = "/proc/timer_list"
	text, err := t.read(file)
	f := Fact{Group: "time", Name: "timer-resolution", Source: file, Absent: "not said"}
	if found := timerResolution.FindStringSubmatch(text); found != nil {
		f.Value = found[1]
	} else if err != nil {
		f.Absent = why(err)
	}
	t.add(f)
}

// apart is one clock less another, by the quickest of some readings.
func (t *taker) apart(name string, kind Kind, a, b int32) {
	var apart int64
	took := time.Duration(1 << 62)
	var err error
	for range 5 {
		first, err1 := t.Kernel.Clock(b)
		there, err2 := t.Kernel.Clock(a)
		second, err3 := t.Kernel.Clock(b)
		for _, e := range []error{err1, err2, err3} {
			if e != nil {
				err = e
			}
		}
		if second-first < took {
			took, apart = second-first, int64(there-first-(second-first)/2)
		}
	}
	if kind == Counter { // of clocks that do not part unless the machine sleeps: less is how well they can be read
		apart = apart / 1e6 * 1e6
	}
	t.say("time", name, kind, "clock_gettime(2)", number(apart), err)
}
