package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// legacyFiles are the files of other tools that name a Go version, the most
// explicit first: asdf takes the first that says something. A go.work speaks for
// the modules below it.
const legacyFiles = ".go-version go.work go.mod"

func (p *Plugin) listLegacyFilenames(context.Context, []string) error {
	_, err := io.WriteString(p.Stdout, legacyFiles+"\n")
	return err
}

// parseLegacyFile writes the version that a file asks for, or nothing. It runs
// before each command in a project, so it asks no server, and it does not fail
// over what the file says: asdf 0.16 and later would tell the user that no go is
// to be found, and why not it would keep to itself. A go.mod in the middle of a
// merge is for the go command to complain of; a .go-version that makes no sense
// comes out as it is, and asdf says that this is not installed.
func (p *Plugin) parseLegacyFile(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return &UsageError{"parse-legacy-file takes one path"}
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	word, err := p.legacyWord(ctx, args[0], data)
	if err != nil || word == "" {
		return err
	}
	_, err = io.WriteString(p.Stdout, word+"\n")
	return err
}

func (p *Plugin) legacyWord(ctx context.Context, path string, data []byte) (string, error) {
	query, ok, err := LegacyQuery(path, data)
	var nonsense *goversion.ParseError
	switch {
	case errors.As(err, &nonsense) && isWord(nonsense.Text):
		return nonsense.Text, nil
	case err != nil:
		p.say(fmt.Sprintf("read %s: %v", path, err))
		return "", nil
	case !ok && isSystem(data):
		return goversion.System, nil
	case !ok:
		return "", nil
	}
	if v, ok := query.Exact(); ok {
		return v.String(), nil
	}
	v, err := p.resolveLocally(ctx, query)
	var noMatch *goversion.NoMatchError
	if errors.As(err, &noMatch) {
		return query.String(), nil
	}
	return v.String(), err
}

// isWord reports whether text can stand in asdf's messages and file names.
func isWord(text string) bool {
	return text != "" && len(text) < 64 && text[0] != '.' && text[0] != '-' && strings.Trim(text, wordChars) == ""
}

const wordChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

func isSystem(data []byte) bool {
	word, err := goversion.ParseGoVersionFile(data)
	return err == nil && word == goversion.System
}

func (p *Plugin) say(line string) {
	if p.Say != nil {
		p.Say(line)
	}
}

// LegacyQuery reads what a .go-version, go.mod or go.work asks for. It reports
// false where the file asks for nothing.
func LegacyQuery(path string, data []byte) (goversion.Query, bool, error) {
	if name := filepath.Base(path); name == "go.mod" || name == "go.work" {
		mod, err := goversion.ParseMod(name, data)
		if err != nil {
			return goversion.Query{}, false, err
		}
		query, ok := mod.Query()
		return query, ok, nil
	}
	word, err := goversion.ParseGoVersionFile(data)
	var empty *goversion.ParseError
	if word == goversion.System || errors.As(err, &empty) && empty.Text == "" {
		return goversion.Query{}, false, nil
	}
	if err != nil {
		return goversion.Query{}, false, err
	}
	query, err := goversion.ParseName(word)
	return query, err == nil, err
}

// resolveLocally prefers what is installed: a project that needs at least 1.22.3
// must not ask for a download with every new patch release.
func (p *Plugin) resolveLocally(ctx context.Context, query goversion.Query) (goversion.Version, error) {
	installed, err := p.Store.Versions()
	if err != nil {
		return goversion.Version{}, err
	}
	if v, err := query.Resolve(installed); err == nil {
		return v, nil
	}
	known, err := p.Offline.List(ctx, p.Platform)
	if err != nil {
		return goversion.Version{}, err
	}
	return query.Resolve(known)
}
