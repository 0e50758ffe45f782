package bench

import "time"

// ThisKernel is the Kernel that this program runs on.
func ThisKernel() Kernel { return thisKernel{} }

// Keys are what decides whether runs can be compared, as [Watch.Once] puts it into
// each of them.
func (w *Watch) Keys() []Key { return append(w.machine().env(), w.Env...) }

// MaxClockRate is by how many parts in a million clocks may differ and be compared
// all the same. Clocks of WSL2 were 70,000 wrong (microsoft/WSL#11790).
const MaxClockRate = maxRate

// ClockRate begins to hold the monotonic clock against the one that the Kernel has
// from outside. The function that it returns says by how many parts in a million the
// monotonic clock was too fast since: [Absent] where there is no other clock, or
// where the time was too short to tell [MaxClockRate].
func (w *Watch) ClockRate() (end func(wall time.Duration) (ppm string)) {
	rate := w.machine().rate()
	return func(wall time.Duration) string { return rate(wall).Value }
}
