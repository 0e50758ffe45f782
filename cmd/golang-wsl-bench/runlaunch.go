package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/perf"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/program"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

const (
	mostOutput = 256 << 20 // that a process may write, each to stdout and to stderr
	mostKept   = 4 << 20   // of it, for a report
)

// outOfMemory is the cause of a mark: the kernel has killed in the cell.
const outOfMemory = "out-of-memory"

// A process is one that is measured: the [bench.Probe] that a watch has measure.
type process struct {
	g    *gathering
	u    *unit
	pass gotest.Pass
	env  []string // more of it

	run            *bench.Run
	out            *program.Outcome
	report         sandbox.Report
	usage          sandbox.Usage
	stdout, stderr *os.File
	tests          *gotest.Output // nil for a command
	err            error          // of the measuring
	said, moaned   []byte         // to stdout and stderr
	counters       *perf.Counters // nil counts nothing
}

func (p *process) Name() string { return p.u.config.Probe }

// launch is the Launch of a [bench.Plan].
func (g *gathering) launch(ctx context.Context, config bench.Config) (*bench.Run, error) {
	p, err := g.run(ctx, g.units[config], gotest.Pass{BenchTime: g.benchTime()})
	if p == nil || p.out == nil {
		return nil, err
	}
	g.keep(p, config.Name, g.runs())
	return p.run, err
}

// runs is how many have been counted before this one. Collect keeps each run that it
// is given, and so does evidence.
func (g *gathering) runs() int { return len(g.ev.usage) }

func (g *gathering) benchTime() time.Duration {
	if g.plan.quick {
		return 100 * time.Millisecond
	}
	return 0
}

// run has a unit run once, watched, and reads what came of it. There is a process also
// with an error, unless nothing could be started.
func (g *gathering) run(ctx context.Context, u *unit, pass gotest.Pass, env ...string) (p *process, err error) {
	late := fmt.Errorf("not done after %s, and ended", g.plan.deadline)
	ctx, cancel := context.WithTimeoutCause(ctx, g.plan.deadline, late)
	defer cancel()
	g.serial++
	p = &process{g: g, u: u, pass: pass, env: env}
	for _, f := range []**os.File{&p.stdout, &p.stderr} {
		if *f, err = os.CreateTemp(g.scratch, "out-"); err != nil {
			return nil, err
		}
		defer (*f).Close()
		defer os.Remove((*f).Name())
	}
	watch := g.app.watch
	watch.Env = g.app.keys()
	p.run, _ = watch.Once(ctx, p)
	return p, p.read()
}

// Measure runs the process. Its error is why there is no whole run.
func (p *process) Measure(ctx context.Context, _ *bench.Run) (err error) {
	defer func() { p.err = err }()
	c := p.command()
	if p.g.box != nil {
		cell, errCell := p.g.box.Cell(fmt.Sprintf("run-%d", p.g.serial))
		if errCell != nil {
			return errCell
		}
		defer func() { err = errors.Join(err, p.leave(cell)) }()
		argv := cell.Argv(c.Path, c.Args...)
		r, w, errPipe := os.Pipe()
		if errPipe != nil {
			return errPipe
		}
		defer r.Close()
		c.Path, c.Args, c.Attr, c.Extra = argv[0], argv, cell.SysProcAttr(), []*os.File{w}
		c.Started = func(pid int) error {
			w.Close() // else there is no end to what the shim says
			return cell.Started(pid, r)
		}
		if p.g.plan.prepare.counters {
			done, err := p.count(&c)
			if err != nil {
				return err
			}
			defer done()
		}
	}
	p.out, err = program.Run(ctx, c)
	return err
}

// leave takes from a cell what it knows, and closes it.
func (p *process) leave(cell *sandbox.Cell) error {
	p.report = cell.Report()
	if self := cell.Self(); p.out != nil {
		p.out.Without(program.Shim{Ended: self.Started, CPU: self.CPU, MaxRSS: self.MaxRSS})
	}
	usage, err := cell.Usage()
	p.usage = usage
	return errors.Join(err, cell.Close())
}

func (p *process) command() program.Command {
	c := program.Command{
		Path: p.u.path, Dir: p.u.side.dir, Stdout: p.stdout, Stderr: p.stderr,
		Grace: grace / 2, MostOutput: mostOutput, Attr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	}
	if b := p.u.binary; b != nil {
		c.Dir, c.Env = b.Dir, withEnv(b.Env, p.env...)
		c.Args = append([]string{b.Path}, b.Arguments(p.pass)...)
		return c
	}
	c.Args = p.u.side.words
	c.Env = withEnv(os.Environ(), append([]string{"PWD=" + p.u.side.dir}, p.env...)...)
	return c
}

// withEnv is an environment in which some variables are others: of two with one name
// most programs take the first.
func withEnv(environ []string, more ...string) []string {
	environ = slices.Clone(environ)
	for _, v := range more {
		name, _, _ := strings.Cut(v, "=")
		environ = slices.DeleteFunc(environ, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		environ = append(environ, v)
	}
	return environ
}

// read makes of what the process wrote the numbers of a run, or finds out why there
// are none.
func (p *process) read() error {
	p.run.Env = p.keys(p.run.Env)
	if p.out == nil {
		return p.err
	}
	p.err = errors.Join(p.err, p.parse())
	p.said, p.moaned = kept(p.stdout), kept(p.stderr)
	p.disturbances()
	p.values()
	p.counts()
	if p.err == nil {
		p.err = p.failure()
	}
	p.run.Partial = p.err != nil
	return p.err
}

func (p *process) parse() (err error) {
	if p.u.binary == nil {
		return nil
	}
	if _, err = p.stdout.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if p.tests, err = gotest.Parse(p.stdout); err != nil {
		return err
	}
	if _, err = p.stderr.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return p.tests.ReadErrors(p.stderr)
}

// failure is why the process did not do what it should.
func (p *process) failure() error {
	failed := p.out.Failure()
	switch {
	case p.usage.OutOfMemory():
		return &childError{fmt.Errorf("out of memory: the kernel killed %d in it, above a limit of %s bytes", p.usage.OOMKills, p.limit("memory")), ""}
	case failed != nil && p.g.plan.ignoreExit:
		return nil
	case failed != nil && p.tests != nil && p.tests.Failure != "":
		return &childError{failed, p.tests.Failure}
	case failed != nil:
		return &childError{failed, string(p.moaned)}
	case p.tests != nil && len(p.tests.Lost) > 0:
		return fmt.Errorf("no numbers of %s: the program writes into the middle of their lines", strings.Join(p.tests.Lost, ", "))
	case p.tests != nil && p.tests.Lines == 0 && !p.pass.Once:
		return errors.New("it wrote no result of a benchmark")
	}
	return nil
}

// values are the numbers that are compared.
func (p *process) values() {
	if p.tests != nil {
		p.run.Values = append(p.tests.Values, p.run.Values...)
		return
	}
	p.run.Values = append(p.out.Values(), p.run.Values...)
}
