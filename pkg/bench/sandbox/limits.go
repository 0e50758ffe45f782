package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The functions below set one limit of a control group each, read back what it is then,
// and say so.

// limitCPU sets for how much of each tenth of a second the group may run.
func (c cgroups) limitCPU(dir string, cpus float64) Effect {
	const period = 100000 // us, the kernel's default
	e := Effect{Name: "cpu", Requested: cpuText(cpus), By: "cpu.max"}
	if err := c.control(dir, "cpu.max", fmt.Sprintf("%d %d", int64(cpus*period+0.5), period)); err != nil {
		e.failed(err)
		return e
	}
	least, where, err := c.leastAbove(dir, "cpu.max", parseCPUMax)
	return e.found(cpuText(least), where, dir, err)
}

// parseCPUMax is a number of CPUs, of "50000 100000". ok is false for "max 100000".
func parseCPUMax(text string) (cpus float64, ok bool) {
	var quota, period float64
	if _, err := fmt.Sscan(text, &quota, &period); err != nil || period == 0 {
		return 0, false
	}
	return quota / period, true
}

// limitMemory takes the swap away as well, and has the kernel end all of a payload
// where it ends a part of it.
func (c cgroups) limitMemory(dir string, bytes int64) []Effect {
	text := strconv.FormatInt(bytes, 10)
	e := Effect{Name: "memory", Requested: text, By: "memory.max"}
	swap := Effect{Name: "swap", Requested: "0", By: "memory.swap.max"}
	if err := c.control(dir, "memory.max", text); err != nil {
		e.failed(err)
		swap.failed(err)
		return []Effect{e, swap}
	}
	if err := c.control(dir, "memory.oom.group", "1"); err != nil {
		e.Note = "memory.oom.group: " + reason(err).Error()
	}
	if err := c.control(dir, "memory.swap.max", "0"); err != nil {
		swap.failed(err) // the kernel may count no swap
	} else {
		got, err := c.number(dir, "memory.swap.max")
		swap = swap.found(strconv.FormatInt(got, 10), dir, dir, err)
	}
	least, where, err := c.leastAbove(dir, "memory.max", parseCount)
	return []Effect{e.found(strconv.FormatFloat(least, 'f', -1, 64), where, dir, err), swap}
}

func (c cgroups) limitTasks(dir string, tasks int) Effect {
	e := Effect{Name: "tasks", Requested: strconv.Itoa(tasks), By: "pids.max"}
	if err := c.control(dir, "pids.max", e.Requested); err != nil {
		e.failed(err)
		return e
	}
	least, where, err := c.leastAbove(dir, "pids.max", parseCount)
	return e.found(strconv.FormatFloat(least, 'f', -1, 64), where, dir, err)
}

func parseCount(text string) (float64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return float64(n), err == nil
}

// limitCPUs believes cpuset.cpus.effective only: what is written into cpuset.cpus may be
// there and have no effect.
func (c cgroups) limitCPUs(dir string, cpus []int) Effect {
	e := Effect{Name: "cpus", Requested: listText(cpus), By: "cpuset.cpus"}
	if err := c.control(dir, "cpuset.cpus", e.Requested); err != nil {
		e.failed(err)
		return e
	}
	text, err := c.Read(path.Join(dir, "cpuset.cpus.effective"))
	if got := strings.TrimSpace(text); err == nil && got != e.Requested {
		err = fmt.Errorf("asked for %s, the kernel has %q", e.Requested, got)
	}
	if err != nil {
		e.failed(err)
		return e
	}
	e.Effective = e.Requested
	return e
}

// control writes into a file of a group.
func (c cgroups) control(dir, name, text string) error {
	err := c.Write(path.Join(dir, name), text)
	if errors.Is(err, fs.ErrNotExist) {
		controller, _, _ := strings.Cut(name, ".")
		if has, errHas := c.words(dir, "cgroup.controllers"); errHas == nil && !slices.Contains(has, controller) {
			return errNoController(controller)
		}
	}
	return err
}

// leastAbove is the least that a group or one of those above allows, and which: a limit
// of one holds for all below.
func (c cgroups) leastAbove(dir, name string, parse func(string) (float64, bool)) (least float64, where string, err error) {
	text, err := c.Read(path.Join(dir, name))
	if err != nil {
		return 0, dir, err
	}
	least, ok := parse(text)
	if !ok {
		return 0, dir, fmt.Errorf("%s is %q", name, strings.TrimSpace(text))
	}
	where = dir
	for above := path.Dir(dir); c.Unified(above); above = path.Dir(above) {
		if text, err := c.Read(path.Join(above, name)); err == nil {
			if n, ok := parse(text); ok && n < least {
				least, where = n, above
			}
		}
	}
	return least, where, nil
}

// found completes an effect with what was read back.
func (e Effect) found(value, where, dir string, err error) Effect {
	if err != nil {
		e.failed(err)
		return e
	}
	e.Effective = value
	if where != dir {
		e.Note = "a group above allows no more: " + where
	}
	return e
}
