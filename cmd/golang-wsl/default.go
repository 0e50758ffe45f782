package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/spf13/cobra"
)

func (a *app) defaultCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "default [VERSION]",
		Short: "Show or set the default version of this kind of Linux",
		Long: `Default sets the version that holds outside of projects, for this data directory
alone: WSL1, WSL2 and plain Linux each have their own, although they may share
~/.tool-versions. That file says "golang-wsl default" for all of them.

A version that is not installed is installed first.`,
		Example: `  golang-wsl default 1.25.3
  golang-wsl default 1.25      the newest installed 1.25, else the newest there is
  golang-wsl default           which one is it?`,
		Args:              wantArgs(0, 1),
		ValidArgsFunction: a.completeInstalled,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.showDefault(store)
			}
			return a.setDefault(cmd.Context(), store, args[0])
		},
	}
}

// noDefaultError says that a data directory has no default yet.
type noDefaultError struct{ dataDir string }

func (e *noDefaultError) Error() string { return "no default is set in " + e.dataDir }

func (a *app) showDefault(store toolchain.Store) error {
	v, err := store.Default()
	if errors.Is(err, fs.ErrNotExist) {
		return &noDefaultError{store.DataDir}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.std.out, v)
	return err
}

func (a *app) setDefault(ctx context.Context, store toolchain.Store, arg string) error {
	if word, _, _ := strings.Cut(arg, ":"); word == goversion.System || word == "path" || word == "ref" {
		return &usageError{
			fmt.Sprintf("default %s: only a released version can be the default of one kind", arg),
			fmt.Sprintf("for all kinds alike, write \"%s %s\" into ~/.tool-versions", store.Plugin, arg),
		}
	}
	query, err := goversion.ParseName(arg)
	if err != nil {
		return err
	}
	source, err := a.source(ctx)
	if err != nil {
		return err
	}
	v, err := a.defaultVersion(ctx, store, source, query)
	if err != nil {
		return err
	}
	installer, err := a.installer(store, source)
	if err != nil {
		return err
	}
	if err := a.installOne(ctx, installer, v); err != nil {
		return err
	}
	if err := store.Alias(ctx, toolchain.DefaultAlias, v, installer.Time()); err != nil {
		return err
	}
	if err := a.refresh(store); err != nil {
		return err
	}
	a.reshim(ctx, store, toolchain.DefaultAlias)
	return errors.Join(a.shareDefault(store), a.setMiseDefault(ctx, store, v))
}

// defaultVersion prefers what is installed, but for words such as "latest" and
// "oldstable", which mean all that there is.
func (a *app) defaultVersion(ctx context.Context, store toolchain.Store, source release.Source, query goversion.Query) (goversion.Version, error) {
	installed, err := store.Versions()
	if err != nil {
		return goversion.Version{}, err
	}
	isWord := strings.IndexFunc(query.String(), unicode.IsLetter) == 0
	if v, err := query.Resolve(installed); err == nil && !isWord {
		return v, nil
	}
	return release.Resolve(ctx, source, a.platform(), query)
}

// shareDefault writes the one line that is true for all kinds into the home
// directory's .tool-versions.
func (a *app) shareDefault(store toolchain.Store) error {
	file, err := a.homeToolVersions()
	if err != nil {
		return err
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set default: %w", err)
	}
	edit, err := shell.PlanWrite(file, goversion.SetToolVersions(old, store.Plugin, toolchain.DefaultAlias))
	if err != nil || !edit.Changes() {
		return err
	}
	if err := edit.Apply(); err != nil {
		return err
	}
	if was := lineOf(old, store.Plugin); was != "" {
		a.say(fmt.Sprintf("%s: %q is now %q; each kind of Linux has a default of its own", file, store.Plugin+" "+was, store.Plugin+" "+toolchain.DefaultAlias))
	}
	return nil
}

// lineOf is what a .tool-versions says about a tool, or "".
func lineOf(data []byte, tool string) string {
	for _, line := range goversion.ParseToolVersions(data) {
		if line.Tool == tool {
			return strings.Join(line.Words, " ")
		}
	}
	return ""
}

// homeToolVersions is the file that asdf reads after all others.
func (a *app) homeToolVersions() (string, error) {
	home, err := a.home()
	if err != nil {
		return "", err
	}
	// The first is what asdf 0.16 and later calls it.
	name := cmp.Or(a.env("ASDF_TOOL_VERSIONS_FILENAME"), a.env("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"), ".tool-versions")
	return filepath.Join(home, name), nil
}

// setMiseDefault does the same for mise where that has this plugin: it reads
// config.wsl1.toml and config.wsl2.toml beside config.toml, by the MISE_ENV that
// the hooks set. Elsewhere "mise use -g" needs no help.
func (a *app) setMiseDefault(ctx context.Context, store toolchain.Store, v goversion.Version) error {
	data, kind := a.env("MISE_DATA_DIR"), a.kindOf(store)
	if info, err := os.Stat(filepath.Join(data, "plugins", store.Plugin)); kind == wsl.Native || data == "" || err != nil || !info.IsDir() {
		return nil
	}
	mise, err := exec.LookPath("mise")
	if err != nil {
		return nil
	}
	dir, err := a.miseConfigDir()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "config."+string(kind)+".toml")
	cmd := exec.CommandContext(ctx, mise, "use", "--quiet", "--path", file, store.Plugin+"@"+v.String())
	cmd.Stdout, cmd.Stderr = a.std.err, a.std.err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("set mise's default in %s: %w", file, err)
	}
	return nil
}

func (a *app) miseConfigDir() (string, error) {
	if dir := a.env("MISE_CONFIG_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := a.home()
	return filepath.Join(cmp.Or(a.env("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "mise"), err
}
