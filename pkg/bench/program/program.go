// Package program runs one process and says what it took: how long, what CPU time,
// what memory, how it ended, and for how long it was ready and had no CPU.
//
//	out, err := program.Run(ctx, program.Command{Path: "/bin/true", Args: []string{"true"}})
//	if err == nil && out.Failure() == nil {
//		fmt.Println(out.Wall, out.CPU())
//	}
//
// While the process runs, this one sleeps, and looks at it twice a second: a look at a
// program of ten threads takes 0.1 to 0.2 ms. Output goes to files and not through
// pipes, which this process would have to be woken up for.
package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Command is what is run.
type Command struct {
	Path string   // the file; nothing is looked up
	Args []string // with the name first, as the program sees it
	Dir  string   // "" is that of this process
	Env  []string // nil is an empty one
	// Stdin, Stdout and Stderr are nil for /dev/null.
	Stdin, Stdout, Stderr *os.File
	Extra                 []*os.File // descriptors from 3 on
	// Attr is how it is started; nil is the leader of a new process group. It must be
	// that in any case: the group is ended as a whole.
	Attr *syscall.SysProcAttr
	// Grace is what there is between SIGTERM, which the group gets when ctx ends, and
	// SIGKILL; 0 is three seconds.
	Grace time.Duration
	// MostOutput is how many bytes it may write to Stdout and Stderr each, by the last
	// look, before it is ended; 0 is any number.
	MostOutput int64
	// Started is called when there is a process, before anybody waits for it; with its
	// error the process is killed, and that is the error of Run. nil calls nobody.
	Started func(pid int) error
	// Root is laid out like /, with proc in it; nil is this machine's.
	Root fs.FS
}

// A Shim is what a process was before it became the program: execve(2) keeps what is
// counted. See [Outcome.Without].
type Shim struct {
	Ended  time.Duration // CLOCK_MONOTONIC, right before it became the program
	CPU    time.Duration // that it had taken until then, User and System
	MaxRSS int64         // bytes
}

// An Outcome is what a process took.
type Outcome struct {
	Begin time.Time     // before it was started
	Wall  time.Duration // until it had ended
	// User, System, MaxRSS (bytes), faults and switches are those of the process, with
	// children that it has waited for (getrusage(2)). The kernel counts the sum of User
	// and System exactly, and guesses by its tick how much of that is which.
	User, System             time.Duration
	MaxRSS                   int64
	MinorFaults, MajorFaults int64
	Nvcsw, Nivcsw            int64
	Exit                     int            // the exit code; -1 where a signal ended it
	Signal                   syscall.Signal // 0 where it exited
	// Seen is what looks at /proc have found: of the process alone, without children.
	Seen Seen

	floor int64         // of MaxRSS
	ended time.Duration // CLOCK_MONOTONIC
}

// Without takes out what a shim has taken. Its CPU time is taken from User and System by
// their shares, which only the kernel's guess tells apart anyway.
func (o *Outcome) Without(s Shim) {
	if s.Ended > 0 && s.Ended < o.ended {
		o.Wall = o.ended - s.Ended
	}
	if all := o.CPU(); all > 0 {
		left := float64(max(all-s.CPU, 0)) / float64(all)
		o.User = time.Duration(float64(o.User) * left)
		o.System = time.Duration(float64(o.System) * left)
	}
	o.floor = max(o.floor, s.MaxRSS)
}

// CPU is the time that CPUs spent on it.
func (o *Outcome) CPU() time.Duration { return o.User + o.System }

// Failure is why the outcome is none that was wanted, or nil: an [*ExitError].
func (o *Outcome) Failure() error {
	if o.Exit == 0 {
		return nil
	}
	return &ExitError{o.Exit, o.Signal}
}

// An ExitError is a process that did not end with 0.
type ExitError struct {
	Code   int
	Signal syscall.Signal
}

func (e *ExitError) Error() string {
	if e.Signal != 0 {
		return fmt.Sprintf("ended by signal %d (%s)", int(e.Signal), e.Signal)
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// ErrTooMuchOutput says that a process has written more than it may.
var ErrTooMuchOutput = errors.New("it writes too much")

const usualGrace = 3 * time.Second

// Run runs a command to its end. How it ends is no error: see [Outcome.Failure].
//
// Where ctx ends first, its group is ended, and the error is the cause of that. What
// the process leaves in its group is killed when it has ended.
func Run(ctx context.Context, c Command) (*Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if c.Root == nil {
		c.Root = os.DirFS("/")
	}
	if c.Attr == nil {
		c.Attr = &syscall.SysProcAttr{Setpgid: true}
	}
	if c.Attr.Pdeathsig != 0 { // which is sent when the thread ends that has started it
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	out, begin := &Outcome{Begin: time.Now()}, now()
	process, err := c.start()
	if err != nil {
		return nil, err
	}
	if c.Started != nil {
		if err := c.Started(process.Pid); err != nil {
			_ = syscall.Kill(-process.Pid, syscall.SIGKILL)
			_, _ = process.Wait()
			return nil, err
		}
	}
	ended := make(chan ending, 1)
	look := newLook(c.Root, process.Pid)
	go func() { ended <- await(process.Pid, look) }()
	end, cause := c.watch(ctx, process.Pid, ended, look)
	_ = syscall.Kill(-process.Pid, syscall.SIGKILL) // it is not reaped yet: the number is its own
	state, err := process.Wait()
	if err = errors.Join(end.err, err); err != nil {
		return nil, fmt.Errorf("wait for %s: %w", c.Path, err)
	}
	out.Wall, out.ended, out.Seen = end.at-begin, end.at, look.seen()
	out.floor = ownPeak()
	out.fill(state)
	return out, cause
}

func (c *Command) start() (*os.Process, error) {
	files := []*os.File{c.Stdin, c.Stdout, c.Stderr}
	for i, flag := range []int{os.O_RDONLY, os.O_WRONLY, os.O_WRONLY} {
		if files[i] == nil {
			null, err := os.OpenFile(os.DevNull, flag, 0)
			if err != nil {
				return nil, err
			}
			defer null.Close()
			files[i] = null
		}
	}
	env := c.Env
	if env == nil {
		env = []string{} // nil is that of this process, to package os
	}
	return os.StartProcess(c.Path, c.Args, &os.ProcAttr{
		Dir: c.Dir, Env: env, Files: append(files, c.Extra...), Sys: c.Attr,
	})
}

// now is CLOCK_MONOTONIC, which other processes read as well.
func now() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// An ending is when a process had ended.
type ending struct {
	at  time.Duration
	err error
}

// await waits until the process has ended, and leaves it there as a zombie, whose
// /proc can still be read.
func await(pid int, look *look) ending {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		at := now()
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil {
			look.last()
		}
		return ending{at, err}
	}
}

// watch looks at the process until it has ended, and ends it where it must.
func (c *Command) watch(ctx context.Context, pid int, ended <-chan ending, look *look) (end ending, cause error) {
	next := time.NewTimer(firstLook)
	defer next.Stop()
	stop, kill := ctx.Done(), (<-chan time.Time)(nil)
	ask := func(why error) {
		grace := c.Grace
		if grace == 0 {
			grace = usualGrace
		}
		cause, stop, kill = why, nil, time.After(grace)
		_ = syscall.Kill(-pid, syscall.SIGTERM)
	}
	for wait := firstLook; ; {
		select {
		case end = <-ended:
			return end, cause
		case <-stop:
			ask(context.Cause(ctx))
		case <-kill:
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		case <-next.C:
			if look.now(); cause == nil && c.writesTooMuch() {
				ask(ErrTooMuchOutput)
			}
			wait = min(5*wait, usualLook)
			next.Reset(wait)
		}
	}
}

func (c *Command) writesTooMuch() bool {
	for _, f := range []*os.File{c.Stdout, c.Stderr} {
		if f == nil || c.MostOutput == 0 {
			continue
		}
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > c.MostOutput {
			return true
		}
	}
	return false
}

// fill takes what the kernel has counted.
func (o *Outcome) fill(state *os.ProcessState) {
	o.User, o.System = state.UserTime(), state.SystemTime()
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		o.MaxRSS = int64(usage.Maxrss) << 10
		o.MinorFaults, o.MajorFaults = int64(usage.Minflt), int64(usage.Majflt)
		o.Nvcsw, o.Nivcsw = int64(usage.Nvcsw), int64(usage.Nivcsw)
	}
	o.Exit = state.ExitCode()
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		o.Signal = status.Signal()
	}
}
