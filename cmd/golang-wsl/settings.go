package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// settings is the environment, read. Nothing below cmd reads it.
type settings struct{ env func(string) string }

// or is the variable called name, or another value where it is unset or empty.
func (s settings) or(name, otherwise string) string {
	if v := s.env(name); v != "" {
		return v
	}
	return otherwise
}

func (s settings) home() (string, error) {
	if home := s.env("HOME"); filepath.IsAbs(home) {
		return home, nil
	}
	return "", &usageError{"HOME is not set", "set HOME, or ASDF_DATA_DIR and GOLANG_WSL_CACHE_DIR"}
}

// cacheDir follows the XDG base directory specification, which says to ignore
// relative paths.
func (s settings) cacheDir() (string, error) {
	if dir := s.env("GOLANG_WSL_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := s.env("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "golang-wsl"), nil
	}
	home, err := s.home()
	return filepath.Join(home, ".cache", "golang-wsl"), err
}

// store is where this call works. A plugin that asdf or mise runs says where it
// is, which gives the data directory and the name that it was added under;
// without one, the data directory is that of this kind of Linux.
func (s settings) store() (toolchain.Store, error) {
	dir := s.env("GOLANG_WSL_PLUGIN_DIR")
	if plugins := filepath.Dir(dir); filepath.IsAbs(dir) && filepath.Base(plugins) == "plugins" {
		return toolchain.Store{DataDir: filepath.Dir(plugins), Plugin: filepath.Base(dir)}, nil
	}
	data, err := s.dataDir()
	return toolchain.Store{DataDir: data, Plugin: standalonePlugin}, err
}

// standalonePlugin is the name that installs go under where no plugin says what
// it is called: this program's own.
const standalonePlugin = "golang-wsl"

func (s settings) dataDir() (string, error) {
	if dir := s.env("ASDF_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := s.home()
	if err != nil {
		return "", err
	}
	switch kind := wsl.Detect(os.DirFS("/")); kind {
	case wsl.WSL1, wsl.WSL2:
		return filepath.Join(home, ".asdf-"+string(kind)), nil
	}
	return filepath.Join(home, ".asdf"), nil
}

// goSetting is a setting of the go command: from the environment, then from the
// file that "go env -w" writes, then otherwise.
func (s settings) goSetting(name, otherwise string) string {
	if v := s.env(name); v != "" {
		return v
	}
	file := s.env("GOENV")
	if file == "" {
		home, _ := s.home()
		file = filepath.Join(s.or("XDG_CONFIG_HOME", filepath.Join(home, ".config")), "go", "env")
	}
	if file == "off" {
		return otherwise
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return otherwise
	}
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok && v != "" {
			return v
		}
	}
	return otherwise
}

// duration is the variable called name, or otherwise where it is unset:
// GOLANG_WSL_LOCK_TIMEOUT is how long to wait for another install, and
// GOLANG_WSL_STALL is how long a line may bring no byte.
func (s settings) duration(name, otherwise string) (time.Duration, error) {
	text := s.or(name, otherwise)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, &usageError{fmt.Sprintf("%s=%q is not a duration", name, text), "write it like 10m or 30s"}
	}
	return d, nil
}

// list splits a comma list and drops what is empty.
func list(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
