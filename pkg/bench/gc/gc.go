// Package gc measures the garbage collector: cycles, pauses, its share of the CPU
// time, the heap over time, and what began each cycle. It measures a built-in
// workload in this process,
//
//	probe := gc.New(gc.Options{Workload: "small"})
//	run, err := bench.Once(ctx, probe) // pauses, shares, sizes
//	for _, c := range probe.Report().Cycles {
//		fmt.Println(c.N, c.At, c.Pause, c.Trigger, c.Evidence)
//	}
//
// or any program of Go, by what GODEBUG=gctrace=1 has it write. The caller starts it:
//
//	probe := gc.Of(gc.Program{Start: func(ctx context.Context, stderr io.Writer) error {
//		cmd := exec.CommandContext(ctx, "prometheus")
//		cmd.Env = append(os.Environ(), "GODEBUG=gctrace=1")
//		cmd.Stderr = stderr
//		return cmd.Run()
//	}, Stderr: os.Stderr})
//
// # Without stopping the world
//
// In process it reads runtime/metrics and debug.ReadGCStats ten times a second, which
// takes microseconds, allocates nothing and stops nobody. runtime.ReadMemStats would
// stop the world each time and measure itself.
package gc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// interval is between two readings.
const interval = 100 * time.Millisecond

// Options say what New measures. The zero value is 20 s of small objects.
type Options struct {
	Workload string        // one of Workloads; empty is the first
	Duration time.Duration // 0 is 20 s, or 3 s if Quick
	WarmUp   time.Duration // at work, but not measured; 0 is 1 s, or 0.5 s if Quick
	Quick    bool
	Root     fs.FS // laid out like /, for the pressure on the memory; nil is this machine's
}

// Workloads are the names of the built-in ones.
func Workloads() (names []string) {
	for _, w := range workloads() {
		names = append(names, w.name)
	}
	return names
}

// A Probe measures one workload or one program, once.
type Probe struct {
	measure func(context.Context, *bench.Run, *Report) error
	report  *Report
}

// New is a probe of a built-in workload. Its error, for a name that there is not, is
// that of Measure.
func New(o Options) *Probe { return &Probe{measure: o.measure} }

// Name is "gc".
func (p *Probe) Name() string { return "gc" }

// Measure fills in what [bench.Probe] asks for, and the report, which is Detail of the
// run as well.
func (p *Probe) Measure(ctx context.Context, run *bench.Run) error {
	p.report = new(Report)
	err := p.measure(ctx, run, p.report)
	if p.report.Source == "" {
		return err // nothing began
	}
	text, errDetail := json.Marshal(p.report)
	run.Detail = text
	return errors.Join(err, errDetail)
}

// Report is what Measure has found, or nil before that.
func (p *Probe) Report() *Report { return p.report }

func (o Options) withDefaults() Options {
	if o.Quick {
		o.Duration, o.WarmUp = cmp.Or(o.Duration, 3*time.Second), cmp.Or(o.WarmUp, 500*time.Millisecond)
	}
	o.Workload = cmp.Or(o.Workload, workloads()[0].name)
	o.Duration, o.WarmUp = cmp.Or(o.Duration, 20*time.Second), cmp.Or(o.WarmUp, time.Second)
	if o.Root == nil {
		o.Root = os.DirFS("/")
	}
	return o
}

func (o Options) measure(ctx context.Context, run *bench.Run, report *Report) error {
	o = o.withDefaults()
	for _, w := range workloads() {
		if w.name == o.Workload {
			return o.work(ctx, w, run, report)
		}
	}
	return fmt.Errorf("no workload is named %q: %s", o.Workload, strings.Join(Workloads(), ", "))
}

// work warms up, measures and ends.
func (o Options) work(ctx context.Context, w workload, run *bench.Run, report *Report) error {
	crew := w.start(ctx, runtime.GOMAXPROCS(0))
	wait(ctx, o.WarmUp)
	pressure := newPressureReader(o.Root, o.Duration)
	// The CPU classes are added up when a cycle ends: this is where ours begin.
	runtime.GC()
	r := newReader(o.Duration)
	r.tick(ctx, o.Duration, pressure)
	report.Pressure = pressure.end()
	report.Workload, report.Checksum = w.name, crew.stop()
	r.report(report)
	report.noGoals()
	report.fill(run)
	r.fill(run, report)
	report.fillCost(run, r.costs, pressure.costs)
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// tick reads, at the beginning, each interval and at the end.
func (r *reader) tick(ctx context.Context, d time.Duration, pressure *pressureReader) {
	ticker, end := time.NewTicker(interval), time.NewTimer(d)
	defer ticker.Stop()
	defer end.Stop()
	for {
		r.read()
		pressure.read(r.readings[len(r.readings)-1].at)
		select {
		case <-ctx.Done():
			r.read()
			return
		case <-end.C:
			r.read()
			return
		case <-ticker.C:
		}
	}
}
