package main

import (
	"path/filepath"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// addHooks tells the doctor of the hooks that "golang-wsl setup" writes for the
// shells in use, and of all that it may change.
func (a *app) addHooks(m *doctor.Machine) error {
	s := &setup{app: a}
	var err error
	if s.homeDir, err = s.home(); err != nil {
		return nil // no rc file is anybody's
	}
	if s.hookDir, err = s.configDir(); err != nil {
		return err
	}
	vars, bad := s.hookVars()
	for _, rc := range s.rcFiles() {
		if !s.inUse(rc) {
			continue
		}
		h := doctor.Hook{Shell: rc.shell, File: s.hook(rc.shell), Rc: []string{rc.path}}
		if bad == nil { // else it is not known
			h.Text, _ = shell.Hook(rc.shell, vars)
		}
		m.Setup = append(m.Setup, rc.path, backupOf(rc.path), h.File)
		if rc.shell == "bash" {
			h.Rc = append(h.Rc, s.loginRc()...)
		}
		m.Hooks = append(m.Hooks, h)
	}
	places, err := s.places()
	for _, p := range places {
		m.Setup = append(m.Setup, p.changes()...)
	}
	return err
}

// backupOf is the file that setup keeps of an rc file as it was.
func backupOf(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return path + shell.BackupSuffix
}

// loginRc are the files of a login bash, which "setup --profile" edits.
func (s *setup) loginRc() (files []string) {
	for _, name := range loginFiles {
		if file := filepath.Join(s.homeDir, name); exists(file) {
			files = append(files, file)
		}
	}
	return files
}

// changes are what fillPlaces makes of a data directory.
func (p place) changes() (paths []string) {
	paths = []string{filepath.Join(p.DataDir, "golang-wsl")}
	if !p.has {
		paths = append(paths, p.pluginDir())
	}
	return paths
}
