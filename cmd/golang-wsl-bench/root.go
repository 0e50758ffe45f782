package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// calledAs is what the user types.
const calledAs = "golang-wsl bench"

// rootCommand puts the commands together; each has a file of its own.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:         "golang-wsl-bench",
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: calledAs},
		Short:       "How Go runs on this machine, and how sure that is",
		Long: `How Go runs on this machine, and how sure that is. Several processes measure in turn,
each once; what is shown is the median over them with its 95 % interval. Runs that
something else disturbed are marked, repeated, and not counted. By default there are 10
runs, which take 7 to 35 minutes: an interval needs 6 of them, and a comparison 10.
--quick is a first look, of seconds.

docs/bench.md says what each number means.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          wantCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err.Error(), fmt.Sprintf("see \"%s --help\"", cmd.CommandPath())}
	})
	for _, p := range a.probes {
		root.AddCommand(a.probeCommand(p))
	}
	root.AddCommand(a.allCommand(), a.runCommand(), a.reportCommand(), a.compareCommand(), a.verifyCommand(), a.traceCommand())
	root.AddCommand(a.onceCommand(), a.netServerCommand(), syscallsChildCommand(), execWithCommand(), guardianCommand(), recordCommand())
	root.SetHelpCommand(&cobra.Command{Hidden: true}) // "golang-wsl help bench" and --help do
	root.CompletionOptions.DisableDefaultCmd = true   // golang-wsl completes
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
