package gc

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A Program is one of Go, of any version since 1.18, that the caller starts.
type Program struct {
	Name string // in the names of metrics, without white space; empty is "program"
	// Start runs it until it ends, with gctrace=1 in GODEBUG of its environment and
	// stderr for its errors. Its error is that of Measure.
	Start    func(ctx context.Context, stderr io.Writer) error
	Stderr   io.Writer // gets what the program writes itself; nil is nobody
	Settings Settings  // those of its environment
	Root     fs.FS     // laid out like /, for the pressure on the memory; nil is this machine's
}

// ErrNoCycle says that a program has written no line of gctrace.
var ErrNoCycle = errors.New("no line of gctrace: the program has not collected, is none of Go, or does not have GODEBUG=gctrace=1")

// Of is a probe of a program.
//
// Where lines of gctrace cannot be read, or cycles are missing, Measure has an
// [*IncompleteError] beside what there is, so that the run is partial.
func Of(p Program) *Probe { return &Probe{measure: p.measure} }

func (p Program) measure(ctx context.Context, run *bench.Run, report *Report) error {
	limits, err := p.Settings.limits()
	if err != nil {
		return err
	}
	if p.Stderr == nil {
		p.Stderr = io.Discard
	}
	if p.Root == nil {
		p.Root = os.DirFS("/")
	}
	splitter := NewSplitter(p.Stderr)
	stop := p.watch()
	err = p.Start(ctx, splitter)
	pressure := stop()
	err = errors.Join(err, splitter.Close())
	trace := splitter.Trace()
	trace.explain(limits)
	trace.report(report)
	report.Settings, report.Workload, report.Pressure = p.Settings, cmp.Or(p.Name, "program"), pressure
	report.noGoals()
	switch {
	case len(trace.Cycles) > 0:
		report.fill(run)
	case trace.Unreadable == 0 && err == nil && ctx.Err() == nil: // else that is why
		err = ErrNoCycle
	}
	return errors.Join(ctx.Err(), err, trace.Err())
}

// watch samples the memory until it is stopped.
func (p Program) watch() (stop func() *Pressure) {
	done, ended := make(chan struct{}), make(chan struct{})
	reader, begin := newPressureReader(p.Root, time.Minute), time.Now()
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			reader.read(time.Since(begin))
			select {
			case <-done:
				reader.read(time.Since(begin))
				return
			case <-ticker.C:
			}
		}
	}()
	return func() *Pressure {
		close(done)
		<-ended
		return reader.end()
	}
}

// report makes a report of a trace.
func (t *Trace) report(report *Report) {
	report.Source, report.Cycles = FromTrace, t.Cycles
	report.Lost, report.Unreadable, report.Mixed = t.Missing, t.Unreadable, t.Mixed
	report.NumGC = len(t.Cycles) + t.Missing
	if len(t.Cycles) == 0 {
		return
	}
	for _, c := range t.Cycles {
		report.PauseTotal += c.Pause
		if !t.Mixed { // the heaps of several programs make no line
			report.Heap = append(report.Heap, Point{At: c.At, Live: c.Live, Goal: c.Goal})
		}
	}
	last := t.Cycles[len(t.Cycles)-1]
	report.Procs, report.Wall = last.Phases.Procs, last.end()
	if !t.Mixed {
		report.CPU = t.cpu(report.Wall)
	}
}

// end is when the cycle ended, since the program began.
func (c Cycle) end() time.Duration {
	return c.At + c.Phases.Clock[0] + c.Phases.Clock[1] + c.Phases.Clock[2]
}

// cpu adds up the phases, in percent of what the processors had until the last cycle
// ended.
func (t *Trace) cpu(wall time.Duration) *CPU {
	var sum [5]time.Duration
	for _, c := range t.Cycles {
		for i, d := range c.Phases.CPU {
			sum[i] += d
		}
	}
	all := float64(wall) * float64(t.Cycles[len(t.Cycles)-1].Phases.Procs) / 100
	if all <= 0 {
		return nil
	}
	c := &CPU{
		Assist: float64(sum[1]) / all, Background: float64(sum[2]) / all, Idle: float64(sum[3]) / all,
		Pause: float64(sum[0]+sum[4]) / all,
	}
	c.GC = c.Assist + c.Background + c.Idle + c.Pause
	return c
}
