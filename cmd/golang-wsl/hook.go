package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
	"github.com/spf13/cobra"
)

func (a *app) hookCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "hook " + strings.Join(shell.Names(), "|"),
		Short: "Print what makes a shell use the data directory of its kind of Linux",
		Long: `Hook prints what "golang-wsl setup" has the rc files source, for those who write
theirs by other means. The data directories that the configuration file sets are in
it, so print it again when they change. The one for bash is also for a POSIX sh such
as dash or busybox ash. Write it to a file that ~/.bashrc sources: a shell that has to
start this program to be told waits for it.`,
		Example: `  golang-wsl hook bash
  golang-wsl hook fish`,
		Args:      wantArgs(1, 1),
		ValidArgs: shell.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(shell.Names(), args[0]) {
				return &usageError{fmt.Sprintf("no hook for %q", args[0]), "there are " + strings.Join(shell.Names(), ", ")}
			}
			vars, _ := a.hookVars() // a bad file is told of by every other command
			text, err := shell.Hook(args[0], vars)
			if err != nil {
				return err
			}
			_, err = a.std.out.Write(text)
			return err
		},
	}
}

// hookVars are the data directories that the configuration file moves. A hook
// could not read that without a process; those of the environment are there
// without us.
func (s settings) hookVars() (vars []goenv.Var, err error) {
	values, err := s.file()
	for _, kind := range kinds {
		key, ok := config.Find(string(kind) + ".data_dir")
		if value := values[key.Name]; ok && value != "" {
			vars = append(vars, goenv.Var{Name: key.Env, Value: s.path(value)})
		}
	}
	return vars, err
}

// refreshHooks writes the hooks anew that setup has written once: after an
// update of the plugin they may be others.
func (a *app) refreshHooks() error {
	dir, err := a.configDir()
	if err != nil {
		return nil // no home: no shell of a user's
	}
	vars, err := a.hookVars()
	if err != nil {
		return err
	}
	for _, name := range shell.Names() {
		file := filepath.Join(dir, "hook."+name)
		if !exists(file) {
			continue
		}
		edit, err := planHook(file, name, vars)
		if err == nil && edit.Changes() {
			err = edit.Apply()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func planHook(file, shellName string, vars []goenv.Var) (*shell.Edit, error) {
	text, err := shell.Hook(shellName, vars)
	if err != nil {
		return nil, err
	}
	return shell.PlanWrite(file, text)
}
