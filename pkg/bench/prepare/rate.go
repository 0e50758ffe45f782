package prepare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A Rate is how fast the clock of this kernel runs, held against one outside of it.
type Rate struct {
	PPM     float64       `json:"ppm"`    // by how many parts in a million it is too fast
	Within  float64       `json:"within"` // ppm: it is wrong by no more than that
	Against string        `json:"against"`
	Over    time.Duration `json:"over_ns"`
	Absent  string        `json:"absent,omitempty"` // why it is not known
}

func (r Rate) String() string {
	if r.Absent != "" {
		return "not known"
	}
	return fmt.Sprintf("%+.0f ± %.0f ppm against %s", r.PPM, math.Ceil(r.Within), r.Against)
}

func (r Rate) certainlyAbove(limit float64) bool { return math.Abs(r.PPM)-r.Within > limit }
func (r Rate) certainlyBelow(limit float64) bool { return math.Abs(r.PPM)+r.Within <= limit }

// Clocks are what the rate is found by.
type Clocks struct {
	// Kernel has the clock, and that of the host where it may be read; nil is this
	// machine's.
	Kernel bench.Kernel
	// Outside opens another clock that this kernel has no part in, such as that of
	// Windows, where that of the host may not be read. nil has none.
	Outside func(ctx context.Context) (clock bench.Clock, name string, done func(), err error)
}

// A meter is a rate that is being found out.
type meter struct {
	here, outside bench.Clock
	name          string
	done          func()
	begin         instant
	err           error
}

// An instant is what two clocks said at one moment, and by how much that may be wrong.
type instant struct{ here, outside, unsure time.Duration }

// BeginRate begins to hold the kernel's monotonic clock against one that is outside of
// this kernel. The function that it returns says what came of it: the longer after, the
// surer; or why there is none, where runs is false. No clock of the kernel's own shows a
// wrong rate, nor does NTP's state.
func BeginRate(ctx context.Context, c Clocks) (end func() Rate, runs bool) {
	if c.Kernel == nil {
		c.Kernel = bench.ThisKernel()
	}
	m := &meter{here: func() (time.Duration, error) { return c.Kernel.Clock(unix.CLOCK_MONOTONIC) }}
	if m.open(ctx, c); m.err == nil {
		m.begin, m.err = m.look()
	}
	return m.end, m.err == nil
}

func (m *meter) open(ctx context.Context, c Clocks) {
	id, done, err := c.Kernel.Hardware()
	if err == nil {
		m.name, m.done = "/dev/ptp0", done
		m.outside = func() (time.Duration, error) { return c.Kernel.Clock(id) }
		return
	}
	m.err = err
	if c.Outside == nil {
		return
	}
	m.outside, m.name, m.done, m.err = c.Outside(ctx)
	if m.err != nil {
		m.err = fmt.Errorf("%w; %w", err, m.err)
	}
}

// look reads both clocks at one moment, by the quickest of some tries.
func (m *meter) look() (best instant, err error) {
	best.unsure = math.MaxInt64
	for range 10 {
		first, err1 := m.here()
		outside, err2 := m.outside()
		second, err3 := m.here()
		if err := errors.Join(err1, err2, err3); err != nil {
			return best, fmt.Errorf("read %s: %w", m.name, err)
		}
		if half := (second - first) / 2; half < best.unsure {
			best = instant{first + half, outside, half}
		}
	}
	return best, nil
}

func (m *meter) end() Rate {
	if m.done != nil {
		defer m.done()
	}
	now, err := instant{}, m.err
	if err == nil {
		now, err = m.look()
	}
	over := now.outside - m.begin.outside
	switch {
	case err != nil:
		return Rate{Absent: "no clock outside of this kernel can be read: " + strings.Join(strings.Fields(err.Error()), " ")}
	case over <= 0:
		return Rate{Absent: m.name + " does not run"}
	}
	return Rate{
		PPM: (float64(now.here-m.begin.here)/float64(over) - 1) * 1e6, Within: float64(m.begin.unsure+now.unsure) / float64(over) * 1e6,
		Against: m.name, Over: over,
	}
}
