package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A place is a data directory that needs the plugin.
type place struct {
	toolchain.Store
	has  bool // the plugin
	mise bool // the directory is mise's, and gets nothing else
}

// places are the data directories of all kinds, each once: a user may have two
// kinds share one.
func (s *setup) places() (list []place, err error) {
	for _, kind := range kinds {
		dir, err := s.setupDirOf(kind)
		if err != nil {
			return nil, err
		}
		list = append(list, place{Store: toolchain.Store{DataDir: filepath.Clean(dir)}})
	}
	if s.usesMise() {
		share, err := s.userDir("XDG_DATA_HOME", ".local/share")
		if err != nil {
			return nil, err
		}
		for _, kind := range []wsl.Kind{wsl.WSL1, wsl.WSL2} {
			list = append(list, place{Store: toolchain.Store{DataDir: filepath.Join(share, "mise-"+string(kind))}, mise: true})
		}
	}
	list = uniquePlaces(list)
	name := s.pluginName(list)
	for i := range list {
		list[i].Plugin, list[i].has = findPlugin(list[i].DataDir, name)
	}
	return list, nil
}

// setupDirOf is where the hook will send shells of a kind. On plain Linux it
// keeps the ASDF_DATA_DIR that it finds.
func (s *setup) setupDirOf(kind wsl.Kind) (string, error) {
	dir, err := s.dataDirOf(kind)
	if err != nil || kind != wsl.Native || s.kind() != wsl.Native || s.ofKind(kind, "data_dir") != "" {
		return dir, err
	}
	now, err := s.dataDir()
	for _, other := range []wsl.Kind{wsl.WSL1, wsl.WSL2} {
		if theirs, err := s.dataDirOf(other); err != nil || theirs == now {
			return dir, err
		}
	}
	return now, err
}

func (s *setup) usesMise() bool {
	dir, err := s.miseConfigDir()
	return s.env("MISE_CONFIG_DIR") != "" || err == nil && exists(dir) || s.hasCommand("mise")
}

func uniquePlaces(list []place) (unique []place) {
	for _, p := range list {
		if !slices.ContainsFunc(unique, func(q place) bool { return p.DataDir == q.DataDir }) {
			unique = append(unique, p)
		}
	}
	return unique
}

// pluginName is what the plugin is called where it was called from, else where it
// already is.
func (s *setup) pluginName(list []place) string {
	if dir := s.env("GOLANG_WSL_PLUGIN_DIR"); filepath.IsAbs(dir) && filepath.Base(filepath.Dir(dir)) == "plugins" {
		return filepath.Base(dir)
	}
	for _, p := range list {
		if name, ok := findPlugin(p.DataDir, pluginIn(p.DataDir)); ok {
			return name
		}
	}
	return standalonePlugin
}

// findPlugin is the name under which a data directory has this plugin: the name
// that was hoped for, or another. Where it has not, ok is false.
func findPlugin(dataDir, hoped string) (name string, ok bool) {
	plugins := filepath.Join(dataDir, "plugins")
	for _, name := range append([]string{hoped}, names(plugins)...) {
		if isOurs(filepath.Join(plugins, name)) {
			return name, true
		}
	}
	return hoped, false
}

// isOurs reports whether a directory has this plugin in it.
func isOurs(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "lib", "helper.bash"))
	return err == nil && bytes.Contains(text, []byte("golang_wsl_run()")) && exists(filepath.Join(dir, "lib", "commands", "command"))
}
