package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path"
)

// A scope of systemd holds processes that somebody else has started: this one. It moves
// into a group inside the scope, the cells are beside that.

func lookScope(user bool) func(context.Context, *machine, Options) ([]string, error) {
	return func(ctx context.Context, m *machine, _ Options) ([]string, error) {
		switch {
		case user && m.uid == 0:
			return nil, errors.New("root has the system's")
		case !user && m.uid != 0:
			return nil, errors.New("needs root")
		}
		if err := m.lookUnified(); err != nil {
			return nil, err
		}
		if _, err := m.Dirs("/run/systemd/system"); err != nil {
			return nil, errors.New("systemd does not run: there is no /run/systemd/system")
		}
		s, err := m.connect(ctx, user)
		if err != nil {
			return nil, err
		}
		s.Close()
		return []string{
			"ask systemd over D-Bus for a scope with this program in it",
			"move this program into a group inside the scope",
			"start each payload in a group of its own beside that",
		}, nil
	}
}

func openScope(user bool) func(context.Context, *machine, Options) (place, error) {
	return func(ctx context.Context, m *machine, o Options) (p place, err error) {
		before, err := m.own()
		if err != nil {
			return p, err
		}
		s, err := m.connect(ctx, user)
		if err != nil {
			return p, err
		}
		name := newName() + ".scope"
		undone, err := o.Journal.Scope(name, user)
		if err != nil {
			s.Close()
			return p, err
		}
		p.undo = append(p.undo, func() error {
			defer s.Close()
			left, err := m.leaveScope(s, name, before)
			if left && err == nil {
				undone()
			}
			return err
		})
		return p, p.enter(ctx, m, o, s, name)
	}
}

// enter has systemd make the scope, and makes the groups inside it.
func (p *place) enter(ctx context.Context, m *machine, o Options, s Systemd, name string) error {
	if err := s.Start(ctx, name, m.pid); err != nil {
		return err
	}
	group, err := s.Group(ctx, name)
	if err != nil {
		return err
	}
	dir := path.Join(unified, group)
	if own, err := m.own(); err != nil || own != dir {
		return errors.Join(fmt.Errorf("systemd has put this process into %s, not into %s", own, dir), err)
	}
	runner := path.Join(dir, "runner")
	if err := m.Mkdir(runner); err != nil {
		return fmt.Errorf("make a group in the scope: %w", err)
	}
	if err := m.moveAll(dir, runner); err != nil {
		return err
	}
	has, err := m.words(dir, "cgroup.controllers")
	if err != nil {
		return err
	}
	if err := m.enable(dir, has); err != nil {
		return err
	}
	return p.base(m, o, dir)
}

// leaveScope goes back to where this process was, and ends the scope. Whoever may not go
// back stays: the scope then ends with this process, and left is false.
func (m *machine) leaveScope(s Systemd, name, before string) (left bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	group, err := s.Group(ctx, name)
	if err != nil || group == "" {
		return true, err
	}
	dir := path.Join(unified, group)
	for _, from := range []string{path.Join(dir, "runner"), dir} {
		_ = m.moveAll(from, before)
	}
	if own, err := m.own(); err != nil || commonAncestor(dir, own) == dir {
		return false, err // to end the scope would be to end this process
	}
	return true, endScope(ctx, s, name)
}

// endScope stops a scope and waits until systemd has forgotten it.
func endScope(ctx context.Context, s Systemd, name string) error {
	if err := s.Stop(ctx, name); err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		group, err := s.Group(ctx, name)
		return err == nil && group == "", err
	})
}

// endScope is the guardian's: this process is not in it.
func (g guardian) endScope(ctx context.Context, e scope) error {
	s, err := g.connect(ctx, e.User)
	if err != nil {
		return fmt.Errorf("end the scope %s: %w", e.Name, err)
	}
	defer s.Close()
	return endScope(ctx, s, e.Name)
}
