package bench

import (
	"math"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// clockRate is the key for by how many parts in a million the monotonic clock was too
// fast during a run. On WSL2 that was up to 7 %, on whatever clock source
// (microsoft/WSL#11790), and no clock of the kernel's own shows it.
const clockRate = "clock-rate-ppm"

// rate begins to hold the monotonic clock against one outside. The function that it
// returns is what that came to after wall: absent where there is no such clock, or
// where the time was too short to tell what matters.
func (m *machine) rate() (end func(wall time.Duration) string) {
	absent := func(time.Duration) string { return Absent }
	outside, done, err := m.kernel.Hardware()
	if err != nil {
		return absent
	}
	before, tookBefore, err := m.apart(outside, unix.CLOCK_MONOTONIC)
	if err != nil {
		done()
		return absent
	}
	return func(wall time.Duration) string {
		defer done()
		after, tookAfter, err := m.apart(outside, unix.CLOCK_MONOTONIC)
		wrong := float64(tookBefore+tookAfter) / 2 / float64(wall) * 1e6
		if err != nil || wrong > maxRate/2 {
			return Absent
		}
		lost := (before - after) * 1e6 / float64(wall) // of the clock outside, for each nanosecond here
		return strconv.FormatFloat(math.Round(1e6*lost/(1-lost)), 'f', 0, 64)
	}
}
