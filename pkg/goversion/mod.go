package goversion

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// A Mod is what a go.mod or go.work file says about the Go it wants. Either
// version may be none.
type Mod struct {
	Toolchain Version // of the toolchain line: exactly this release
	Go        Version // of the go line: this release or a later one
}

// ParseMod reads the go and the toolchain line of a go.mod or a go.work file;
// name is for errors only. Directives that a later Go may add are passed
// over, in both kinds of file. "toolchain default" is no toolchain, and a
// toolchain with a suffix ("go1.22.5-acme") is the release it was made from,
// as cmd/go has it (cmd/go/internal/gover, FromToolchain).
func ParseMod(name string, data []byte) (Mod, error) {
	// The lax parser ignores what it does not know, and so reads a go.work too.
	file, err := modfile.ParseLax(name, withoutBOM(data), someVersion)
	if err != nil {
		return Mod{}, fmt.Errorf("parse %s: %w", name, err)
	}
	var mod Mod
	if file.Go != nil {
		if mod.Go, err = Parse(file.Go.Version); err != nil {
			return Mod{}, fmt.Errorf("read the go line of %s: %w", name, err)
		}
	}
	if mod.Toolchain, err = parseToolchain(file.Syntax); err != nil {
		return Mod{}, fmt.Errorf("read the toolchain line of %s: %w", name, err)
	}
	return mod, nil
}

// someVersion stands in for the version of any dependency, which is not our
// business: a branch name that "go mod tidy" would replace is no reason for
// the go command not to start. It fits the path, since the parser checks that
// (module.PathMajorPrefix would do, but panics on "gopkg.in/.v-unstable").
func someVersion(path, _ string) (string, error) {
	_, major, _ := module.SplitPathVersion(path)
	major = strings.TrimSuffix(strings.TrimLeft(major, "/."), "-unstable")
	return cmp.Or(major, "v0") + ".0.0", nil
}

// parseToolchain finds the toolchain line, which the lax parser knows only as
// syntax: it is made for dependencies, and their toolchain lines do not count.
func parseToolchain(syntax *modfile.FileSyntax) (Version, error) {
	for _, stmt := range syntax.Stmt {
		line, ok := stmt.(*modfile.Line)
		if !ok || line.Token[0] != "toolchain" {
			continue
		}
		text := strings.Join(line.Token[1:], " ")
		if text == "default" {
			return Version{}, nil
		}
		release, _, _ := strings.Cut(text, "-")
		if v, err := Parse(release); err == nil && strings.HasPrefix(text, "go") && !strings.ContainsAny(text, `/\`) {
			return v, nil
		}
		return Version{}, &ParseError{Text: text, Want: "a toolchain such as go1.22.5, or default"}
	}
	return Version{}, nil
}

// Query returns what the file asks for, and false if it asks for nothing. A
// toolchain line is a pin, unless it is older than the go line, when cmd/go
// ignores it too. A go line is a [Floor]: resolve that over the installed
// versions first, and over the available ones only if none of those will do,
// or a project would ask for a download with every new patch release.
func (m Mod) Query() (Query, bool) {
	switch {
	case !m.Toolchain.IsZero() && m.Toolchain.Compare(m.Go) >= 0:
		return Exactly(m.Toolchain), true
	case !m.Go.IsZero():
		return Floor(m.Go), true
	}
	return Query{}, false
}
