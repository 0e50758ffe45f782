package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Cell is where one payload runs, with all that it starts. The caller starts it:
//
//	r, w, err := os.Pipe()
//	argv := cell.Argv(program, program, "-test.bench=.")
//	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
//	cmd.SysProcAttr = cell.SysProcAttr()
//	cmd.ExtraFiles = []*os.File{w} // file 3 of the shim, which the payload has not
//	err = cmd.Start()
//	w.Close()
//	err = cell.Started(cmd.Process.Pid, r) // the payload runs now
//	err = cmd.Wait()
//	usage, err := cell.Usage()
//	err = cell.Close()
type Cell struct {
	box      *Box
	name     string
	dir      string // of its control group; "" where there is none
	fd       *os.File
	limits   []Effect
	shim     Limits // those that the shim is to apply
	noCpuset string // why the CPUs are among them, where there is a control group
	mark     uint64
	undone   []func() // what was announced

	said applied
	pid  int
}

// patience is how long killed processes may take to be gone, and groups to be empty.
const patience = 10 * time.Second

// Cell makes a place for one run. name is part of a directory's: letters, digits, "-",
// and none that another open cell has.
func (b *Box) Cell(name string) (c *Cell, err error) {
	c = &Cell{box: b, name: name, mark: newMark()}
	if err := b.take(c); err != nil {
		return nil, err
	}
	undone, err := b.options.Journal.Mark(c.mark)
	if err != nil {
		b.forget(c)
		return nil, err
	}
	c.undone = append(c.undone, undone)
	if b.place.dir == "" {
		c.limits, c.shim = ungrouped(b.options.Limits)
	} else if err := c.group(path.Join(b.place.dir, name)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (b *Box) take(c *Cell) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.name == "" || strings.Trim(c.name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return fmt.Errorf("make the cell %q: that is no name", c.name)
	}
	if b.cells[c.name] != nil {
		return fmt.Errorf("make the cell %s: it is there", c.name)
	}
	b.cells[c.name] = c
	return nil
}

func (b *Box) forget(c *Cell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cells[c.name] == c {
		delete(b.cells, c.name)
	}
}

// Argv is what to start for path to run with the arguments argv, of which the first is
// the name that it is called by. path is that of the file: the shim does not search.
func (c *Cell) Argv(path string, argv ...string) []string {
	text, _ := json.Marshal(order{ // it has nothing that could fail
		Path: path, Settings: c.box.options.Settings, Limits: c.shim, Mark: c.mark, Group: c.dir,
	})
	shim := c.box.options.Shim
	return append(append(shim[:len(shim):len(shim)], string(text)), argv...)
}

// SysProcAttr has the payload start as the leader of a process group, in the cell from
// its first instruction on, and die with the thread that starts it. A goroutine that
// ends with its thread locked takes the thread along: there must be none such.
func (c *Cell) SysProcAttr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if c.fd != nil {
		attr.UseCgroupFD, attr.CgroupFD = true, int(c.fd.Fd())
	}
	return attr
}

// Started reads what the shim says, until the payload runs. The error is an *ExecError
// where it does not.
func (c *Cell) Started(pid int, report io.Reader) error {
	said, err := readApplied(report, c.name)
	c.pid, c.said = pid, said
	if err != nil {
		return err
	}
	if !said.Marked && c.dir == "" {
		// Then nothing finds what it starts but its process group.
		undone, err := c.box.options.Journal.Child(pid)
		if err != nil {
			return err
		}
		c.undone = append(c.undone, undone)
	}
	c.box.mu.Lock()
	defer c.box.mu.Unlock()
	r := c.Report()
	c.box.report.Limits, c.box.report.Settings = r.Limits, r.Settings
	return nil
}

// Report is what this cell became. Before Started it does not know what is the shim's.
func (c *Cell) Report() Report {
	r := Report{Rung: c.box.report.Rung, Tried: c.box.report.Tried, Group: c.dir}
	r.Limits = append(append(r.Limits, c.limits...), c.said.Limits...)
	for i := range r.Limits {
		if e := &r.Limits[i]; e.Name == "cpus" && c.noCpuset != "" {
			e.Note = "cpuset.cpus: " + c.noCpuset + "; " + e.Note
		}
	}
	r.Settings = append(r.Settings, c.said.Settings...)
	return r
}

// Self is what the shim has used up before it became the payload. Usage leaves its CPU
// time out; the peaks of memory hold it.
func (c *Cell) Self() Self { return c.said.Self }

// Close kills all that is in the cell and removes it. It may be called twice.
func (c *Cell) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	if c.pid > 0 && !c.said.Marked {
		_ = syscall.Kill(-c.pid, syscall.SIGKILL)
	}
	errs = append(errs, c.ungroup(ctx), crowd{c.mark, c.pid}.kill(ctx))
	if c.fd != nil {
		errs, c.fd = append(errs, c.fd.Close()), nil
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the cell %s: %w", c.name, err)
	}
	for _, undone := range c.undone {
		undone()
	}
	c.undone = nil
	c.box.forget(c)
	return nil
}

// try has a cell hold a payload that ends at once.
func (b *Box) try(ctx context.Context) (err error) {
	c, err := b.Cell("trial-" + strconv.FormatUint(newMark(), 36))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	argv := c.Argv("")
	p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Files: []*os.File{null, null, null, w}, Sys: c.SysProcAttr()})
	w.Close()
	if err != nil {
		return fmt.Errorf("start a payload: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = p.Kill() })
	defer stop()
	errStarted := c.Started(p.Pid, r)
	if _, err := p.Wait(); err != nil {
		return err
	}
	return errStarted
}
