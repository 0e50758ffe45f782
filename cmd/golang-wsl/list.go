package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/spf13/cobra"
)

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [all [PREFIX]]",
		Short: "List installed versions, or all that there are",
		Example: `  golang-wsl list
  golang-wsl list all 1.2
  golang-wsl list all --json`,
		Args:      wantArgs(0, 2),
		ValidArgs: []string{"all"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listInstalled(asJSON)
			}
			if args[0] != "all" {
				return &usageError{fmt.Sprintf("golang-wsl list: unexpected argument %q", args[0]), "usage: golang-wsl list [all [PREFIX]]"}
			}
			return a.listAll(cmd.Context(), strings.Join(args[1:], ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (a *app) listInstalled(asJSON bool) error {
	store, err := a.store()
	if err != nil {
		return err
	}
	markers, err := store.List()
	if err != nil {
		return err
	}
	if asJSON {
		return a.writeJSON(orEmpty(markers))
	}
	for _, m := range markers {
		line := m.Version
		if m.Alias != "" {
			line = m.Alias + " -> " + m.Version
		}
		fmt.Fprintln(a.std.out, line)
	}
	return nil
}

// listed is a version as "list all --json" shows it.
type listed struct {
	Version   goversion.Version `json:"version"`
	Stable    bool              `json:"stable"`
	Installed bool              `json:"installed"`
}

func (a *app) listAll(ctx context.Context, prefix string, asJSON bool) error {
	source, err := a.source(ctx)
	if err != nil {
		return err
	}
	versions, err := source.List(ctx, a.platform())
	if err != nil {
		return err
	}
	versions = slices.DeleteFunc(versions, func(v goversion.Version) bool { return !strings.HasPrefix(v.String(), prefix) })
	if !asJSON {
		for _, v := range versions {
			fmt.Fprintln(a.std.out, v)
		}
		return nil
	}
	store, err := a.store()
	if err != nil {
		return err
	}
	installed, err := store.Versions()
	if err != nil {
		return err
	}
	rows := make([]listed, 0, len(versions))
	for _, v := range versions {
		rows = append(rows, listed{v, v.IsStable(), slices.Contains(installed, v)})
	}
	return a.writeJSON(rows)
}

func (a *app) resolveCommand() *cobra.Command {
	var installed, asJSON bool
	cmd := &cobra.Command{
		Use:   "resolve [QUERY]",
		Short: "Say which version a query, or this project, means",
		Example: `  golang-wsl resolve 1.22
  golang-wsl resolve ">=1.21 <1.24"
  golang-wsl resolve --installed latest`,
		Args:              wantArgs(0, 1),
		ValidArgsFunction: a.completeAvailable,
		RunE: func(cmd *cobra.Command, args []string) error {
			queries, err := a.queries(args)
			if err != nil {
				return err
			}
			v, err := a.resolve(cmd.Context(), queries[0], installed)
			if err != nil {
				return err
			}
			if asJSON {
				return a.writeJSON(map[string]string{"query": queries[0].String(), "version": v.String()})
			}
			_, err = fmt.Fprintln(a.std.out, v)
			return err
		},
	}
	cmd.Flags().BoolVar(&installed, "installed", false, "look only at what is installed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (a *app) resolve(ctx context.Context, q goversion.Query, installed bool) (goversion.Version, error) {
	if installed {
		store, err := a.store()
		if err != nil {
			return goversion.Version{}, err
		}
		versions, err := store.Versions()
		if err != nil {
			return goversion.Version{}, err
		}
		return q.Resolve(versions)
	}
	source, err := a.source(ctx)
	if err != nil {
		return goversion.Version{}, err
	}
	versions, err := source.List(ctx, a.platform())
	if err != nil {
		return goversion.Version{}, err
	}
	return q.Resolve(versions)
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.std.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// orEmpty makes JSON write [] where there is nothing, not null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
