package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
// before each command in a project: it asks no server.
func (p *Plugin) parseLegacyFile(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return &UsageError{"parse-legacy-file takes one path"}
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	query, ok, err := LegacyQuery(args[0], data)
	if err != nil {
		return fmt.Errorf("read %s: %w", args[0], err)
	}
	if !ok {
		return nil
	}
	word := query.String()
	if v, ok := query.Exact(); ok {
		word = v.String()
	} else if v, err := p.resolveLocally(ctx, query); err == nil {
		word = v.String()
	} else if noMatch := (*goversion.NoMatchError)(nil); !errors.As(err, &noMatch) {
		return err
	}
	_, err = io.WriteString(p.Stdout, word+"\n")
	return err
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
	if err != nil || word == goversion.System {
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
