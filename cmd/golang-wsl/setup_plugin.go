package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"golang.org/x/sys/unix"
)

// fillPlaces returns an error where nothing may be done at all. What cannot be
// done in one place does not keep the others from having it.
func (s *setup) fillPlaces(ctx context.Context, list []place) error {
	source, err := s.cloneSource(list)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !p.has && source != "" {
			if err := s.clonePlugin(ctx, p, source); ctx.Err() != nil {
				return context.Cause(ctx)
			} else if err != nil {
				s.failed(fmt.Errorf("clone the plugin into %s: %w", p.DataDir, err))
			} else if !s.dryRun && !exists(source) {
				source = p.pluginDir() // one fetch from afar is enough
			}
		}
		if !p.mise {
			s.failed(s.prepareOnce(p.Store))
		}
	}
	return nil
}

func (p place) pluginDir() string { return filepath.Join(p.DataDir, "plugins", p.Plugin) }

// prepareOnce tells of it the first time. Later it is a matter of seconds, and
// of no interest.
func (s *setup) prepareOnce(store toolchain.Store) error {
	isNew := !exists(pluginFile(store.DataDir))
	if !s.dryRun {
		if err := os.MkdirAll(store.DataDir, 0o755); err != nil {
			return err
		}
		if err := s.prepare(store); err != nil {
			return err
		}
	}
	if isNew {
		s.newPlace = true
		s.did(store.DataDir, prepared, "go, gofmt and golang-wsl in golang-wsl/bin")
	}
	return nil
}

// cloneSource is the directory or the URL to clone the plugin from, where some
// place needs it: what the user says, the plugin that asdf has called, or one that
// some data directory has. Where there is none it is "".
func (s *setup) cloneSource(list []place) (string, error) {
	var dir string
	switch i := slices.IndexFunc(list, func(p place) bool { return p.has }); {
	case s.from != "":
		dir = s.from
	case !slices.ContainsFunc(list, func(p place) bool { return !p.has }):
		return "", nil
	case s.env("GOLANG_WSL_PLUGIN_DIR") != "":
		dir = s.env("GOLANG_WSL_PLUGIN_DIR")
	case i >= 0:
		dir = list[i].pluginDir()
	default:
		// Who has neither asdf nor mise has a program on PATH, and may need no plugin.
		s.say("asdf and mise get no plugin, as none is known here: golang-wsl setup --from <its clone or URL> adds it")
		return "", nil
	}
	if !exists(dir) && strings.Contains(dir, ":") { // scheme://host/path or user@host:path
		return dir, nil
	}
	dir, err := filepath.Abs(dir)
	hint := "golang-wsl setup --from <clone>"
	switch {
	case err != nil:
		return "", err
	case !exists(dir):
		return "", &usageError{fmt.Sprintf("clone %s: there is no such directory", dir), hint}
	case !exists(filepath.Join(dir, ".git")):
		return "", &usageError{fmt.Sprintf("clone %s: it is not a git work tree", dir), hint}
	case !isOurs(dir):
		return "", &usageError{fmt.Sprintf("clone %s: this plugin is not in it", dir), hint}
	}
	return dir, nil
}

// clonePlugin clones in staging, and gives the plugin its name when it is whole.
// A link to the source would do for mise and asdf 0.14, but asdf 0.16 and later
// see directories only.
func (s *setup) clonePlugin(ctx context.Context, p place, source string) error {
	if _, err := os.Lstat(p.pluginDir()); err == nil && len(names(p.pluginDir())) > 0 {
		return fmt.Errorf("%s is another plugin", p.pluginDir())
	}
	if !s.dryRun {
		if err := s.stagePlugin(ctx, p, source); err != nil {
			return err
		}
	}
	s.did(p.pluginDir(), cloned, "the plugin from "+s.short(source))
	return nil
}

// stagePlugin holds the lock by which an install in the same data directory sees
// that something in staging is still being made.
func (s *setup) stagePlugin(ctx context.Context, p place, source string) (err error) {
	own := filepath.Join(p.DataDir, "golang-wsl")
	name := "plugin@" + p.Plugin
	work := filepath.Join(own, "staging", name)
	unlock, err := s.lock(ctx, filepath.Join(own, "locks", name), "clone of the plugin")
	if err != nil {
		return err
	}
	defer unlock()
	if isOurs(p.pluginDir()) { // another setup was faster
		return nil
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(work))
		if p.mise { // which has no use for the rest
			_ = os.RemoveAll(own)
		}
	}()
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(filepath.Dir(work), 0o755)); err != nil {
		return err
	}
	if err := cloneFrom(ctx, source, work); err != nil {
		return err
	}
	if !isOurs(work) {
		return fmt.Errorf("what is in %s is not this plugin", source)
	}
	if err := os.MkdirAll(filepath.Dir(p.pluginDir()), 0o755); err != nil {
		return err
	}
	// rename(2) takes the place of an empty directory, which os.Rename refuses.
	if err := unix.Rename(work, p.pluginDir()); err != nil {
		return &os.LinkError{Op: "rename", Old: work, New: p.pluginDir(), Err: err}
	}
	return nil
}

func (s *setup) lock(ctx context.Context, path, what string) (unlock func(), err error) {
	timeout, err := s.duration("GOLANG_WSL_LOCK_TIMEOUT")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	l := flock.New(path)
	ok, err := l.TryLockContext(wait, 50*time.Millisecond)
	switch {
	case ok:
		return func() { _ = l.Close() }, nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil, &toolchain.LockedError{What: what, Path: path}
	}
	return nil, err
}
