package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/spf13/cobra"
)

func (a *app) setupCommand() *cobra.Command {
	s := &setup{app: a}
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Edit the shells' rc files and prepare a data directory for each kind of Linux",
		Long: `Setup makes shells that start in WSL1 use ~/.asdf-wsl1, those in WSL2 ~/.asdf-wsl2, and
those in plain Linux what they used before. It adds a marked block to ~/.bashrc and
~/.zshrc and a file to fish's conf.d, keeps a backup of what it changes, and clones the
plugin into each data directory. To run it again does no harm.`,
		Example: `  golang-wsl setup --dry-run           show what would be done
  golang-wsl setup
  golang-wsl setup --profile --adopt   login shells too; take installed versions over
  golang-wsl setup --undo              the rc files as they were, byte for byte`,
		Args: wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.BoolVar(&s.dryRun, "dry-run", false, "say what would be done, and do nothing")
	f.BoolVar(&s.undo, "undo", false, "take out of the shells what setup has put in")
	f.BoolVar(&s.profile, "profile", false, "also edit the file that a login bash reads, ~/.profile or its like")
	f.BoolVar(&s.takeOver, "adopt", false, "take over the Go versions that asdf has installed, each verified")
	f.StringVar(&s.from, "from", "", "clone the plugin from `DIR|URL`")
	return cmd
}

// setup is one run of "golang-wsl setup".
type setup struct {
	*app
	dryRun, undo, profile, takeOver bool
	from                            string

	homeDir, hookDir string
	changed          bool // anything at all
	newPlace         bool // a data directory was prepared for the first time
	errs             []error
}

// run goes on after an error: one file that cannot be edited is no reason to
// leave the other shells without.
func (s *setup) run(ctx context.Context) (err error) {
	if s.undo && (s.takeOver || s.from != "") {
		return &usageError{"--undo takes neither --adopt nor --from", "golang-wsl setup --undo"}
	}
	if s.homeDir, err = s.home(); err != nil {
		return err
	}
	if s.hookDir, err = s.configDir(); err != nil {
		return err
	}
	if s.undo {
		return s.revert()
	}
	places, err := s.places()
	if err != nil {
		return err
	}
	if err := s.fillPlaces(ctx, places); err != nil {
		return err
	}
	s.editShells()
	if s.newPlace {
		s.sayWhatStays(places)
	}
	if s.takeOver {
		s.takeVersions(ctx)
	}
	s.sayHowToGoOn()
	return errors.Join(s.errs...)
}

func (s *setup) failed(err error) {
	if err != nil {
		s.errs = append(s.errs, err)
	}
}

// A verb says what was done, or what a dry run would do.
type verb struct{ past, base string }

var (
	added    = verb{"added", "add"}
	cloned   = verb{"cloned", "clone"}
	prepared = verb{"prepared", "prepare"}
	removed  = verb{"removed", "remove"}
	tookOut  = verb{"took out", "take out"}
	updated  = verb{"updated", "update"}
	wrote    = verb{"wrote", "write"}
)

// did is one line for one thing done.
func (s *setup) did(path string, v verb, what string) {
	s.changed = true
	word := v.past
	if s.dryRun {
		word = "would " + v.base
	}
	s.say(visible(fmt.Sprintf("%s: %s %s", s.short(path), word, what)))
}

// visible is text in one line, whatever the directories are called.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// short is a path as people write it.
func (s *setup) short(path string) string {
	if rel, err := filepath.Rel(s.homeDir, path); err == nil && filepath.IsLocal(rel) {
		return "~/" + rel
	}
	return path
}

// sayWhatStays tells who has other tools in asdf that WSL shells will look for
// them elsewhere from now on.
func (s *setup) sayWhatStays(places []place) {
	kind, old := wsl.WSL2, filepath.Join(s.homeDir, ".asdf")
	if s.kind() == wsl.WSL1 {
		kind = wsl.WSL1
	}
	dir, err := s.dataDirOf(kind)
	if err != nil || filepath.Clean(dir) == old {
		return
	}
	var others []string
	for _, name := range names(filepath.Join(old, "installs")) {
		ours := slices.ContainsFunc(places, func(p place) bool { return p.Plugin == name })
		if !ours && len(names(filepath.Join(old, "installs", name))) > 0 {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		s.say(visible(fmt.Sprintf(`~/.asdf keeps %s; shells in WSL look in %s instead, unless config.toml has [%s] data_dir = "~/.asdf"`,
			strings.Join(others, ", "), s.short(dir), kind)))
	}
}

// names are the entries of a directory, none if there is no such.
func names(dir string) (list []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func (s *setup) takeVersions(ctx context.Context) {
	if s.dryRun {
		s.say("would take over the Go versions that asdf has installed")
		return
	}
	s.failed(s.adopt(ctx))
}

// sayHowToGoOn is for the shell that the user works in, which has read its rc
// file already.
func (s *setup) sayHowToGoOn() {
	if !s.changed || s.dryRun {
		return
	}
	login := filepath.Base(s.env("SHELL"))
	for _, rc := range s.rcFiles() {
		data, err := os.ReadFile(rc.path)
		if rc.shell != login || err != nil || !shell.HasBlock(data) {
			continue
		}
		word := s.short(rc.path)
		if strings.Trim(word, "~/.-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			word = shell.Quote(login, rc.path)
		}
		command := "."
		if login == "fish" {
			command = "source"
		}
		s.say(visible("open a new shell, or: " + command + " " + word))
		return
	}
	s.say("open a new shell")
}
