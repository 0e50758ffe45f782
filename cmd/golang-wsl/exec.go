package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) execCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec VERSION COMMAND [ARG...]",
		Short: "Run a command with an installed version first on PATH",
		Example: `  golang-wsl exec 1.22 go version
  golang-wsl exec 1.20.14 make test`,
		Args: wantArgs(2, -1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return a.completeInstalled(cmd, args, word)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 && args[1] == "--" {
				args = append(args[:1], args[2:]...)
			}
			return a.exec(args[0], args[1:])
		},
	}
	cmd.Flags().SetInterspersed(false) // what follows belongs to the command
	return cmd
}

// exec replaces this process: signals, the exit code and the terminal are then
// the command's own.
func (a *app) exec(arg string, command []string) error {
	store, err := a.store()
	if err != nil {
		return err
	}
	name, err := a.installedName(store, arg)
	if err != nil {
		return err
	}
	m, err := store.Installed(name)
	if err != nil {
		return err
	}
	env, err := a.environment(store, m, os.Environ())
	if err != nil {
		return err
	}
	path, err := lookPath(command[0], env)
	if err != nil {
		return &usageError{fmt.Sprintf("exec %s: %v", command[0], err), ""}
	}
	return fmt.Errorf("exec %s: %w", path, syscall.Exec(path, command, env))
}

// environment puts a version first on PATH, and takes out a GOROOT that belongs
// to another one.
func (a *app) environment(store toolchain.Store, m *toolchain.Marker, environ []string) ([]string, error) {
	v, err := goversion.Parse(m.Version)
	if err != nil {
		return nil, err
	}
	root := store.GOROOT(m.Version)
	env := make([]string, 0, len(environ)+2)
	for _, e := range environ {
		if !strings.HasPrefix(e, "GOROOT=") && !strings.HasPrefix(e, "PATH=") {
			env = append(env, e)
		}
	}
	if toolchain.NeedsGOROOT(v) {
		env = append(env, "GOROOT="+root)
	}
	return append(env, "PATH="+filepath.Join(root, "bin")+string(filepath.ListSeparator)+a.env("PATH")), nil
}

// lookPath finds a command on the PATH of env, which is its last variable.
func lookPath(name string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return exec.LookPath(name)
	}
	for _, dir := range filepath.SplitList(strings.TrimPrefix(env[len(env)-1], "PATH=")) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil && filepath.IsAbs(path) {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}
