package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/google/renameio/v2"
)

// kinds are all kinds of Linux, each of which has a data directory.
var kinds = []wsl.Kind{wsl.WSL1, wsl.WSL2, wsl.Native}

// prepare makes of a data directory what the hooks, exec-env and the fast shim
// expect: commands, environment, and the name of the plugin.
func (a *app) prepare(store toolchain.Store) error {
	return a.furnish(store, store.Bin())
}

// refresh is prepare for a data directory that changes: after an install, an
// update of the plugin and so on. Whoever has not set up a shell does not get a
// GOBIN that is not on PATH. mise's data directories are left as they are: its
// users have the commands of asdf's.
func (a *app) refresh(store toolchain.Store) error {
	if a.env("__MISE_SCRIPT") != "" {
		return nil
	}
	return a.furnish(store, a.gobin(store))
}

// gobin is where "go install" is to put programs in a data directory that is in
// use, or "".
func (a *app) gobin(store toolchain.Store) string {
	if a.onPath(store.Bin()) || slices.ContainsFunc(a.written(store), func(v goenv.Var) bool { return v.Name == "GOBIN" }) {
		return store.Bin()
	}
	return ""
}

func (a *app) furnish(store toolchain.Store, gobin string) error {
	programs, err := ownPrograms()
	if err != nil {
		return err
	}
	if err := store.LinkCommands(programs); err != nil {
		return fmt.Errorf("fill %s: %w", store.Bin(), err)
	}
	return errors.Join(a.writePluginName(store), a.writeEnvironment(store, gobin))
}

// unprepare takes back what would have no meaning without the plugin. Of two in
// one data directory, the one that commands do not mean goes without a trace.
func (a *app) unprepare(store toolchain.Store) error {
	if pluginIn(store.DataDir) != store.Plugin {
		return nil
	}
	err := store.UnlinkCommands()
	for _, file := range []string{environmentFile(store), choiceFile(store), pluginFile(store.DataDir)} {
		if rerr := os.Remove(file); !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	return err
}

// ownPrograms are this program and the shim that was built with it.
func ownPrograms() (p toolchain.Programs, err error) {
	if p.Helper, err = os.Executable(); err != nil {
		return p, err
	}
	p.Shim = besideProgram(p.Helper, "golang-wsl-shim")
	return p, nil
}

// pluginFile has the name that the plugin was added under, for those who are
// not called by asdf: the shim, the hooks, this program on PATH.
func pluginFile(dataDir string) string { return filepath.Join(dataDir, "golang-wsl", "plugin") }

// writePluginName keeps the name of a plugin that is still there: of two copies
// in one data directory, the first is the one that commands mean.
func (a *app) writePluginName(store toolchain.Store) error {
	file := pluginFile(store.DataDir)
	old, err := os.ReadFile(file)
	if err == nil {
		name := strings.TrimSpace(string(old))
		if name == store.Plugin {
			return nil
		}
		if _, err := os.Stat(filepath.Join(store.DataDir, "plugins", name)); err == nil && name != "" {
			return nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return renameio.WriteFile(file, []byte(store.Plugin+"\n"), 0o644)
}

func environmentFile(store toolchain.Store) string {
	return filepath.Join(store.DataDir, "golang-wsl", "env.sh")
}

// writeEnvironment writes what bin/exec-env sources and the fast shim reads.
func (a *app) writeEnvironment(store toolchain.Store, gobin string) error {
	kind := a.kindOf(store)
	var vars []goenv.Var
	if gobin != "" {
		vars = append(vars, goenv.Var{Name: "GOBIN", Value: cmp.Or(a.ofKind(kind, "gobin"), gobin)})
	}
	if v := a.ofKind(kind, "gotoolchain"); v != "" {
		vars = append(vars, goenv.Var{Name: "GOTOOLCHAIN", Value: v})
	}
	// A GOROOT from elsewhere makes go run another version's compiler.
	vars = append(vars, goenv.Var{Name: "GOROOT"})
	network := a.networkVars(store)
	vars = append(vars, network...)
	text, err := goenv.Format(vars)
	if err != nil {
		return &usageError{err.Error(), "see \"golang-wsl config\""}
	}
	text = append([]byte("# Written by golang-wsl; \"golang-wsl config\" and \"golang-wsl env\" show what decides. Sourced before each go.\n"), text...)
	if old, err := os.ReadFile(environmentFile(store)); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if slices.ContainsFunc(network, func(v goenv.Var) bool { return profile.Redacted(v.Value) != v.Value }) {
		return writeSecret(environmentFile(store), text)
	}
	return renameio.WriteFile(environmentFile(store), text, 0o644)
}

// writeSecret is renameio.WriteFile, which keeps the mode of a file that is there
// whatever else it is told, for a file that has a password in it, and
// perhaps had none before, when others were welcome to read it.
func writeSecret(file string, text []byte) error {
	pending, err := renameio.NewPendingFile(file, renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { _ = pending.Cleanup() }()
	if _, err := pending.Write(text); err != nil {
		return err
	}
	return pending.CloseAtomicallyReplace()
}

// kindOf is the kind of Linux whose data directory a store is in, and this one's
// where it is nobody's.
func (a *app) kindOf(store toolchain.Store) wsl.Kind {
	for _, kind := range kinds {
		if dir, err := a.dataDirOf(kind); err == nil && filepath.Clean(dir) == filepath.Clean(store.DataDir) {
			return kind
		}
	}
	return a.kind()
}

func (a *app) onPath(dir string) bool {
	return slices.Contains(filepath.SplitList(a.env("PATH")), dir)
}
