package prepare

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// A Journal is told of each change before it is made, so that somebody can undo it if
// this program dies: package sandbox has one. What it returns takes the announcement
// back.
type Journal interface {
	File(name, old string) (undone func(), err error)
}

// nobody is the journal where nobody keeps one.
type nobody struct{}

func (nobody) File(string, string) (func(), error) { return func() {}, nil }

// changes are what was changed, and how to have it back.
type changes struct {
	report  *Report
	files   Files
	journal Journal
	undo    []func() error
}

// set writes another value into a control file, reads back what came of it, and
// remembers how to undo that.
func (c *changes) set(name, value string) error {
	old, err := c.files.read(name)
	if err != nil {
		return err
	}
	if old == value {
		return nil
	}
	undone, err := c.journal.File(name, old)
	if err != nil {
		return err
	}
	at := len(c.report.Changes)
	c.report.Changes = append(c.report.Changes, Change{What: name, Old: old, New: value})
	c.undo = append(c.undo, func() error {
		change := &c.report.Changes[at]
		err := c.files.write(name, old)
		now, errRead := c.files.read(name)
		if err = errors.Join(err, errRead); err == nil && now != old {
			err = fmt.Errorf("it is %q", now)
		}
		if err != nil {
			change.Error = oneLine(err)
			return fmt.Errorf("restore %s to %q: %w", name, old, err)
		}
		change.Restored = true
		undone()
		return nil
	})
	if err := c.files.write(name, value); err != nil {
		return err
	}
	if now, err := c.files.read(name); err != nil || now != value {
		return fmt.Errorf("%q was written and %q is read back", value, now)
	}
	return nil
}

// hold keeps a request open until it is undone.
func (c *changes) hold(name, what string, data []byte) error {
	held, err := c.files.hold(name, data)
	if err != nil {
		return err
	}
	at := len(c.report.Changes)
	c.report.Changes = append(c.report.Changes, Change{What: name, New: what})
	c.undo = append(c.undo, func() error {
		if err := held.Close(); err != nil {
			c.report.Changes[at].Error = oneLine(err)
			return fmt.Errorf("give back %s: %w", name, err)
		}
		c.report.Changes[at].Restored = true
		return nil
	})
	return nil
}

// back undoes all of it, the last first. It may be called twice.
func (c *changes) back() error {
	var errs []error
	for i := len(c.undo) - 1; i >= 0; i-- {
		errs = append(errs, c.undo[i]())
	}
	c.undo = nil
	return errors.Join(errs...)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// governorFiles are one for each set of processors that change their speed together.
const governorFiles = "/sys/devices/system/cpu/cpufreq/policy*/scaling_governor"

// govern sets the governor of all processors, or of none.
func (c *changes) govern(governor string) Finding {
	f := Finding{Name: "governor", Value: governor, Verdict: OK}
	names := c.files.glob(governorFiles)
	if len(names) == 0 {
		f.Value, f.Verdict, f.Text = "", Warn, "it cannot be set: this machine has none to be seen"
		return f
	}
	before := len(c.undo)
	for _, name := range names {
		if err := c.set(name, governor); err != nil {
			f.Verdict, f.Text = Warn, "it cannot be set: "+oneLine(err)
			c.backTo(before)
			return f
		}
	}
	f.Text = "the processors do not slow down to save power"
	if n := len(c.undo) - before; n > 0 {
		f.Done = fmt.Sprintf("set in %d of %d files; undone at the end", n, len(names))
	}
	return f
}

// backTo undoes what came after. What cannot be undone stays in the journal, and its
// error in the report.
func (c *changes) backTo(before int) {
	for i := len(c.undo) - 1; i >= before; i-- {
		_ = c.undo[i]()
	}
	c.undo = c.undo[:before]
}

const latencyFile = "/dev/cpu_dma_latency"

// awake keeps the processors from deep sleep, out of which they wake up late: a latency
// of 0 us is asked for (Documentation/power/pm_qos_interface.rst).
func (c *changes) awake() Finding {
	f := Finding{Name: "idle", Value: "0 us", Verdict: OK}
	if err := c.hold(latencyFile, "a latency of 0 us", binary.NativeEndian.AppendUint32(nil, 0)); err != nil {
		f.Value, f.Verdict, f.Text = "", Warn, "the processors cannot be kept awake: "+oneLine(err)
		return f
	}
	f.Text = "the processors do not sleep deeply"
	f.Done = latencyFile + " is held open; the kernel takes it back when it is closed"
	return f
}
