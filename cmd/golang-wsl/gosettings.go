package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// Where the go command of a data directory has a value from, the strongest first.
const (
	fromEnvironment = "environment"
	fromKind        = "env.sh"
	fromGoEnv       = "go env"
)

// goSetting is a setting of the go command, as that sees it when exec-env or the
// shim starts it: what a profile says counts here too.
func (s settings) goSetting(name, otherwise string) string {
	if value, _ := s.findGo(name); value != "" {
		return value
	}
	return otherwise
}

// findGo is a setting of the go command and where it is from: the environment,
// env.sh of the data directory, the file that "go env -w" writes. Both are "" where
// none of them has it.
func (s settings) findGo(name string) (value, origin string) {
	if v := s.env(name); v != "" {
		return v, fromEnvironment
	}
	if store, err := s.store(); err == nil {
		for _, v := range s.written(store) {
			if v.Name == name && v.Value != "" {
				return v.Value, fromKind
			}
		}
	}
	if v := s.fromGoEnvFile(name); v != "" {
		return v, fromGoEnv
	}
	return "", ""
}

// written is the environment that a data directory has now.
func (s settings) written(store toolchain.Store) []goenv.Var {
	data, err := os.ReadFile(environmentFile(store))
	if err != nil {
		return nil
	}
	vars, _ := goenv.Parse(data)
	return vars
}

// goEnvFile is the file that "go env -w" writes, or "off".
func (s settings) goEnvFile() string {
	if file := s.env("GOENV"); file != "" {
		return file
	}
	home, _ := s.home()
	return filepath.Join(s.or("XDG_CONFIG_HOME", filepath.Join(home, ".config")), "go", "env")
}

func (s settings) fromGoEnvFile(name string) string {
	if s.goEnvFile() == "off" {
		return ""
	}
	return goEnvLine(s.goEnvFile(), name)
}

// goEnvLine is the value of NAME=value in a file such as the one of "go env -w".
func goEnvLine(file, name string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok && v != "" {
			return v
		}
	}
	return ""
}
