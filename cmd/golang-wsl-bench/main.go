// Golang-wsl-bench measures how Go runs on this machine. "golang-wsl bench" builds it
// on first use and hands its arguments on.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "golang-wsl-bench: error:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "golang-wsl-bench",
		Short:         "How Go runs on this machine",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(syscallsCommand(), syscallsChildCommand())
	return root
}
