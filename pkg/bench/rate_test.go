package bench

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A clock of WSL2 that is fast, by one outside (microsoft/WSL#11790).
func TestClockRate(t *testing.T) {
	for _, test := range []struct {
		outside time.Duration // in the second that the run takes here
		want    string
	}{
		{time.Second, "0"}, {time.Second - 100*time.Microsecond, "100"}, {time.Second + 50*time.Microsecond, "-50"},
		{time.Second * 100 / 107, "70000"},
	} {
		b := newBox()
		b.hardware = 3 * time.Hour
		run := b.once(t, func() { b.hardware += test.outside })
		require.Equal(t, test.want, run.Get(ClockRate))
		require.Zero(t, b.open, "it is closed")
	}
	require.Equal(t, Absent, newBox().once(t, func() {}).Get(ClockRate), "no clock outside")
}

// A clock that is steered a lot, because it is wrong by itself, disturbs nothing
// where one outside says that it is right by that.
func TestSteeredClockThatIsRight(t *testing.T) {
	for _, rate := range []time.Duration{0, 100 * time.Microsecond, time.Millisecond} {
		b := newBox()
		b.hardware = time.Hour
		run := b.once(t, func() { b.raw, b.hardware = 70*time.Millisecond, b.hardware+time.Second+rate })
		require.Equal(t, rate > 200*time.Microsecond, len(run.Marks) > 0, "%v: %v", rate, run.Marks)
		slew, _ := run.value("Watch/clock-slew")
		require.InDelta(t, -65421, slew, 1)
	}
}

// A clock outside may be asked for by a program, from Windows say.
func TestRateBy(t *testing.T) {
	begin := time.Now()
	fast := func() (time.Duration, error) { return time.Since(begin) * 100 / 107, nil }
	end, err := RateBy(fast)
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond)
	key := end()
	require.Equal(t, ClockRate, key.Name)
	ppm, err := strconv.ParseFloat(key.Value, 64)
	require.NoError(t, err, key)
	require.InDelta(t, 70_000, ppm, 200)

	broken := errors.New("no such clock")
	_, err = RateBy(func() (time.Duration, error) { return 0, broken })
	require.ErrorIs(t, err, broken)
	n := 0
	end, err = RateBy(func() (time.Duration, error) {
		if n++; n > 5 {
			return 0, broken
		}
		return fast()
	})
	require.NoError(t, err)
	require.Equal(t, Absent, end().Value)
	end, err = RateBy(func() (time.Duration, error) { time.Sleep(time.Millisecond); return fast() })
	require.NoError(t, err)
	require.Equal(t, Absent, end().Value, "it takes too long to ask for so short a time")
}

// slowClock is read so slowly that a second does not tell the rate.
type slowClock struct{ *box }

func (k slowClock) Clock(id int32) (time.Duration, error) {
	if id == hardwareID {
		k.mono += time.Millisecond
	}
	return k.box.Clock(id)
}

func TestClockRateNotEarned(t *testing.T) {
	b := newBox()
	b.hardware = time.Hour
	w := &Watch{Root: b.files, Kernel: slowClock{b}}
	run, err := w.Once(t.Context(), happening(func(*Run) error {
		b.mono, b.boot, b.real, b.hardware = b.mono+time.Second, b.boot+time.Second, b.real+time.Second, b.hardware+time.Second
		return nil
	}))
	require.NoError(t, err)
	require.Equal(t, Absent, run.Get(ClockRate))
	require.Zero(t, b.open)
}

// What this machine has is read, or absent.
func TestHardwareClock(t *testing.T) {
	id, done, err := thisKernel{}.Hardware()
	if err != nil {
		t.Skip(err)
	}
	defer done()
	now, err := thisKernel{}.Clock(id)
	require.NoError(t, err)
	require.NotZero(t, now)
	require.Negative(t, id)
	require.NotEqual(t, int32(unix.CLOCK_MONOTONIC), id)
}
