package prepare

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// world is a machine whose clock is wrong: true time passes, and the kernel's clock
// runs faster by ppm.
type world struct {
	bench.Kernel
	true    time.Duration
	ppm     float64
	host    bool // whether the clock of the host may be read
	jitter  time.Duration
	rnd     *rand.Rand
	garbled bool
	wide    bool
}

func (w *world) pass(d time.Duration) { w.true += d }

func (w *world) Clock(id int32) (time.Duration, error) {
	w.pass(time.Duration(w.rnd.IntN(200)))
	if id == unix.CLOCK_MONOTONIC {
		return time.Duration(float64(w.true) * (1 + w.ppm/1e6)), nil
	}
	return w.true + 1e15, nil
}

func (w *world) Hardware() (int32, func(), error) {
	if !w.host {
		return 0, nil, errors.New("open /dev/ptp0: permission denied")
	}
	return 77, func() {}, nil
}

// run is PowerShell: what it says arrives late, and each time by another time.
func (w *world) run(_ context.Context, out io.Writer, name string, _ ...string) error {
	if name != "powershell.exe" || w.garbled {
		_, err := io.WriteString(out, "CommandNotFoundException\r\n")
		return err
	}
	const frequency = 1e7
	say := func(n int64) error {
		w.pass(time.Millisecond + time.Duration(w.rnd.ExpFloat64()*float64(w.jitter)))
		text := fmt.Sprintf("%d\r\n", n)
		if !w.wide {
			_, err := io.WriteString(out, text)
			return err
		}
		var data []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			data = binary.LittleEndian.AppendUint16(data, unit)
		}
		_, err := out.Write(data)
		return err
	}
	w.pass(2 * time.Second)
	if err := say(frequency); err != nil {
		return err
	}
	for burst := range 2 {
		w.pass(time.Duration(burst) * 5 * time.Second)
		for range bursts {
			before := w.true
			if err := say(int64(float64(w.true) / 1e9 * frequency)); err != nil {
				return err
			}
			w.true = before + 10*time.Millisecond // the pipe does not hold up PowerShell
			w.pass(w.jitter)
		}
	}
	return nil
}

func (w *world) sleep(_ context.Context, d time.Duration) error {
	w.pass(d)
	return nil
}

func TestMeasureRate(t *testing.T) {
	for _, test := range []struct {
		name    string
		ppm     float64
		host    bool
		jitter  time.Duration
		wide    bool
		verdict Verdict
	}{
		{"host, right", 0, true, 0, false, OK},
		{"host, 7 % fast", 70000, true, 0, false, Fail},
		{"host, 250 ppm slow", -250, true, 0, false, Fail},
		{"Windows, right", 0, false, time.Millisecond, false, OK},
		{"Windows, 7 % fast", 70000, false, time.Millisecond, false, Fail},
		{"Windows, UTF-16", 70000, false, time.Millisecond, true, Fail},
		{"Windows, slow pipe", 70000, false, 20 * time.Millisecond, false, Fail},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(20) {
				w := &world{ppm: test.ppm, host: test.host, jitter: test.jitter, wide: test.wide, rnd: rand.New(rand.NewPCG(seed, 1))}
				r := MeasureRate(t.Context(), Clocks{Kernel: w, Run: w.run, Sleep: w.sleep}, 5*time.Second)
				require.Empty(t, r.Absent)
				require.InDelta(t, test.ppm, r.PPM, max(3*r.Within, 1), "%s", r)
				f, _ := clockRate(Facts{Rate: &r})
				require.Contains(t, []Verdict{test.verdict, Unknown}, f.Verdict, "%s", r)
				if test.host || math.Abs(test.ppm) > 1000 {
					require.Equal(t, test.verdict, f.Verdict, "%s", r)
				}
			}
		})
	}
}

func TestRateIsNotKnown(t *testing.T) {
	w := &world{rnd: rand.New(rand.NewPCG(1, 1)), garbled: true}
	r := MeasureRate(t.Context(), Clocks{Kernel: w, Sleep: w.sleep}, time.Second)
	require.Contains(t, r.Absent, "permission denied")
	r = MeasureRate(t.Context(), Clocks{Kernel: w, Run: w.run, Sleep: w.sleep}, time.Second)
	require.Contains(t, r.Absent, "it said 0 numbers")
	w.host = true
	r = MeasureRate(t.Context(), Clocks{Kernel: w, Sleep: func(context.Context, time.Duration) error { return context.Canceled }}, time.Second)
	require.Contains(t, r.Absent, "canceled")
}
