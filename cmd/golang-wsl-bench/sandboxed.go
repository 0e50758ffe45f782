package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// Names of the commands that package sandbox starts: this program in another part.
const (
	shimCommand  = "exec-with"
	guardCommand = "guard"
)

// shimArgs is how this program is started to become a payload: Options.Shim.
func shimArgs(exe string) []string { return []string{exe, shimCommand} }

// guardArgs is how it is started to undo what the tool leaves behind.
func guardArgs(exe string) []string { return []string{exe, guardCommand} }

func execWithCommand() *cobra.Command {
	return &cobra.Command{
		Use:                shimCommand + " ORDER [ARG...]",
		Short:              "Apply settings to this process, say on file 3 what came of it, become a program",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return sandbox.Exec(args, os.Environ(), os.NewFile(3, "report"))
		},
	}
}

func guardianCommand() *cobra.Command {
	return &cobra.Command{
		Use:    guardCommand,
		Short:  "Undo what is announced on stdin, if that ends without a last word",
		Hidden: true,
		Args:   wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// pkill golang-wsl-bench is a kill of the tool, and not of this.
			_ = os.WriteFile("/proc/self/comm", []byte("bench-guardian"), 0)
			signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
			return sandbox.Guard(cmd.Context(), os.Stdin, sandbox.Machine{})
		},
	}
}

// startIn starts a command in a cell: cmd has what [exec.Command] makes of the payload,
// and becomes the shim's. When it returns without an error the payload runs.
func startIn(cell *sandbox.Cell, cmd *exec.Cmd) error {
	if cmd.Err != nil {
		return cmd.Err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	defer r.Close()
	argv := cell.Argv(cmd.Path, cmd.Args...)
	cmd.Path, cmd.Args = argv[0], argv
	cmd.SysProcAttr = cell.SysProcAttr()
	cmd.ExtraFiles = append([]*os.File{w}, cmd.ExtraFiles...)
	err = cmd.Start()
	w.Close()
	if err != nil {
		return err
	}
	if err := cell.Started(cmd.Process.Pid, r); err != nil {
		return errors.Join(err, cmd.Process.Kill(), waited(cmd))
	}
	return nil
}

// waited takes leave of a process of which the end is known.
func waited(cmd *exec.Cmd) error {
	if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
		return err
	}
	return nil
}
