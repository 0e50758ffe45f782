package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/plugin"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) callbackCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:                "callback NAME [ARG...]",
		Short:              "Answer a callback of asdf (the files in bin/ call this)",
		Hidden:             true,
		DisableFlagParsing: true, // asdf passes on what users type
		Args:               wantArgs(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.callback(cmd.Context(), args[0], args[1:])
		},
	}
	return cmd
}

func (a *app) callback(ctx context.Context, name string, args []string) error {
	store, err := a.store()
	if err != nil {
		return err
	}
	p := &plugin.Plugin{Env: a.env, Stdout: a.std.out, Say: a.say, Store: store, Platform: a.platform()}
	if name == "parse-legacy-file" { // which runs before each command
		p.Offline, err = a.offline(ctx)
	} else {
		p.Source, err = a.source(ctx)
	}
	if err != nil {
		return err
	}
	if installs(name) {
		installer, err := a.installer(store, p.Source)
		if err != nil {
			return err
		}
		p.Installer = func(s toolchain.Store) *toolchain.Installer {
			installer.Store = s
			return installer
		}
	}
	p.Default = func() (goversion.Query, error) {
		return goversion.ParseQuery(cmp.Or(a.ofKind(a.kindOf(store), "default"), "latest"))
	}
	if err := p.Run(ctx, name, args); err != nil {
		return err
	}
	return a.afterCallback(name, store)
}

// afterCallback brings what is beside the installs in line with them.
func (a *app) afterCallback(name string, store toolchain.Store) error {
	switch name {
	case "install", "uninstall", "post-plugin-add":
		return a.refresh(store)
	case "post-plugin-update":
		return errors.Join(a.refreshHooks(), a.refresh(store))
	case "pre-plugin-remove":
		return a.unprepare(store)
	}
	return nil
}

func installs(name string) bool { return name == "download" || name == "install" }
