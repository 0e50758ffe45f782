package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// ours begins the names of the groups and scopes that this package makes.
const ours = "golang-wsl-bench-"

func newName() string { return ours + strconv.FormatUint(newMark(), 36) }

// controllers are what a place needs for its cells to hold all limits. cpuset is what
// the manager of a user does not have.
func controllers() []string { return []string{"cpu", "memory", "pids", "cpuset"} }

// An errNoController says why a file of a control group is not there.
type errNoController string

func (e errNoController) Error() string { return "the group has no controller " + string(e) }

// group makes the control group of a cell and sets its limits. That is no error where
// a limit cannot be set: the effect says so.
func (c *Cell) group(dir string) error {
	g := c.box.machine.cgroups
	if err := g.Mkdir(dir); err != nil {
		return fmt.Errorf("make the cell %s: %w", c.name, err)
	}
	c.dir = dir
	l := c.box.options.Limits
	if l.CPU > 0 {
		c.limits = append(c.limits, g.limitCPU(dir, l.CPU))
	}
	if l.Memory > 0 {
		c.limits = append(c.limits, g.limitMemory(dir, l.Memory)...)
	}
	if l.Tasks > 0 {
		c.limits = append(c.limits, g.limitTasks(dir, l.Tasks))
	}
	if len(l.CPUs) > 0 {
		if e := g.limitCPUs(dir, l.CPUs); e.Effective != None {
			c.limits = append(c.limits, e)
		} else {
			c.shim.CPUs, c.noCpuset = l.CPUs, e.Note
		}
	}
	var err error
	if _, real := g.Files.(disk); real {
		c.fd, err = os.Open(dir)
	}
	return err
}

// ungroup kills all in the cell's group and removes it.
func (c *Cell) ungroup(ctx context.Context) error {
	if c.dir == "" {
		return nil
	}
	return c.box.machine.remove(ctx, c.dir)
}

// words is a file of words.
func (c cgroups) words(dir, name string) ([]string, error) {
	text, err := c.Read(path.Join(dir, name))
	return strings.Fields(text), err
}

// reason is an error without the path, which a reader of a report cannot look at.
func reason(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// remove kills all in a group and those below, and removes them. A group that is not
// there is removed.
func (c cgroups) remove(ctx context.Context, dir string) error {
	err := until(ctx, func() (bool, error) {
		err := firstError(c.kill(dir), c.rmdirAll(dir))
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("remove the control group: %w", err)
	}
	return nil
}

// removed is remove, for as long as that may take.
func (c cgroups) removed(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.remove(ctx, dir)
}

// rmdirAll fails with EBUSY while a process of the group has not ended.
func (c cgroups) rmdirAll(dir string) error {
	below, err := c.Dirs(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, name := range below {
		err = errors.Join(err, c.rmdirAll(path.Join(dir, name)))
	}
	if err := errors.Join(err, c.Rmdir(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// kill kills all in a group and those below: by cgroup.kill, and where the kernel has
// none (before 5.14) one by one. Frozen ones start none meanwhile, and die all the same.
func (c cgroups) kill(dir string) error {
	err := c.Write(path.Join(dir, "cgroup.kill"), "1")
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	pids, err := c.all(dir)
	if len(pids) == 0 || err != nil {
		return err
	}
	_ = c.Write(path.Join(dir, "cgroup.freeze"), "1")
	defer func() { _ = c.Write(path.Join(dir, "cgroup.freeze"), "0") }()
	if pids, err = c.all(dir); err != nil {
		return err
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill %d: %w", pid, err)
		}
	}
	return nil
}

// all are the processes of a group and of those below. There are none in one that is
// not there.
func (c cgroups) all(dir string) (pids []int, err error) {
	words, err := c.words(dir, "cgroup.procs")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, word := range words {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 { // 0 is one of another namespace
			pids = append(pids, pid)
		}
	}
	below, errDirs := c.Dirs(dir)
	for _, name := range below {
		more, errMore := c.all(path.Join(dir, name))
		pids, err = append(pids, more...), errors.Join(err, errMore)
	}
	return pids, errors.Join(err, errDirs)
}
