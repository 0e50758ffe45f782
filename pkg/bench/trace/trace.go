// Package trace says from an execution trace of Go where system calls block and what
// the scheduler did: traces that runtime/trace, go test -trace and /debug/pprof/trace
// write, of Go 1.22 and later.
//
//	report, err := trace.Analyze(ctx, file, trace.Options{})
//	for _, line := range report.Verdict() {
//		fmt.Println(line)
//	}
//
// # What is counted
//
// A span is the time that a goroutine is in one state: in a system call, or runnable,
// that is ready and without a P. Each is charged to the stack at which it began: that
// of the call, or of who made the goroutine runnable. Spans that had begun before the
// trace are counted from its start; those that have not ended by its end are counted
// apart, as Open.
//
// "go tool trace -pprof=syscall" and "-pprof=sched" leave out what a goroutine did
// before it first ran in the trace, so each wait of a goroutine that was created in
// it. Those spans are here, and [Latency] says in LeftOut how many they are: without
// them counts and totals are those of go tool trace, to the nanosecond.
//
// # What a trace does not say
//
// That work was stolen: it shows as a goroutine that runs on another P than before.
// Which CPU a thread had, or that it had none. And whether its end is missing, where
// the file was cut just between two generations, of which Go begins one each second:
// there is no mark at the end of a trace. It is read whole or not at all otherwise.
//
// The memory needed is that of the reader, which holds one generation, and some
// hundred bytes for each goroutine alive and each place in the code.
package trace

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Options are how a trace is analysed. The zero value is what docs/bench.md describes.
type Options struct {
	// Progress is called with how many bytes have been read, at most once for each MB
	// and at the end. nil calls nobody.
	Progress func(read int64)
	// LongRun is from when on a run without preemption is long; 0 is 20 ms, two slices
	// of Go's scheduler.
	LongRun time.Duration
}

// Analyze reads a trace to its end. The error is [ErrEmpty], [ErrForeign],
// [ErrTruncated], [ErrDamaged] or a [*VersionError] where r is no trace that can be
// read whole, else that of r or of ctx. Where ctx ends it does not wait for a Read that
// blocks.
func Analyze(ctx context.Context, r io.Reader, o Options) (*Report, error) {
	a, f := newAnalyzer(o), &framing{r: r}
	if err := a.read(ctx, f, o.Progress); err != nil {
		return nil, err
	}
	report := a.report()
	report.Format, report.Bytes, report.Generations = fmt.Sprintf("1.%d", f.minor), f.read, f.generations
	return report, nil
}
