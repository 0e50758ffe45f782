package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// completionCommand replaces cobra's, which speaks of shells and systems that
// the plugin does not run on.
func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that lets a shell complete golang-wsl",
		Example: `  source <(golang-wsl completion bash)     in ~/.bashrc; needs the package bash-completion
  source <(golang-wsl completion zsh)      in ~/.zshrc, after compinit
  golang-wsl completion fish | source      in ~/.config/fish/config.fish`,
		Args:      wantArgs(1, 1),
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			}
			return &usageError{fmt.Sprintf("no completion for %q", args[0]), "there are bash, zsh and fish"}
		},
	}
}
