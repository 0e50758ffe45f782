// Package plugin is the contract of asdf plugins as Go functions: each callback
// that asdf 0.14, asdf 0.16 and later, and mise may run is a method of [Plugin]
// that gets asdf's environment as a value and writes to a writer.
//
// The three callers differ in what they set and what they expect; the differences
// are dealt with here, so that the shell files that asdf runs hold no logic:
//
//   - list-all is one line, separated by blanks, without a line break: asdf 0.16
//     and later split at blanks only.
//   - latest-stable gets no argument from mise, "" from asdf 0.16 and later, and
//     "[0-9]" from asdf 0.14 when the user typed none.
//   - the install directory may be absent, or there and empty.
//   - uninstall must delete the directory for asdf 0.14; the others do it again.
package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// A Plugin answers asdf's callbacks.
type Plugin struct {
	// Env looks up what asdf has set: ASDF_INSTALL_VERSION and so on.
	Env func(name string) string
	// Stdout is where asdf listens.
	Stdout io.Writer
	// Say tells the user one thing, beside what asdf listens to; nil is silent.
	Say func(line string)
	// Store is where callbacks that asdf gives no install path work.
	Store    toolchain.Store
	Platform release.Platform
	// Source lists what can be installed, asking servers if it must.
	Source release.Source
	// Offline lists what is known without asking anybody: a callback that runs
	// before each command may not wait for a server.
	Offline release.Source
	// Default is what the word "default" is to be installed as; nil is the latest.
	Default func() (goversion.Query, error)
	// Installer returns an installer for a store.
	Installer func(toolchain.Store) *toolchain.Installer
}

// A UsageError says that a callback was not called the way asdf calls it, or was
// asked for what this plugin does not do.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// Run runs the callback called name.
func (p *Plugin) Run(ctx context.Context, name string, args []string) error {
	callbacks := map[string]func(context.Context, []string) error{
		"list-all":              p.listAll,
		"latest-stable":         p.latestStable,
		"download":              p.download,
		"install":               p.install,
		"uninstall":             p.uninstall,
		"list-legacy-filenames": p.listLegacyFilenames,
		"parse-legacy-file":     p.parseLegacyFile,
		"post-plugin-add":       p.heal,
		"post-plugin-update":    p.heal,
		"pre-plugin-remove":     p.leave,
	}
	if topic, ok := strings.CutPrefix(name, "help."); ok {
		return p.help(topic)
	}
	callback, ok := callbacks[name]
	if !ok {
		return &UsageError{fmt.Sprintf("no callback is called %q", name)}
	}
	return callback(ctx, args)
}

// listAll writes all versions, oldest first.
func (p *Plugin) listAll(ctx context.Context, _ []string) error {
	_ = p.Store.Heal() // a list is no worse where this fails
	versions, err := p.Source.List(ctx, p.Platform)
	if err != nil {
		return err
	}
	names := make([]string, len(versions))
	for i, v := range versions {
		names[i] = v.String()
	}
	_, err = io.WriteString(p.Stdout, strings.Join(names, " "))
	return err
}

// latestStable writes the newest version that a query asks for.
func (p *Plugin) latestStable(ctx context.Context, args []string) error {
	text := "latest"
	if len(args) > 0 && args[0] != "" && args[0] != "[0-9]" {
		text = args[0]
	}
	query, err := goversion.ParseQuery(text)
	if err != nil {
		return err
	}
	v, err := release.Resolve(ctx, p.Source, p.Platform, query)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.Stdout, v.String()+"\n")
	return err
}

// A target is the directory that download, install and uninstall are called for.
type target struct {
	store toolchain.Store
	name  string
}

func (p *Plugin) target() (*target, error) {
	path := p.Env("ASDF_INSTALL_PATH")
	if path == "" || p.Env("ASDF_INSTALL_VERSION") == "" {
		return nil, &UsageError{"ASDF_INSTALL_VERSION and ASDF_INSTALL_PATH are not set: this is a callback of asdf"}
	}
	path = filepath.Clean(path)
	plugin := filepath.Dir(path)
	store := toolchain.Store{DataDir: filepath.Dir(filepath.Dir(plugin)), Plugin: filepath.Base(plugin)}
	if !filepath.IsAbs(path) || store.Dir(filepath.Base(path)) != path {
		return nil, &UsageError{fmt.Sprintf("install into %s: not of the form DATA_DIR/installs/PLUGIN/VERSION", path)}
	}
	return &target{store, filepath.Base(path)}, nil
}

// wanted is the directory to install into and the release that
// ASDF_INSTALL_VERSION, a word of .tool-versions, means.
func (p *Plugin) wanted(ctx context.Context) (t *target, v goversion.Version, err error) {
	if t, err = p.target(); err != nil {
		return nil, v, err
	}
	word := p.Env("ASDF_INSTALL_VERSION")
	if kind := p.Env("ASDF_INSTALL_TYPE"); kind != "version" && kind != "" {
		return nil, v, &UsageError{fmt.Sprintf("install %s:%s: only released versions can be installed", kind, word)}
	}
	query, err := p.query(t, word)
	if err != nil {
		return nil, v, err
	}
	v, err = release.Resolve(ctx, p.Source, p.Platform, query)
	return t, v, err
}

// query is what a word of .tool-versions asks for. "default" stays the version
// that it is in this data directory; a new one starts with what is configured.
func (p *Plugin) query(t *target, word string) (goversion.Query, error) {
	if word != toolchain.DefaultAlias {
		return goversion.ParseName(word)
	}
	if v, err := t.store.Default(); err == nil {
		return goversion.ParseName(v.String())
	}
	if p.Default == nil {
		return goversion.ParseQuery("latest")
	}
	return p.Default()
}

// download does all of the work, outside the installs.
func (p *Plugin) download(ctx context.Context, _ []string) error {
	t, v, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	_ = t.store.Heal() // an install is no worse where this fails
	return p.Installer(t.store).Stage(ctx, v)
}

// install publishes what download has staged, and does download's part if that
// is gone. A word that is not a version's own name ("1.22", "latest", "default")
// becomes an alias of the version beside it.
func (p *Plugin) install(ctx context.Context, _ []string) error {
	t, v, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	installer := p.Installer(t.store)
	if _, _, err := installer.Install(ctx, v); err != nil {
		return err
	}
	if t.name == v.String() {
		return nil
	}
	return t.store.Alias(ctx, t.name, v, installer.Time())
}

// uninstall removes a version. What is not there need not be removed; what
// another plugin or a killed install has left there is removed as well, because
// asdf 0.14 leaves that to the callback.
func (p *Plugin) uninstall(ctx context.Context, _ []string) error {
	t, err := p.target()
	if err != nil {
		return err
	}
	_, err = t.store.Remove(ctx, t.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, toolchain.ErrForeign):
		return t.store.Discard(ctx, t.name)
	}
	return err
}
