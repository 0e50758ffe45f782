package sched

import (
	"runtime"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

const bimodal = "bimodal: a goroutine that is locked to its thread hands the P to another thread and gets it back, " +
	"quickly while that thread still spins, slowly when it must be woken; the median says which of the two was more frequent"

// goschedLocked is A2: Gosched by a goroutine with LockOSThread, which many take for
// the latency of the scheduler. It is kept to be compared with what they have
// measured.
//
// The goroutine goes to the global queue. Its thread may run no other, so that it
// wakes a second one for the P; that one finds the goroutine, which only the first
// may run, and gives the P back: two futex switches. They depend on whether the
// thread that waits has gone to sleep in the meantime, and in which of the two
// rhythms a run gets stuck is chance.
func goschedLocked(s *state, _ method, b budget) (series bench.Series, err error) {
	locked(func() { series = s.batched(b, runtime.Gosched, 1) })
	return series, nil
}
