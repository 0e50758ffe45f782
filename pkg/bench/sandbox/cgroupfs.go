package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Without systemd root makes groups itself. Those that hold processes cannot hand on
// controllers ("no internal processes", cgroups(7)), except the root: so that where
// others are in the own group, the new one is beside it and not below.

// A site is where cgroupfs builds.
type site struct {
	parent   string   // the group that the cells' group is made in
	inside   bool     // it is the own one, which only this program is in, and must leave
	switches []string // what parent must be told to hand on
}

func lookCgroupfs(_ context.Context, m *machine, o Options) ([]string, error) {
	s, err := m.site(o)
	if err != nil {
		return nil, err
	}
	var steps []string
	if s.inside {
		steps = append(steps, "move this program into a group inside its own one: "+s.parent)
	}
	if len(s.switches) > 0 {
		steps = append(steps, fmt.Sprintf("have %s hand on %s", s.parent, strings.Join(s.switches, ", ")))
	}
	return append(steps, "make a group in "+s.parent, "start each payload in a group of its own inside it"), nil
}

// site chooses. The nearest ancestor that hands on what is wanted keeps the payload below
// as many of the limits that hold for this program as can be.
func (m *machine) site(o Options) (s site, err error) {
	if m.uid != 0 {
		return s, errors.New("needs root")
	}
	if err := m.lookUnified(); err != nil {
		return s, err
	}
	own, err := m.own()
	if err != nil {
		return s, err
	}
	there, err := m.words(unified, "cgroup.controllers")
	if err != nil {
		return s, err
	}
	wanted := slices.DeleteFunc(o.wanted(), func(name string) bool { return !slices.Contains(there, name) })
	if len(wanted) == 0 {
		return s, errors.New("the kernel has no controllers for version 2")
	}
	if m.alone(own) {
		if has, err := m.words(own, "cgroup.controllers"); err == nil && containsAll(has, wanted) {
			missing, err := m.lacks(own, wanted)
			return site{own, true, missing}, err
		}
	}
	for dir := own; dir != unified; {
		dir = path.Dir(dir)
		if missing, err := m.lacks(dir, wanted); err == nil && len(missing) == 0 && m.Writable(path.Join(dir, "cgroup.procs")) == nil {
			return site{parent: dir}, nil
		}
	}
	missing, err := m.lacks(unified, wanted)
	if err == nil {
		err = m.Writable(path.Join(unified, "cgroup.subtree_control"))
	}
	return site{parent: unified, switches: missing}, err
}

// wanted are the controllers without which a group would be of no use: those of the
// limits, and those that count.
func (o Options) wanted() []string {
	if len(o.Limits.CPUs) > 0 {
		return controllers()
	}
	return slices.DeleteFunc(controllers(), func(name string) bool { return name == "cpuset" })
}

func containsAll(has, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(name string) bool { return !slices.Contains(has, name) })
}

// alone reports whether a group that is not the root has no process in it but this one
// and its children.
func (m *machine) alone(dir string) bool {
	words, err := m.words(dir, "cgroup.procs")
	if err != nil || dir == unified {
		return false
	}
	for _, word := range words {
		text, err := m.Read("/proc/" + word + "/stat")
		s, errStat := parseStat(text)
		if pid, _ := strconv.Atoi(word); pid != m.pid && (err != nil || errStat != nil || s.parent != m.pid) {
			return false
		}
	}
	return true
}

func openCgroupfs(_ context.Context, m *machine, o Options) (p place, err error) {
	s, err := m.site(o)
	if err != nil {
		return p, err
	}
	if s.inside {
		if err := p.leave(m, o, s.parent); err != nil {
			return p, err
		}
	}
	if len(s.switches) > 0 {
		if err := p.switchOn(m, o, s); err != nil {
			return p, err
		}
	}
	return p, p.base(m, o, s.parent)
}

// leave moves what is in a group into one inside it.
func (p *place) leave(m *machine, o Options, dir string) error {
	runner := path.Join(dir, newName())
	undone, err := o.Journal.leave(runner)
	if err != nil {
		return err
	}
	p.later(undone, func() error { return m.back(runner) })
	if err := m.Mkdir(runner); err != nil {
		return fmt.Errorf("make a control group: %w", err)
	}
	return m.moveAll(dir, runner)
}

// back undoes leave.
func (c cgroups) back(runner string) error {
	if _, err := c.words(runner, "cgroup.procs"); err != nil {
		return nil // it was never made
	}
	if err := c.moveAll(runner, path.Dir(runner)); err != nil {
		return err
	}
	return c.Rmdir(runner)
}

// switchOn has a group hand on controllers.
func (p *place) switchOn(m *machine, o Options, s site) error {
	file := path.Join(s.parent, "cgroup.subtree_control")
	off := "-" + strings.Join(s.switches, " -")
	undone, err := o.Journal.announce(entry{Switch: &set{file, off}})
	if err != nil {
		return err
	}
	p.later(undone, func() error { m.switchOff(set{file, off}); return nil })
	return m.enable(s.parent, s.switches)
}

// switchOff takes controllers back, each by itself. One that another group has begun to
// use meanwhile stays.
func (c cgroups) switchOff(s set) {
	for word := range strings.FieldsSeq(s.Off) {
		_ = c.Write(s.Path, word)
	}
}
