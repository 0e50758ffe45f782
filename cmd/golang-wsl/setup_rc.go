package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// An rcFile is a file that a shell reads when it starts.
type rcFile struct {
	shell string // whose hook it sources
	path  string
	dirs  []string // that may be there only for the file, the innermost first
}

// rcFiles are those that setup edits, were all shells in use. fish reads every
// file in conf.d, so that it has one of ours.
func (s *setup) rcFiles() []rcFile {
	list := []rcFile{{shell: "bash", path: filepath.Join(s.homeDir, ".bashrc")}, s.zshrc(), s.fishFile()}
	if s.profile {
		list = append(list, rcFile{shell: "bash", path: s.loginFile()})
	}
	return list
}

func (s *setup) zshrc() rcFile {
	if dir := s.env("ZDOTDIR"); filepath.IsAbs(dir) && filepath.Clean(dir) != filepath.Clean(s.homeDir) {
		return rcFile{"zsh", filepath.Join(dir, ".zshrc"), []string{dir}}
	}
	return rcFile{shell: "zsh", path: filepath.Join(s.homeDir, ".zshrc")}
}

func (s *setup) fishFile() rcFile {
	parent := filepath.Dir(s.hookDir)
	fish := filepath.Join(parent, "fish")
	conf := filepath.Join(fish, "conf.d")
	return rcFile{"fish", filepath.Join(conf, "golang-wsl.fish"), []string{conf, fish, parent}}
}

// loginFiles are what a login bash reads: the first that it finds.
var loginFiles = []string{".bash_profile", ".bash_login", ".profile"}

func (s *setup) loginFile() string {
	for _, name := range loginFiles {
		if path := filepath.Join(s.homeDir, name); exists(path) {
			return path
		}
	}
	return filepath.Join(s.homeDir, ".profile")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// inUse reports whether the user has the shell, or has had it: a link to a file
// that is missing was made by somebody.
func (s *setup) inUse(rc rcFile) bool {
	_, err := os.Lstat(rc.path)
	return err == nil || s.hasCommand(rc.shell)
}

func (s *setup) hasCommand(name string) bool {
	_, err := lookPath(name, []string{"PATH=" + s.env("PATH")})
	return err == nil
}

func (s *setup) hook(shell string) string { return filepath.Join(s.hookDir, "hook."+shell) }

func (s *setup) editShells() {
	vars, err := s.hookVars()
	if err != nil {
		s.failed(err)
		return
	}
	hooks := make(map[string]error) // by shell: bash may have two files
	for _, rc := range s.rcFiles() {
		if !s.inUse(rc) {
			continue
		}
		err, done := hooks[rc.shell]
		if !done {
			err = s.writeHook(rc.shell, vars)
			hooks[rc.shell] = err
			s.failed(err)
		}
		if err == nil {
			s.failed(s.addBlock(rc))
		}
	}
}

func (s *setup) writeHook(name string, vars []goenv.Var) error {
	edit, err := planHook(s.hook(name), name, vars)
	if err != nil || !edit.Changes() {
		return err
	}
	if err := s.apply(edit); err != nil {
		return err
	}
	s.did(edit.Name, wrote, "the hook for "+name)
	return nil
}

func (s *setup) apply(edit *shell.Edit) error {
	if s.dryRun {
		return nil
	}
	return edit.Apply()
}

func (s *setup) addBlock(rc rcFile) error {
	line, err := shell.Source(rc.shell, s.homeDir, s.hook(rc.shell))
	if err != nil {
		return err
	}
	edit, err := shell.PlanInsert(rc.path, line)
	if err != nil || !edit.Changes() {
		return err
	}
	if err := s.apply(edit); err != nil {
		return err
	}
	switch {
	case edit.Create:
		s.did(rc.path, added, "a block (new file)")
	case edit.Backup != "":
		s.did(rc.path, added, fmt.Sprintf("a block (backup: %s)", s.short(edit.Backup)))
	default:
		s.did(rc.path, updated, "the block")
	}
	if s.dryRun {
		for line := range strings.Lines(edit.Block()) {
			fmt.Fprintf(s.std.err, "    %s\n", visible(strings.TrimSuffix(line, "\n")))
		}
	}
	return nil
}
