package bench

import (
	"errors"
	"math"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// ClockRate is the key for by how many parts in a million the monotonic clock was too
// fast during a run. On WSL2 that was up to 7 %, on whatever clock source
// (microsoft/WSL#11790), and no clock of the kernel's own shows it.
const ClockRate = "clock-rate-ppm"

// A Clock tells the time since whenever it likes.
type Clock func() (time.Duration, error)

// RateBy begins to hold the monotonic clock of this machine against one that the
// kernel has no part in. The function that it returns is the key of what that came to
// until then: [Absent] where the time was too short to tell what matters.
func RateBy(outside Clock) (end func() Key, err error) {
	here := (&machine{kernel: thisKernel{}}).clock(unix.CLOCK_MONOTONIC)
	begin, err := here()
	if err != nil {
		return nil, err
	}
	rate, err := rate(outside, here)
	return func() Key {
		now, err := here()
		if err == nil {
			err = rate.ended(now - begin)
		}
		return rate.key(ClockRate, err)
	}, err
}

// clock is one of clock_gettime(2).
func (m *machine) clock(id int32) Clock {
	return func() (time.Duration, error) { return m.kernel.Clock(id) }
}

// A rateOf is a clock of which is found out how fast it is by another.
type rateOf struct {
	outside, here Clock
	before        float64       // outside less here, in ms
	took          time.Duration // to read that
	ppm           float64
}

func rate(outside, here Clock) (*rateOf, error) {
	r := &rateOf{outside: outside, here: here}
	var err error
	r.before, r.took, err = difference(outside, here)
	return r, err
}

// ended finds the rate after a time. It is an error where that was too short.
func (r *rateOf) ended(wall time.Duration) error {
	after, took, err := difference(r.outside, r.here)
	if wrong := float64(r.took+took) / 2 / float64(wall) * 1e6; err == nil && wrong > maxRate/2 {
		err = errAbsent
	}
	lost := (r.before - after) * 1e6 / float64(wall) // of the clock outside, for each nanosecond here
	r.ppm = 1e6 * lost / (1 - lost)
	return err
}

func (r *rateOf) key(name string, err error) Key {
	if err != nil {
		return Key{name, Absent}
	}
	return Key{name, strconv.FormatFloat(math.Round(r.ppm)+0, 'f', 0, 64)} // and no -0
}

// rate is the rate of the clock during a run, where there is one outside.
func (m *machine) rate() (end func(wall time.Duration) Key) {
	absent := func(time.Duration) Key { return Key{ClockRate, Absent} }
	outside, done, err := m.kernel.Hardware()
	if err != nil {
		return absent
	}
	r, err := rate(m.clock(outside), m.clock(unix.CLOCK_MONOTONIC))
	if err != nil {
		done()
		return absent
	}
	return func(wall time.Duration) Key {
		defer done()
		return r.key(ClockRate, r.ended(wall))
	}
}

// slew is a gauge of how fast the monotonic clock is by the one that nobody steers, in
// parts in a million.
func slew(m *machine) (func(time.Duration) (float64, error), error) {
	r, err := rate(m.clock(unix.CLOCK_MONOTONIC_RAW), m.clock(unix.CLOCK_MONOTONIC))
	return func(wall time.Duration) (float64, error) {
		err := r.ended(wall)
		return r.ppm, err
	}, err
}

// difference is a minus b in milliseconds, by the quickest of some readings, and how long
// that one took: it is wrong by no more than half of that.
func difference(a, b Clock) (ms float64, took time.Duration, err error) {
	took = math.MaxInt64
	for range 5 {
		first, err1 := b()
		there, err2 := a()
		second, err3 := b()
		if err = errors.Join(err1, err2, err3); err != nil {
			return 0, 0, err
		}
		if t := second - first; t < took {
			took, ms = t, float64(there-first-t/2)/1e6
		}
	}
	return ms, took, nil
}
