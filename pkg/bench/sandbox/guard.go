package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Guard is the guardian: it reads what a [Journal] announces until that ends. If it does
// so without a last word, Guard undoes what was announced and not taken back, the last
// first. A thing that is not there is one that there is nothing to do about.
//
// It is to run in a process that signals to the tool do not reach: [StartGuard].
func Guard(ctx context.Context, from io.Reader, m Machine) error {
	entries, done := readJournal(from)
	if done || len(entries) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	g := guardian{m.open()}
	var errs []error
	for _, e := range slices.Backward(entries) {
		if err := g.undo(ctx, e); err != nil {
			errs = append(errs, fmt.Errorf("undo what was left behind: %w", err))
		}
	}
	return errors.Join(errs...)
}

// readJournal returns what is still to be undone, and whether there was a last word. A
// line that was cut is of a thing that was never made.
func readJournal(from io.Reader) (entries []entry, done bool) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch {
		case e.Done:
			return nil, true
		case e.Undone:
			entries = slices.DeleteFunc(entries, func(old entry) bool { return old.ID == e.ID })
		default:
			entries = append(entries, e)
		}
	}
	return entries, false
}

type guardian struct{ *machine }

func (g guardian) undo(ctx context.Context, e entry) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch {
	case e.Mark != 0:
		return crowd{mark: e.Mark}.kill(ctx)
	case e.Group != "":
		return g.removeOurs(ctx, e.Group)
	case e.Scope != nil:
		return g.endScope(ctx, *e.Scope)
	case e.Leave != "":
		return g.back(e.Leave)
	case e.Switch != nil:
		g.switchOff(*e.Switch)
		return nil
	case e.Child != nil:
		return killGroup(*e.Child)
	case e.File != nil:
		return g.restore(*e.File)
	case e.Dir != "":
		return removeAll(ctx, e.Dir)
	}
	return fmt.Errorf("an entry of the journal that this guardian does not know: %d", e.ID)
}

// removeOurs removes a group, and only one that this package has made.
func (g guardian) removeOurs(ctx context.Context, dir string) error {
	if !strings.HasPrefix(path.Base(dir), ours) {
		return fmt.Errorf("the control group %s is not ours", dir)
	}
	return g.remove(ctx, dir)
}

// killGroup kills a process group, if its leader is still the process that it was.
func killGroup(c child) error {
	if s, err := readStat(c.Group); err != nil || s.start != c.Start {
		return nil
	}
	if err := syscall.Kill(-c.Group, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill the process group %d: %w", c.Group, err)
	}
	return nil
}

// restore writes what was in a file, unless that is in it.
func (g guardian) restore(f saved) error {
	now, err := g.Read(f.Path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err == nil && now == f.Old:
		return nil
	}
	return g.Write(f.Path, f.Old)
}

// removeAll removes a directory also while somebody who is about to die writes to it.
func removeAll(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return until(ctx, func() (bool, error) {
		err := os.RemoveAll(dir)
		return err == nil, err
	})
}
