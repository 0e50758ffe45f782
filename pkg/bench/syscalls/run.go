package syscalls

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// grace is what a killed process has to go away. One that waits in the kernel for a
// file server that is gone does not.
const grace = 500 * time.Millisecond

// An Exit is how a process ended.
type Exit struct {
	Output []byte      // what it wrote to its standard output
	Code   int         // if it ended by itself
	Signal unix.Signal // that killed it, or 0
}

// Start runs the caller's program again, so that it calls Child with name and dir,
// and returns when that has ended. When ctx ends it kills the process, and all that
// came of it. An error says that it could not be started.
//
// The process should have no GODEBUG of the user's: asyncpreemptoff=1, for one,
// switches off what is looked at.
type Start func(ctx context.Context, name, dir string) (Exit, error)

// Report tries all rows of the options, each in a process of its own. The error is
// for a name that is not known, a directory that cannot be written to, and for ctx,
// whose end leaves those rows away that were not done.
func (p *Probe) Report(ctx context.Context) (Report, error) {
	probes, err := named(p.o.Only)
	if err != nil {
		return Report{}, err
	}
	dir, err := p.places(len(probes))
	if err != nil {
		return Report{}, fmt.Errorf("no place to try files in: %w", err)
	}
	report := Report{Dir: p.o.Dir, Rows: p.try(ctx, probes, dir)}
	report.Partial = len(report.Rows) < len(probes)
	if err := p.within(func() error { return os.RemoveAll(dir) }); err != nil {
		return report, fmt.Errorf("files are left behind: %w", err)
	}
	return report, ctx.Err()
}

// places makes a directory with one for each row.
func (p *Probe) places(n int) (dir string, err error) {
	err = p.within(func() error {
		made, err := os.MkdirTemp(p.o.Dir, ".golang-wsl-bench-*")
		for i := 0; i < n && err == nil; i++ {
			err = os.Mkdir(place(made, i), 0o700)
		}
		dir = made
		return err
	})
	return dir, err
}

func place(dir string, i int) string { return filepath.Join(dir, strconv.Itoa(i)) }

// within does not wait longer for f than for a row: a directory can be on a server
// that is gone.
func (p *Probe) within(f func() error) error {
	over := make(chan error, 1)
	go func() { over <- f() }()
	select {
	case err := <-over:
		return err
	case <-time.After(p.deadline()):
		return fmt.Errorf("%s has not answered in %v", p.o.Dir, p.deadline())
	}
}

func (p *Probe) deadline() time.Duration { return cmp.Or(p.o.Deadline, 2*time.Second) }

// try is the rows that were done before ctx ended.
func (p *Probe) try(ctx context.Context, probes []probe, dir string) []Row {
	answers := make([]*Answer, len(probes))
	var group errgroup.Group
	group.SetLimit(p.parallel())
	var told sync.Mutex
	done := 0
	for i, one := range probes {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			answers[i] = p.one(ctx, one.name, place(dir, i))
			if p.o.Progress != nil {
				told.Lock()
				defer told.Unlock()
				done++
				p.o.Progress(done, len(probes))
			}
			return nil
		})
	}
	_ = group.Wait()
	var rows []Row
	for i, a := range answers {
		if a != nil {
			rows = append(rows, Row{Group: probes[i].group, Name: probes[i].name, Loses: probes[i].loses, Answer: *a})
		}
	}
	return rows
}

func (p *Probe) parallel() int {
	if p.o.Parallel > 0 {
		return p.o.Parallel
	}
	return runtime.NumCPU()
}

// one is the answer to one probe, or nil if ctx has ended meanwhile.
func (p *Probe) one(ctx context.Context, name, dir string) *Answer {
	limited, cancel := context.WithTimeout(ctx, p.deadline())
	defer cancel()
	over := make(chan Answer, 1)
	go func() { over <- judge(p.o.Start(limited, name, dir)) }()
	answer := Answer{Hangs, fmt.Sprintf("no answer in %v; the process cannot be killed, and is left behind", p.deadline())}
	select {
	case answer = <-over:
	case <-afterwards(limited, grace):
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case limited.Err() != nil && answer.Verdict == Killed:
		return &Answer{Hangs, fmt.Sprintf("no answer in %v", p.deadline())}
	}
	return &answer
}

// afterwards is closed some time after ctx has ended.
func afterwards(ctx context.Context, d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(d, func() { close(over) }) })
	return over
}

// judge is what the end of a process says.
func judge(exit Exit, err error) Answer {
	var a Answer
	switch {
	case err != nil:
		return Answer{Unsure, "its process could not be started: " + err.Error()}
	case exit.Signal != 0:
		return Answer{Killed, "by " + unix.SignalName(exit.Signal)}
	case json.Unmarshal(exit.Output, &a) == nil && a.Verdict != "":
		return a
	}
	return Answer{Crashed, fmt.Sprintf("its process ended with code %d and no answer", exit.Code)}
}
