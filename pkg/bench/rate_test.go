package bench

import (
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
		require.Equal(t, test.want, run.Get(clockRate))
		require.Zero(t, b.open, "it is closed")
	}
	require.Equal(t, Absent, newBox().once(t, func() {}).Get(clockRate), "no clock outside")
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
	require.Equal(t, Absent, run.Get(clockRate))
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
