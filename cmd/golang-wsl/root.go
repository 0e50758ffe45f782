package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// rootCommand puts the commands together; each has a file of its own.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "golang-wsl",
		Short: "Go toolchains for WSL1, WSL2 and Linux, verified and installed in one step",
		Long: `golang-wsl installs Go toolchains, checked against the official sums and the Go
checksum database, where asdf and mise find them. It needs neither.`,
		Example: `  golang-wsl install 1.22        the newest patch of 1.22
  golang-wsl list all 1.2        what there is
  golang-wsl exec 1.22 go version
  golang-wsl verify              hash again what is installed`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          wantCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		PersistentPreRunE: a.checkSettings,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err.Error(), fmt.Sprintf("see \"%s --help\"", cmd.CommandPath())}
	})
	root.AddCommand(
		a.setupCommand(), a.installCommand(), a.uninstallCommand(), a.listCommand(), a.resolveCommand(),
		a.verifyCommand(), a.execCommand(), a.defaultCommand(), a.statusCommand(), a.bundleCommand(), a.cacheCommand(),
		a.detectCommand(), a.doctorCommand(), a.benchCommand(), a.configCommand(), a.envCommand(), a.hookCommand(),
		a.versionCommand(), completionCommand(), a.callbackCommand(),
	)
	root.SetHelpCommand(helpCommand())
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	plainUsage(root)
	return root
}

// plainUsage takes "[flags]" out of the usage lines, recursively: what a command
// does not have need not be named, and what it has is listed below.
func plainUsage(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	for _, sub := range cmd.Commands() {
		plainUsage(sub)
	}
}

// helpCommand is cobra's own, but that an unknown command is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return wantCommand(of, rest)
			}
			return of.Help()
		},
	}
}

// wantCommand is a check for commands that are only groups of others.
func wantCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := fmt.Sprintf(`see "%s --help"`, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // cobra's own default, which it sets too late
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %q?", cmd.CommandPath()+" "+strings.Join(near, " or "))
	}
	return &usageError{fmt.Sprintf("unknown command %q", args[0]), hint}
}

// usageError is a call that cannot be understood.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }

// wantArgs is a check for cobra: at least min arguments, at most max (-1: any).
func wantArgs(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := "usage: " + cmd.UseLine()
		if len(args) < min {
			return &usageError{cmd.CommandPath() + ": not enough arguments", hint}
		}
		if max >= 0 && len(args) > max {
			return &usageError{fmt.Sprintf("%s: unexpected argument %q", cmd.CommandPath(), args[max]), hint}
		}
		return nil
	}
}
