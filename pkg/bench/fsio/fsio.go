// Package fsio measures what files cost in a directory, or in two of them in turns.
//
//	probe := fsio.New(fsio.Options{Dirs: []string{"/home/me", "/mnt/c/tmp"}})
//	run, err := bench.Once(ctx, probe)
//	for _, r := range fsio.Ratios(run) {
//		fmt.Println(r.Name, r.Median, r.Lo, r.Hi) // 40 where the second takes 40 times as long
//	}
//	fmt.Println(run.Get("fs-b"), run.Get("fs-b-options")) // "9p", and what it is mounted with
//
// In each round each operation is done in one place and at once in the other, with
// files of the same names in the same order, and which of them is first changes
// from round to round. A ratio is that of the medians of a round: what the machine
// did meanwhile has met both. Ratios within a run are of this run only; how far the
// next one is off, [bench.Collect] finds out.
//
// Nothing waits between the operations, because WSL drops the page cache of an idle
// machine. Names are absolute, as those of the go command are, so that a place deep
// down pays for what is above it.
//
// Files are made and removed again and again. An ext4 without a journal does not use
// the inode of a removed file for a while, and looks at all of them for each new one:
// there create and inotify become slower from round to round, which their Note says.
// With a journal, as WSL has it, they do not.
//
// With [Options.Go] there is also what a developer waits for: go build of a module
// of 200 packages, and go test -bench of a package.
//
// The same directory given twice is the control: its ratios are 1, or the machine is
// too busy to say anything.
package fsio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Prefix begins the names of the directories that a probe works in. Only a process
// that is killed, and a place that hangs, leave one.
const Prefix = ".golang-wsl-bench-"

// Options are where and what to measure. The zero value of all but Dirs is what
// earns its intervals: 10 to 30 s for two places, and 2 to 3 minutes more with Go.
type Options struct {
	Dirs []string // one place or two; they are writable and exist
	// Quick takes 4 to 10 s, and with Go 10 more: 8 rounds and not 20, fewer operations in each, and of Go
	// one round of 40 packages.
	Quick bool
	// Only are the operations to measure, by the names of [Operations]. Empty is all.
	Only []string
	// Timeout is how long one operation may take. After that the place hangs, and the
	// probe ends. 0 is 30 s.
	Timeout time.Duration

	Go       Runner // runs the go command; nil leaves out Packages and Test
	Packages int    // of the module that is built: 0 is 200, or 40 where it is quick; less than 0 builds nothing
	Test     Test   // what go test -bench is run on; nothing where it is empty
	// GoTimeout is how long one go command may take. 0 is 10 minutes.
	GoTimeout time.Duration
}

// ErrHung says that an operation has not returned. The thread that does it waits on,
// maybe for ever.
var ErrHung = errors.New("it has not returned")

// An Error is an operation that failed in one of the places.
type Error struct {
	Op  string // as [Operations] has it, or what prepares for it
	Dir string // of Options.Dirs
	Err error  // often an errno: ENOSPC on a full file system
}

func (e *Error) Error() string { return fmt.Sprintf("%s in %s: %v", e.Op, e.Dir, e.Err) }

// Unwrap is the reason.
func (e *Error) Unwrap() error { return e.Err }

// New is a probe named "fs".
func New(o Options) bench.Probe { return &probe{o} }

// Operations are the names of what is measured, in the order in which it is.
func Operations() (ids []string) {
	for _, op := range operations(false) {
		ids = append(ids, op.id)
	}
	return ids
}

type probe struct{ options Options }

// Name is that of [bench.Probe].
func (*probe) Name() string { return "fs" }

// Measure is that of [bench.Probe]. An error that is not of ctx is an [*Error], or
// says what is wrong with the options. Where a place hangs there are no samples: the
// thread that has them has not returned.
func (p *probe) Measure(ctx context.Context, run *bench.Run) error {
	o := p.options
	if err := o.check(); err != nil {
		return err
	}
	s := newSession(o, run.Get("clock-step-ns"))
	defer context.AfterFunc(ctx, func() { s.pulse.stopped.Store(true) })()
	done := make(chan error, 1)
	go func() { done <- s.work(ctx) }()
	stuck, err := s.pulse.watch(done)
	if stuck {
		return errors.Join(err, s.leave())
	}
	s.report(run)
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // whatever failed, failed because of it
	}
	return err
}

// check says what is wrong, and fills in what was not said.
func (o *Options) check() error {
	if len(o.Dirs) == 0 || len(o.Dirs) > 2 {
		return fmt.Errorf("%d directories to measure in: it can be one, or two in turns", len(o.Dirs))
	}
	for _, id := range o.Only {
		if !slices.Contains(Operations(), id) {
			return fmt.Errorf("no operation is named %q: they are %s", id, strings.Join(Operations(), " "))
		}
	}
	if o.Packages == 0 {
		o.Packages = 200
		if o.Quick {
			o.Packages = 40
		}
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.GoTimeout == 0 {
		o.GoTimeout = 10 * time.Minute
	}
	return nil
}
