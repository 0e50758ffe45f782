package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/google/renameio/v2"
)

// A choice is what "golang-wsl env profile" was told for a data directory. It is
// kept there and not in config.toml, which is the user's: with comments in it, in
// a repository perhaps, and read by several machines. A profile that config.toml
// chooses outranks it.
type choice struct {
	name       string
	private    string // patterns, for GOPRIVATE
	unverified bool   // the user has agreed to that

	// Of profile.Tuned: the profile below it, and what was measured. GOSUMDB is ""
	// where that of the base stays.
	base, goproxy, gosumdb string
}

func choiceFile(store toolchain.Store) string {
	return filepath.Join(store.DataDir, "golang-wsl", "profile")
}

// readChoice reads "mixed private=corp.example", or "tuned base=mixed goproxy=..."
// with the fields of GOSUMDB as a word each. Without a file, and with one that is
// damaged, the choice is the zero value: nobody has chosen.
func readChoice(store toolchain.Store) (c choice) {
	text, err := os.ReadFile(choiceFile(store))
	words := strings.Fields(string(text))
	if err != nil || len(words) == 0 || !profile.IsName(words[0]) {
		return c
	}
	c.name = words[0]
	for _, word := range words[1:] {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "private":
			c.private = value
		case "unverified":
			c.unverified = true
		case "base":
			c.base = value
		case "goproxy":
			c.goproxy = value
		case "gosumdb":
			c.gosumdb = strings.TrimSpace(c.gosumdb + " " + value)
		}
	}
	return c
}

// text is what readChoice reads.
func (c choice) text() string {
	words := []string{c.name}
	add := func(key, value string) {
		if value != "" {
			words = append(words, key+"="+value)
		}
	}
	add("base", c.base)
	add("private", c.private)
	if c.unverified {
		words = append(words, "unverified")
	}
	add("goproxy", c.goproxy)
	for _, field := range strings.Fields(c.gosumdb) {
		add("gosumdb", field)
	}
	return strings.Join(words, " ") + "\n"
}

func (c choice) write(store toolchain.Store) error {
	if c.name == "" || c.name == profile.Default {
		if err := os.Remove(choiceFile(store)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(choiceFile(store)), 0o755); err != nil {
		return err
	}
	if profile.Redacted(c.text()) != c.text() {
		return writeSecret(choiceFile(store), []byte(c.text()))
	}
	return renameio.WriteFile(choiceFile(store), []byte(c.text()), 0o644)
}

// profile is what a choice comes to with the profiles of the configuration file.
// All errors are for the user to mend.
func (c choice) profile(values config.Values) (profile.Profile, error) {
	name := c.name
	if name == profile.Tuned {
		if c.goproxy == "" {
			return profile.Profile{}, &usageError{"env profile tuned: nothing has been measured for this kind", "golang-wsl env tune --apply"}
		}
		name = cmp.Or(c.base, profile.Default)
	}
	p, err := values.Profile(name)
	if bad := (*config.ValueError)(nil); errors.As(err, &bad) {
		return p, &usageError{"env profile: " + bad.Text, bad.Want}
	}
	switch {
	case c.private == "" && name == profile.Mixed:
		return p, &usageError{"env profile mixed: no patterns", "golang-wsl env profile mixed --private corp.example,*.corp.example"}
	case c.private != "" && c.name == profile.Default:
		return p, &usageError{"env profile default: it sets nothing, so no patterns either", "the profile with nothing but patterns is mixed"}
	}
	p.Name = c.name
	for _, v := range []goenv.Var{{Name: "GOPRIVATE", Value: c.private}, {Name: "GOPROXY", Value: c.goproxy}, {Name: "GOSUMDB", Value: c.gosumdb}} {
		if v.Value == "" {
			continue
		}
		if bad := (*profile.Error)(nil); errors.As(profile.Check(v), &bad) {
			return p, &usageError{origins[v.Name] + ": " + bad.Error(), bad.Want}
		}
		p = p.With(v)
	}
	if p.Unverified() && !c.unverified {
		return p, &usageError{
			fmt.Sprintf("env profile %s: the go command would take modules that are not in go.sum yet from whoever sends them, with no checksum database to say that all others got the same", c.name),
			"--yes-unverified agrees to that; \"golang-wsl env profile mixed --private PATTERNS\" excepts only your own modules",
		}
	}
	return p, nil
}

// origins are what a user has said the parts of a choice by.
var origins = map[string]string{"GOPRIVATE": "--private", "GOPROXY": "env tune", "GOSUMDB": "env tune"}

// configured is the profile that the settings choose for the kind of a data
// directory, and where they say so. Both are "" where they do not.
func (a *app) configured(store toolchain.Store) (name, where string) {
	key, _ := config.Find(string(a.kindOf(store)) + ".profile")
	name = a.setting(key.Env)
	switch file, data, err := a.configText(); {
	case name == "" || a.env(key.Env) != "" || err != nil:
		where = key.Env
	default:
		lines, _ := config.Lines(data)
		where = fmt.Sprintf("%s:%d", file, lines[key.Name])
	}
	return name, where
}

// activeProfile is the one that holds in a data directory.
func (a *app) activeProfile(store toolchain.Store) (profile.Profile, error) {
	values, err := a.file()
	if err != nil {
		return profile.Profile{}, err
	}
	if name, _ := a.configured(store); name != "" {
		return values.ChosenProfile(name)
	}
	if c := readChoice(store); c.name != "" {
		return c.profile(values)
	}
	p, _ := profile.Find(profile.Default)
	return p, nil
}

// networkVars are what the active profile puts into env.sh. Where that is one
// which config.toml no longer has, or has made worse than the user agreed to, what
// is in env.sh stays: an install must not change the proxies behind one's back.
func (a *app) networkVars(store toolchain.Store) []goenv.Var {
	p, err := a.activeProfile(store)
	if err == nil {
		return p.Vars
	}
	a.say(fmt.Sprintf("%v; %s keeps what it has, \"golang-wsl env unset\" takes it out", err, environmentFile(store)))
	return slices.DeleteFunc(a.written(store), func(v goenv.Var) bool {
		return !slices.Contains(profile.Variables(), v.Name)
	})
}
