package sched

import (
	"context"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// moves requires that a disturbance moves a number up. Other programs may disturb
// more for a moment, so that it has several tries.
func moves(t *testing.T, what string, factor float64, quiet, disturbed func() float64) {
	t.Helper()
	var before, after float64
	for range 6 {
		if before, after = quiet(), disturbed(); after > factor*before {
			return
		}
	}
	t.Errorf("%s: %.0f undisturbed, %.0f disturbed, which is less than %.1f times as much", what, before, after, factor)
}

// median of the first series.
func median(run *bench.Run) float64 { return float64(run.Series[0].Quantile(0.5)) }

// The kernel may wake a thread as much later as its timer slack. 50 us are usual,
// and a timer is some 80 us late with it, and 30 without.
func TestTimerSlackMovesKernelTimer(t *testing.T) {
	withSlack := func(ns uintptr) func() float64 {
		return func() float64 {
			result := make(chan float64)
			go func() {
				runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
				_ = unix.Prctl(unix.PR_SET_TIMERSLACK, ns, 0, 0, 0)
				run := new(bench.Run)
				_ = small("C3").Measure(context.Background(), run)
				result <- median(run)
			}()
			return <-result
		}
	}
	moves(t, "KernelTimer", 2, withSlack(1), withSlack(200_000))
}

// A goroutine waits half a millisecond for its timer where nothing else runs, and a
// time slice of 10 ms or more where others are busy.
func TestBusyGoroutinesMoveGoTimer(t *testing.T) {
	timer := func(sample func(*state, method, budget) (bench.Series, error)) func() float64 {
		return func() float64 {
			s, err := newState(new(bench.Run), true)
			require.NoError(t, err)
			series, err := sample(s, method{name: "GoTimer", interval: 10 * time.Millisecond}, budget{50, time.Second})
			require.NoError(t, err)
			return float64(series.Quantile(0.5))
		}
	}
	moves(t, "GoTimer", 3, timer(goTimer), timer(goTimerLoaded))
}

// Processes that take CPUs away show as lost time. They have been given four for
// each CPU, because this machine may be busy already.
func TestHogsMoveLostTime(t *testing.T) {
	lost := func() float64 {
		for _, v := range measured(t, "E").Values {
			if v.Role == bench.Headline {
				return v.Number
			}
		}
		t.Error("no LostTime")
		return 0
	}
	hogged := func() float64 {
		for range 4 * runtime.NumCPU() {
			hog := exec.Command("sh", "-c", "while :; do :; done")
			require.NoError(t, hog.Start())
			defer func() { _ = hog.Process.Kill(); _ = hog.Wait() }()
		}
		return lost()
	}
	moves(t, "LostTime", 1.1, lost, hogged)
}
