package sandbox

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// unified is where the hierarchy of version 2 is mounted on a machine that has no other.
const unified = "/sys/fs/cgroup"

// lookUnified says why there is no version 2 to work with. On a hybrid machine it is
// mounted elsewhere and has no controllers.
func (c cgroups) lookUnified() error {
	if !c.Unified(unified) {
		return fmt.Errorf("control groups of version 2 are not at %s (hybrid, version 1 or none)", unified)
	}
	return nil
}

// own is the directory of the control group of this process.
func (c cgroups) own() (string, error) {
	text, err := c.Read("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("find the own control group: %w", err)
	}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return path.Join(unified, path.Clean("/"+name)), nil
		}
	}
	return "", errors.New("find the own control group: it is in none of version 2")
}

// lacks are the controllers that a group does not hand on to those below.
func (c cgroups) lacks(dir string, wanted []string) (missing []string, err error) {
	has, err := c.words(dir, "cgroup.subtree_control")
	for _, name := range wanted {
		if !slices.Contains(has, name) {
			missing = append(missing, name)
		}
	}
	return missing, err
}

// enable has a group hand on controllers, one at a time: one that cannot be had does not
// keep the others, and what is missing shows in the limits. The error is that there is
// none at all.
func (c cgroups) enable(dir string, wanted []string) error {
	missing, err := c.lacks(dir, wanted)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range missing {
		if err := c.Write(path.Join(dir, "cgroup.subtree_control"), "+"+name); err != nil {
			errs = append(errs, fmt.Errorf("+%s: %w", name, reason(err)))
		}
	}
	if len(errs) == len(wanted) {
		return fmt.Errorf("have %s hand on controllers: %w", dir, errors.Join(errs...))
	}
	return nil
}

// commonAncestor is the lowest group that holds both. Who moves a process, or starts one
// in another group, must be allowed to write to its cgroup.procs.
func commonAncestor(a, b string) string {
	for !strings.HasPrefix(b+"/", strings.TrimSuffix(a, "/")+"/") {
		a = path.Dir(a)
	}
	return a
}

// move moves a process, with all its threads.
func (c cgroups) move(pid int, dir string) error {
	if err := c.Write(path.Join(dir, "cgroup.procs"), strconv.Itoa(pid)); err != nil {
		return fmt.Errorf("move to the control group: %w", err)
	}
	return nil
}

// moveAll moves all processes of a group to another one.
func (c cgroups) moveAll(from, to string) error {
	words, err := c.words(from, "cgroup.procs")
	if err != nil {
		return err
	}
	for _, word := range words {
		// 0 would be this process: the kernel writes it for one of another namespace.
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			err = c.move(pid, to)
			if _, errStat := c.Read("/proc/" + word + "/stat"); err != nil && errStat == nil {
				return err
			}
		}
	}
	return nil
}

// base makes the group that cells are made in, and has it hand on controllers. It is
// announced, and close removes it with all that is in it.
func (p *place) base(m *machine, o Options, parent string) error {
	dir := path.Join(parent, newName())
	undone, err := o.Journal.Group(dir)
	if err != nil {
		return err
	}
	p.later(undone, func() error { return m.removed(dir) })
	if err := m.Mkdir(dir); err != nil {
		return fmt.Errorf("make a control group: %w", err)
	}
	has, err := m.words(dir, "cgroup.controllers")
	if err != nil {
		return fmt.Errorf("read the control group: %w", err)
	}
	wanted := slices.DeleteFunc(controllers(), func(name string) bool { return !slices.Contains(has, name) })
	if len(wanted) == 0 {
		return fmt.Errorf("a group in %s has no controllers", parent)
	}
	if err := m.enable(dir, wanted); err != nil {
		return err
	}
	p.dir = dir
	return nil
}
