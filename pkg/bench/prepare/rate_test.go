package prepare

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// world is a machine whose clock is wrong: true time passes, and the kernel's clock
// runs faster by ppm.
type world struct {
	bench.Kernel
	true   time.Duration
	ppm    float64
	host   bool          // whether the clock of the host may be read
	answer time.Duration // how long Windows takes to answer, half of it there and half back
	stands bool          // the clock outside does not run
	rnd    *rand.Rand
}

func (w *world) Clock(id int32) (time.Duration, error) {
	w.true += time.Duration(w.rnd.IntN(200))
	switch {
	case id == unix.CLOCK_MONOTONIC:
		return time.Duration(float64(w.true) * (1 + w.ppm/1e6)), nil
	case w.stands:
		return 1, nil
	}
	return w.true + 1e15, nil
}

func (w *world) Hardware() (int32, func(), error) {
	if !w.host {
		return 0, nil, errors.New("open /dev/ptp0: permission denied")
	}
	return 77, func() {}, nil
}

// outside is the clock of Windows: the way to it and the way back take different times.
func (w *world) outside(context.Context) (bench.Clock, string, func(), error) {
	late := func() { w.true += w.answer/4 + time.Duration(w.rnd.ExpFloat64()*float64(w.answer)) }
	return func() (time.Duration, error) {
		late()
		now := w.true
		late()
		return now + 1e14, nil
	}, "the clock of Windows", func() {}, nil
}

func TestRate(t *testing.T) {
	for _, test := range []struct {
		name    string
		ppm     float64
		host    bool
		answer  time.Duration
		over    time.Duration
		verdict Verdict
	}{
		{"host, right", 0, true, 0, 5 * time.Second, OK},
		{"host, 7 % fast", 70000, true, 0, 5 * time.Second, Fail},
		{"host, 250 ppm slow", -250, true, 0, 5 * time.Second, Fail},
		{"host, in no time", 0, true, 0, 300 * time.Nanosecond, Unknown},
		{"Windows, 7 % fast", 70000, false, time.Millisecond, 5 * time.Second, Fail},
		{"Windows, 7 % fast, a slow pipe", 70000, false, 20 * time.Millisecond, 5 * time.Second, Fail},
		{"Windows, right, for long", 0, false, time.Millisecond, time.Minute, OK},
		{"Windows, right, too briefly", 0, false, time.Millisecond, time.Second, Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(50) {
				w := &world{ppm: test.ppm, host: test.host, answer: test.answer, rnd: rand.New(rand.NewPCG(seed, 1))}
				end, runs := BeginRate(t.Context(), Clocks{Kernel: w, Outside: w.outside})
				require.True(t, runs)
				w.true += test.over
				r := end()
				require.Empty(t, r.Absent)
				require.InDelta(t, test.ppm, r.PPM, r.Within+1, "%s: it is within what it says", r)
				f, _ := clockRate(Facts{Rate: &r})
				require.Equal(t, test.verdict, f.Verdict, "%s", r)
			}
		})
	}
}

func TestRateIsNotKnown(t *testing.T) {
	w := &world{rnd: rand.New(rand.NewPCG(1, 1))}
	end, runs := BeginRate(t.Context(), Clocks{Kernel: w})
	require.False(t, runs)
	require.Contains(t, end().Absent, "permission denied")
	fails := func(context.Context) (bench.Clock, string, func(), error) {
		return nil, "", nil, errors.New("no Windows")
	}
	end, _ = BeginRate(t.Context(), Clocks{Kernel: w, Outside: fails})
	r := end()
	require.Contains(t, r.Absent, "permission denied; no Windows")
	require.Equal(t, "not known", r.String())
	w.host, w.stands = true, true
	end, runs = BeginRate(t.Context(), Clocks{Kernel: w})
	require.True(t, runs)
	require.Contains(t, end().Absent, "does not run")
}
