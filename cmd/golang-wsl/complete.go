package main

import (
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/spf13/cobra"
)

// completeInstalled offers what is installed.
func (a *app) completeInstalled(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	store, err := a.store()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	versions, err := store.Versions()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return spell(versions), cobra.ShellCompDirectiveNoFileComp
}

// completeAvailable offers what can be installed, newest first, as far as is
// known: a key press does not wait for a server.
func (a *app) completeAvailable(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	source, err := a.offline(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	versions, err := source.List(cmd.Context(), a.platform())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return spell(versions), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// spell returns names, newest first.
func spell(versions []goversion.Version) []string {
	names := make([]string, len(versions))
	for i, v := range versions {
		names[len(names)-1-i] = v.String()
	}
	return names
}
