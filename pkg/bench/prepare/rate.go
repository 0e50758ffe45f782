package prepare

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
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
	return fmt.Sprintf("%+.0f ± %.0f ppm against %s", r.PPM, r.Within, r.Against)
}

func (r Rate) certainlyAbove(limit float64) bool { return math.Abs(r.PPM)-r.Within > limit }
func (r Rate) certainlyBelow(limit float64) bool { return math.Abs(r.PPM)+r.Within <= limit }

// Clocks are what MeasureRate looks at.
type Clocks struct {
	Kernel bench.Kernel // has its own clocks, and that of the host where it may be read; nil is this machine's
	// Run starts a program of Windows, as in package snapshot; nil starts nothing.
	Run func(ctx context.Context, stdout io.Writer, name string, args ...string) error
	// Sleep waits, or returns the error of its context; nil is a timer.
	Sleep func(context.Context, time.Duration) error
}

// MeasureRate holds the kernel's monotonic clock against one that is outside of this
// kernel: the hardware clock of the host, or else the counter of Windows by PowerShell.
// It takes so long, and seconds more for PowerShell to start. No clock of the kernel's
// own shows a wrong rate, nor does NTP's state.
func MeasureRate(ctx context.Context, c Clocks, long time.Duration) Rate {
	if c.Kernel == nil {
		c.Kernel = bench.ThisKernel()
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	id, done, err := c.Kernel.Hardware()
	if err == nil {
		defer done()
		return c.hardware(ctx, id, long)
	}
	if c.Run == nil {
		return Rate{Absent: "no clock outside of this kernel can be read: " + reason(err)}
	}
	r, errRun := c.windows(ctx, long)
	if errRun != nil {
		return Rate{Absent: fmt.Sprintf("no clock outside of this kernel can be read: %s; PowerShell: %s", reason(err), errRun)}
	}
	return r
}

// reason is an error on one line, without what only programs want to know.
func reason(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// hardware holds the clock against that of the host, twice.
func (c Clocks) hardware(ctx context.Context, id int32, long time.Duration) Rate {
	const against = "/dev/ptp0"
	here, there, unsure, err := c.both(id)
	if err == nil {
		err = c.Sleep(ctx, long)
	}
	hereThen, thereThen, unsureThen, errThen := c.both(id)
	if err = cmp.Or(err, errThen); err != nil {
		return Rate{Absent: against + ": " + reason(err)}
	}
	if thereThen <= there {
		return Rate{Absent: against + " does not run"}
	}
	over := float64(thereThen - there)
	return Rate{
		PPM: (float64(hereThen-here)/over - 1) * 1e6, Within: float64(unsure+unsureThen) / over * 1e6,
		Against: against, Over: thereThen - there,
	}
}

// both reads two clocks at one moment, by the quickest of some tries, and by how much
// that may be wrong.
func (c Clocks) both(id int32) (here, there, unsure time.Duration, err error) {
	unsure = math.MaxInt64
	for range 10 {
		first, err1 := c.Kernel.Clock(unix.CLOCK_MONOTONIC)
		outside, err2 := c.Kernel.Clock(id)
		second, err3 := c.Kernel.Clock(unix.CLOCK_MONOTONIC)
		if err := errors.Join(err1, err2, err3); err != nil {
			return 0, 0, 0, err
		}
		if took := second - first; took/2 < unsure {
			here, there, unsure = first+took/2, outside, took/2
		}
	}
	return here, there, unsure, nil
}

// A reading is the counter of Windows, and when it arrived here.
type reading struct {
	counter int64
	arrived time.Duration
}

// bursts is how many times the counter is read at the beginning and at the end: of
// readings that are all late by a different time, the least late counts.
const bursts = 25

// script says the frequency of the counter, then counters, waits, and says more. A line
// of [Console]::WriteLine is sent at once.
func script(long time.Duration) string {
	burst := fmt.Sprintf(`1..%d | ForEach-Object { [Console]::WriteLine($w::GetTimestamp()); Start-Sleep -Milliseconds 10 }`, bursts)
	return fmt.Sprintf(`$w = [Diagnostics.Stopwatch]; [Console]::WriteLine($w::Frequency); %s; Start-Sleep -Milliseconds %d; %s`,
		burst, long.Milliseconds(), burst)
}

func (c Clocks) windows(ctx context.Context, long time.Duration) (Rate, error) {
	ctx, cancel := context.WithTimeout(ctx, long+20*time.Second)
	defer cancel()
	s := &stamper{kernel: c.Kernel}
	if err := c.Run(ctx, s, "powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script(long)); err != nil {
		return Rate{}, err
	}
	return s.rate()
}

// A stamper notes when each line of numbers arrives.
type stamper struct {
	kernel bench.Kernel
	rest   []byte
	all    []reading
}

func (s *stamper) Write(p []byte) (int, error) {
	at, err := s.kernel.Clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		return 0, err
	}
	s.rest = append(s.rest, p...)
	for {
		i := bytes.IndexByte(s.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		text := strings.Map(digitsOnly, string(s.rest[:i]))
		s.rest = s.rest[i+1:]
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			s.all = append(s.all, reading{n, at})
		}
	}
}

// digitsOnly drops the NULs of UTF-16 and the carriage return.
func digitsOnly(c rune) rune {
	if c < '0' || c > '9' {
		return -1
	}
	return c
}

// rate is what the least late readings of both bursts come to. How late they are at
// least is the same in both; by how much that is wrong, the next ones tell.
func (s *stamper) rate() (Rate, error) {
	if len(s.all) != 2*bursts+1 || s.all[0].counter <= 0 {
		return Rate{}, fmt.Errorf("it said %d numbers in place of %d", len(s.all), 2*bursts+1)
	}
	frequency := float64(s.all[0].counter)
	late := func(r reading) float64 { return float64(r.arrived) - float64(r.counter-s.all[1].counter)/frequency*1e9 }
	byLateness := func(a, b reading) int { return cmp.Compare(late(a), late(b)) }
	first := slices.SortedFunc(slices.Values(s.all[1:bursts+1]), byLateness)
	last := slices.SortedFunc(slices.Values(s.all[bursts+1:]), byLateness)
	here := float64(last[0].arrived - first[0].arrived)
	there := float64(last[0].counter-first[0].counter) / frequency * 1e9
	if there <= 0 {
		return Rate{}, errors.New("its counter does not run")
	}
	// The rate itself makes readings of one burst differ, by 25 times 10 ms of it.
	const few = 3
	unsure := math.Abs(late(first[few])-late(first[0])) + math.Abs(late(last[few])-late(last[0]))
	return Rate{
		PPM: (here/there - 1) * 1e6, Within: unsure / there * 1e6,
		Against: "the counter of Windows", Over: time.Duration(there),
	}, nil
}
