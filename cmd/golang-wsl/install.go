package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) installCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "install [VERSION...]",
		Short: "Install versions, or the one that this project asks for",
		Long: `Install fetches, verifies and publishes versions. Without one it installs what
the project asks for: the first .tool-versions, .go-version, go.work or go.mod
from here upwards that names a Go.`,
		Example: `  golang-wsl install 1.25.3
  golang-wsl install 1.22 latest
  golang-wsl install ">=1.21 <1.24"`,
		ValidArgsFunction: a.completeAvailable,
		RunE: func(cmd *cobra.Command, args []string) error {
			queries, err := a.queries(args)
			if err != nil {
				return err
			}
			return a.install(cmd, queries)
		},
	}
}

// queries reads the arguments of install.
func (a *app) queries(args []string) (queries []goversion.Query, err error) {
	if len(args) == 0 {
		pin, err := a.pin()
		return []goversion.Query{pin}, err
	}
	for _, arg := range args {
		q, err := goversion.ParseQuery(arg)
		if err != nil {
			return nil, err
		}
		queries = append(queries, q)
	}
	return queries, nil
}

func (a *app) install(cmd *cobra.Command, queries []goversion.Query) error {
	ctx := cmd.Context()
	store, err := a.store()
	if err != nil {
		return err
	}
	source, err := a.source(ctx)
	if err != nil {
		return err
	}
	installer, err := a.installer(store, source)
	if err != nil {
		return err
	}
	if err := store.Heal(); err != nil {
		return err
	}
	for _, q := range queries {
		v, err := release.Resolve(ctx, source, a.platform(), q)
		if err != nil {
			return err
		}
		if err := a.installOne(ctx, installer, v); err != nil {
			return err
		}
	}
	return a.refresh(store)
}

// installOne installs a version that may be there already.
func (a *app) installOne(ctx context.Context, installer *toolchain.Installer, v goversion.Version) error {
	m, done, err := installer.Install(ctx, v)
	if err != nil {
		return err
	}
	if done {
		a.reshim(ctx, installer.Store, m.Version)
		a.say(fmt.Sprintf("%s: verified by %s, installed in %s", m.Version, proof(m), installer.Store.Dir(m.Version)))
	}
	return nil
}

// proof says what a version was verified by.
func proof(m *toolchain.Marker) string {
	switch {
	case m.Log == nil:
		return "the official sha256"
	case m.Official:
		return "the official sha256 and " + m.Log.Name
	}
	return m.Log.Name
}

func (a *app) uninstallCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "uninstall VERSION...",
		Short:             "Remove installed versions",
		Example:           "  golang-wsl uninstall 1.20.14",
		Args:              wantArgs(1, -1),
		ValidArgsFunction: a.completeInstalled,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			for _, arg := range args {
				name, err := a.installedName(store, arg)
				if err != nil {
					return err
				}
				if _, err := store.Remove(cmd.Context(), name); err != nil {
					return err
				}
			}
			return a.refresh(store)
		},
	}
}

// missingError says that a version is not installed.
type missingError struct{ query string }

func (e *missingError) Error() string { return e.query + " is not installed" }

// installedName is the name of the installed version that an argument means:
// its own ("1.22.5", or an alias), or the newest that it matches.
func (a *app) installedName(store toolchain.Store, arg string) (string, error) {
	query, err := goversion.ParseName(arg)
	if err != nil && arg != toolchain.DefaultAlias {
		return "", err
	}
	switch _, err := store.Installed(arg); {
	case err == nil, errors.Is(err, toolchain.ErrForeign):
		return arg, err
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case arg == toolchain.DefaultAlias:
		return "", &noDefaultError{store.DataDir}
	}
	versions, err := store.Versions()
	if err != nil {
		return "", err
	}
	v, err := query.Resolve(versions)
	if err != nil {
		return "", &missingError{arg}
	}
	return v.String(), nil
}
