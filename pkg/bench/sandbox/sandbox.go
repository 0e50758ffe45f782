// Package sandbox runs programs that are measured in a place of their own: with the
// CPUs, the time, the memory and the processes that were asked for, and gone without a
// trace when they are done.
//
//	journal, err := sandbox.StartGuard([]string{"/proc/self/exe", "guard"}, stderr)
//	defer journal.Done()
//	box, err := sandbox.Open(ctx, sandbox.Options{
//		Limits:  sandbox.Limits{CPU: 0.5, Memory: 512 << 20},
//		Shim:    []string{"/proc/self/exe", "exec-with"},
//		Journal: journal,
//	})
//	defer box.Close()
//	cell, err := box.Cell("run-1") // one for each run: its numbers are that run's
//	cmd := exec.Command(...)       // cell.Argv, cell.SysProcAttr; see [Cell]
//	usage, err := cell.Usage()
//	err = cell.Close()
//
// # The ladder
//
// What a machine offers differs: systemd for root or for a user, control groups
// without it, or nothing of the kind. [Open] climbs down from what holds best, and
// [Report] says where it came to stand, why not higher, and of each limit what was
// asked for and what was read back. A limit that is not there is "none" in that
// report. None is missing in silence.
//
// Limits are those of a [Cell], not of the tool: the process that measures is outside
// of them.
//
// # What goes away
//
// Each thing that is to be undone is told a [Journal] before it is there. Where the
// tool ends without a word, by kill -9 too, the guardian on the other side undoes it.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits are what a payload may have, with all that it starts. The zero value of each
// leaves it as it is.
type Limits struct {
	CPU    float64 `json:"cpu,omitempty"`    // CPUs' worth of time: 0.5 is half of one
	Memory int64   `json:"memory,omitempty"` // bytes; there is no swap then
	Tasks  int     `json:"tasks,omitempty"`  // threads and processes
	CPUs   []int   `json:"cpus,omitempty"`   // where it may run
}

// Settings are what a process is like, and what it starts. The zero value of each
// leaves it as it is.
type Settings struct {
	// ASLR is "on" or "off": whether the kernel moves code, stack and mappings. The heap
	// of a Go program since 1.26 moves all the same, unless it was built with
	// GOEXPERIMENT=norandomizedheapbase64.
	ASLR         string        `json:"aslr,omitempty"`
	TimerSlack   time.Duration `json:"timer_slack_ns,omitempty"` // by how much timers may be late
	Nice         int           `json:"nice,omitempty"`
	Batch        bool          `json:"batch,omitempty"`         // SCHED_BATCH: longer turns, later
	NoFile       uint64        `json:"nofile,omitempty"`        // open files
	FileSize     uint64        `json:"file_size,omitempty"`     // bytes that a file may grow to
	AddressSpace uint64        `json:"address_space,omitempty"` // bytes; Go reserves more than a GiB at once
	CPUTime      time.Duration `json:"cpu_time_ns,omitempty"`   // of each process; whole seconds
	CPUs         []int         `json:"cpus,omitempty"`          // affinity, which the process may change again
	// Counters has the shim open counters of the payload and hand them over through its
	// file 4, one end of perf.Pair.
	Counters bool `json:"counters,omitempty"`
}

// Options are what Open is to do.
type Options struct {
	Limits   Limits
	Settings Settings
	Rung     string // the only one to try, as [Rungs] has them; "" is the highest there is
	// Shim begins the call that makes of this program the shim: its path, then the
	// arguments after which [Exec] finds its own.
	Shim    []string
	Journal *Journal // what is announced to the guardian; nil announces nothing
	Machine Machine  // the zero value is this one
}

// A Box is an open sandbox.
type Box struct {
	options Options
	machine *machine
	place   place

	mu     sync.Mutex
	report Report
	cells  map[string]*Cell
}

// An UnavailableError says that no rung is to be had, or not the only one that was to be
// tried.
type UnavailableError struct {
	Rung string // the only one; "" for the whole ladder
	Err  error
}

func (e *UnavailableError) Error() string {
	text := strings.ReplaceAll(e.Err.Error(), "\n", "; ")
	if e.Rung == "" {
		return "no sandbox is to be had here: " + text
	}
	return "sandbox " + e.Rung + ": " + text
}

// Unwrap is why.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Open finds the highest rung of the ladder that this machine has, sets it up, and
// tries it with a payload that ends at once, so that the report has what is read back.
// What fails on the way is undone, and the next rung is tried. The error is an
// *UnavailableError where there is none.
func Open(ctx context.Context, o Options) (*Box, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m := o.Machine.open()
	var tried []Attempt
	var errs []error
	for _, r := range ladder() {
		if o.Rung != "" && o.Rung != r.name {
			continue
		}
		b, err := openOn(ctx, o, m, r)
		if err == nil {
			b.report.Tried = tried
			return b, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("open the sandbox: %w", ctx.Err())
		}
		if o.Rung != "" {
			return nil, &UnavailableError{r.name, err}
		}
		tried = append(tried, Attempt{r.name, err.Error()})
		errs = append(errs, fmt.Errorf("%s: %w", r.name, err))
	}
	return nil, &UnavailableError{"", errors.Join(errs...)}
}

func openOn(ctx context.Context, o Options, m *machine, r rung) (*Box, error) {
	if _, err := r.look(ctx, m, o); err != nil {
		return nil, err
	}
	p, err := r.open(ctx, m, o)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	b := &Box{options: o, machine: m, place: p, cells: make(map[string]*Cell)}
	b.report = Report{Rung: r.name, Group: p.dir}
	if err := b.try(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// check finds what no machine can do.
func (o Options) check() error {
	l := o.Limits
	switch {
	case l.CPU < 0, l.Memory < 0, l.Tasks < 0:
		return errors.New("open the sandbox: a limit is negative")
	case o.Settings.ASLR != "" && o.Settings.ASLR != "on" && o.Settings.ASLR != "off":
		return fmt.Errorf("open the sandbox: aslr is on or off, not %q", o.Settings.ASLR)
	case o.Rung != "" && !slices.Contains(Rungs(), o.Rung):
		return fmt.Errorf("open the sandbox: no rung %q; there are %s", o.Rung, strings.Join(Rungs(), ", "))
	case len(o.Shim) == 0:
		return errors.New("open the sandbox: there is no shim")
	}
	return nil
}

// Report is what the box became: the rung, each limit and each setting.
func (b *Box) Report() Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.report
	r.Tried, r.Limits, r.Settings = slices.Clone(r.Tried), slices.Clone(r.Limits), slices.Clone(r.Settings)
	return r
}

// Close ends all that is in the box and removes what was made for it.
func (b *Box) Close() error {
	b.mu.Lock()
	cells := make([]*Cell, 0, len(b.cells))
	for _, c := range b.cells {
		cells = append(cells, c)
	}
	b.mu.Unlock()
	var errs []error
	for _, c := range cells {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, b.place.close())...)
}
