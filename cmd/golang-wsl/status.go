package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shim"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/spf13/cobra"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say which Linux this is, which Go is active here, and which file says so",
		Example: `  golang-wsl status
  golang-wsl status --json`,
		Args: wantArgs(0, 0),
		RunE: func(*cobra.Command, []string) error {
			s, err := a.status()
			if err != nil {
				return err
			}
			if asJSON {
				return a.writeJSON(s)
			}
			return s.write(a)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// status is what "golang-wsl status" tells. Its JSON names are stable.
type status struct {
	Kind       wsl.Kind       `json:"kind"`
	Confidence wsl.Confidence `json:"confidence"`
	Because    string         `json:"because"`
	DataDir    string         `json:"data_dir"`
	Plugin     string         `json:"plugin"`
	Default    string         `json:"default"` // "" where there is none
	Go         activeGo       `json:"go"`
	FirstGo    string         `json:"first_go_on_path"` // "" where there is none
	Hook       bool           `json:"hook"`             // whether this shell has sourced one
}

// activeGo is the go that a command in this directory means.
type activeGo struct {
	Word    string `json:"word"`    // of the file: "1.22.5", "default", "system"
	Version string `json:"version"` // what the word stands for
	Source  string `json:"source"`  // the file or variable that says so
	Path    string `json:"path"`
	Error   string `json:"error"` // why there is none
}

func (a *app) status() (*status, error) {
	store, err := a.store()
	if err != nil {
		return nil, err
	}
	report := wsl.Detect(thisMachine(a.env))
	s := &status{
		Kind: report.Kind, Confidence: report.Confidence, Because: report.Because,
		DataDir: store.DataDir, Plugin: store.Plugin,
		Hook: a.onPath(store.Bin()) && filepath.Clean(a.env("ASDF_DATA_DIR")) == store.DataDir,
	}
	if v, err := store.Default(); err == nil {
		s.Default = v.String()
	}
	if s.FirstGo, err = exec.LookPath("go"); err != nil {
		s.FirstGo = ""
	}
	s.Go, err = a.activeGo(store)
	return s, err
}

func (a *app) activeGo(store toolchain.Store) (active activeGo, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return active, err
	}
	found, err := shim.Resolve(a.shimRequest("go", dir, store))
	if err != nil {
		return activeGo{Error: err.Error()}, nil
	}
	active = activeGo{Word: found.Word, Version: found.Word, Source: found.Source, Path: found.Path}
	if m, err := store.Installed(found.Name); err == nil && found.Name != "" {
		active.Version = m.Version
	} else if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, toolchain.ErrForeign) {
		return active, err
	}
	return active, nil
}

func (s *status) write(a *app) error {
	var b strings.Builder
	line := func(name, text string) { fmt.Fprintf(&b, "%s: %s\n", name, printable(text)) }
	line("kind", fmt.Sprintf("%s (%s): %s", s.Kind, s.Confidence, s.Because))
	line("data dir", s.DataDir)
	if s.Default != "" {
		line("default", s.Default)
	}
	switch g := s.Go; {
	case g.Error != "":
		line("go", "none: "+g.Error)
	case g.Source == "":
		line("go", "the next on PATH, as nothing is installed here, and nothing asks for a version")
	case g.Word != g.Version:
		line("go", fmt.Sprintf("%s (%s), asked for by %s", g.Version, g.Word, g.Source))
	default:
		line("go", fmt.Sprintf("%s, asked for by %s", g.Version, g.Source))
	}
	if s.Go.Path != "" {
		line("binary", s.Go.Path)
	}
	if s.FirstGo != "" && !s.leadsToGo(s.FirstGo) {
		line("first on PATH", s.FirstGo)
	}
	if !s.Hook {
		line("shell", "no hook here: \"golang-wsl setup\" once, then a new shell")
	}
	_, err := fmt.Fprint(a.std.out, b.String())
	return err
}

// leadsToGo reports whether the first go on PATH is one that goes by the files.
func (s *status) leadsToGo(path string) bool {
	return path == filepath.Join(s.DataDir, "golang-wsl", "bin", "go") || path == filepath.Join(s.DataDir, "shims", "go") || path == s.Go.Path
}
