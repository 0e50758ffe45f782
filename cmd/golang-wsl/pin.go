package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/plugin"
)

// pin is what the project in the working directory asks for: the first file
// from there upwards that names a Go.
func (a *app) pin() (goversion.Query, error) {
	store, err := a.store()
	if err != nil {
		return goversion.Query{}, err
	}
	start, err := os.Getwd()
	if err != nil {
		return goversion.Query{}, err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".tool-versions", ".go-version", "go.work", "go.mod"} {
			query, ok, err := readPin(filepath.Join(dir, name), store.Plugin)
			if err != nil || ok {
				return query, err
			}
		}
		if dir == filepath.Dir(dir) {
			return goversion.Query{}, &usageError{"no file from " + start + " upwards asks for a Go version", "golang-wsl install latest"}
		}
	}
}

// readPin reads one file. A .tool-versions speaks of tools by the name of their
// plugin; where none of several words is a release of Go the file is in error.
func readPin(path, tool string) (goversion.Query, bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return goversion.Query{}, false, nil
	}
	if err != nil {
		return goversion.Query{}, false, err
	}
	if filepath.Base(path) != ".tool-versions" {
		query, ok, err := plugin.LegacyQuery(path, data)
		if err != nil {
			err = fmt.Errorf("read %s: %w", path, err)
		}
		return query, ok, err
	}
	for _, line := range goversion.ParseToolVersions(data) {
		if line.Tool == tool {
			query, err := goversion.ParseName(line.Words[0])
			if err != nil {
				err = fmt.Errorf("read %s: %w", path, err)
			}
			return query, err == nil, err
		}
	}
	return goversion.Query{}, false, nil
}
