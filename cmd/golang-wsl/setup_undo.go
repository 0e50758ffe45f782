package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// revert takes out of every file what some setup may have put in: other shells
// may have been in use then, and ZDOTDIR may have been set.
func (s *setup) revert() error {
	list := append(s.rcFiles(), rcFile{shell: "zsh", path: filepath.Join(s.homeDir, ".zshrc")})
	for _, name := range loginFiles {
		list = append(list, rcFile{shell: "bash", path: filepath.Join(s.homeDir, name)})
	}
	seen := make(map[string]bool)
	dirs := []string{s.hookDir, filepath.Dir(s.hookDir)}
	for _, rc := range list {
		if seen[rc.path] {
			continue
		}
		seen[rc.path] = true
		gone, err := s.takeBlockOut(rc)
		s.failed(err)
		if gone {
			dirs = slices.Concat(rc.dirs, dirs)
		}
	}
	for _, name := range shell.Names() {
		s.failed(s.removeHook(name))
	}
	if s.changed && !s.dryRun {
		s.removeEmpty(dirs)
	}
	if s.changed {
		s.sayWhatUndoLeaves()
		s.sayHowToGoOn()
	}
	return errors.Join(s.errs...)
}

// takeBlockOut reports whether the file is gone with the block.
func (s *setup) takeBlockOut(rc rcFile) (gone bool, err error) {
	if info, err := os.Stat(rc.path); err == nil && !info.Mode().IsRegular() {
		return false, nil // setup has not been able to edit that
	}
	edit, err := shell.PlanRemove(rc.path)
	if err != nil || !edit.Changes() {
		return false, err
	}
	if err := s.apply(edit); err != nil {
		return false, err
	}
	hadBlock := shell.HasBlock(edit.Old)
	switch {
	case edit.Delete:
		s.did(rc.path, removed, "the file, which only setup had written to")
	case hadBlock && edit.Expired != "":
		s.did(rc.path, tookOut, "the block (backup removed)")
	case hadBlock && edit.Kept != "":
		s.did(rc.path, tookOut, fmt.Sprintf("the block (%s differs, and stays)", s.short(edit.Kept)))
	case hadBlock:
		s.did(rc.path, tookOut, "the block")
	default:
		s.did(edit.Expired, removed, "the backup, which is like the file")
	}
	return edit.Delete, nil
}

func (s *setup) removeHook(name string) error {
	path := s.hook(name)
	if _, err := os.Lstat(path); err != nil {
		return nil
	}
	if !s.dryRun {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	s.did(path, removed, "the hook for "+name)
	return nil
}

// removeEmpty removes directories that have nothing in them any more. HOME is
// not one that setup may have made.
func (s *setup) removeEmpty(dirs []string) {
	for _, dir := range dirs {
		if filepath.Clean(dir) != filepath.Clean(s.homeDir) {
			_ = os.Remove(dir) // fails on all that are not empty
		}
	}
}

func (s *setup) sayWhatUndoLeaves() {
	var rest []string
	for _, kind := range kinds {
		if dir, err := s.dataDirOf(kind); err == nil && exists(dir) {
			rest = append(rest, s.short(dir))
		}
	}
	if file, err := s.configFile(); err == nil && exists(file) {
		rest = append(rest, s.short(file))
	}
	if len(rest) > 0 {
		s.say(visible("what is in " + strings.Join(rest, ", ") + " stays"))
	}
}
