package main

import (
	"context"
	"os"
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
		RunE: func(*cobra.Command, []string) error {
			// pkill golang-wsl-bench is a kill of the tool, and not of this.
			_ = os.WriteFile("/proc/self/comm", []byte("bench-guardian"), 0)
			signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
			return sandbox.Guard(context.Background(), os.Stdin, sandbox.Machine{})
		},
	}
}
