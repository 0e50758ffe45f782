package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A selection is how the go command chooses its toolchain.
type selection struct {
	have          goversion.Version // what it begins with
	source        string            // what says so
	setting, from string            // GOTOOLCHAIN
	changes       string            // how it changes to a newer one: auto, path, or not at all
}

func (m *Machine) selection() (s selection) {
	s.have, s.source = m.active()
	s.setting, s.from = m.goValue("GOTOOLCHAIN")
	first, _ := goversion.Parse("1.21")
	if s.have.Compare(first) < 0 {
		return s
	}
	var least goversion.Version
	least, s.changes = parseGOTOOLCHAIN(s.setting)
	if !least.IsZero() {
		s.have, s.source = least, "GOTOOLCHAIN"
	}
	return s
}

// lookGOTOOLCHAIN decides as the go command does (cmd/go/internal/toolchain, Select).
func lookGOTOOLCHAIN(_ context.Context, m *Machine) Finding {
	mod, file := m.wanted()
	s := m.selection()
	want, line := mod.Go, "asks for Go"
	if s.changes != "" && mod.Toolchain.Compare(want) > 0 {
		want, line = mod.Toolchain, "suggests Go"
	}
	switch {
	case file == "":
		return skipped("no go.mod with a go line here")
	case s.have.IsZero():
		return skipped("no active Go to be seen")
	case s.have.Compare(want) >= 0:
		return ok("%s asks for %s, and %s is active", file, mod.Go, s.have)
	}
	f := Finding{
		Status: Error, Text: fmt.Sprintf("%s %s %s, %s gives %s", file, line, want, s.source, s.have),
		Evidence: []string{"GOTOOLCHAIN is not set: auto"},
		Cure:     fmt.Sprintf("golang-wsl install %s, and pin it in .tool-versions", want),
	}
	if s.setting != "" {
		f.Evidence = []string{fmt.Sprintf("GOTOOLCHAIN=%s, from %s", s.setting, s.from)}
	}
	first, _ := goversion.Parse("1.21")
	switch {
	case s.have.Compare(first) < 0 && s.source != "GOTOOLCHAIN":
		f.Status, f.Text = Warning, f.Text+", which cannot change to another"
	case s.changes == "":
		f.Text += ", and GOTOOLCHAIN=" + s.setting + " forbids another"
		if s.source == "GOTOOLCHAIN" {
			f.Cure = m.change("GOTOOLCHAIN", "auto", s.from)
		}
	case s.changes == "path" && m.first("go"+want.String()) == "":
		f.Text += fmt.Sprintf(", and GOTOOLCHAIN=%s finds no go%s on PATH", s.setting, want)
		f.Cure = "golang-wsl install " + want.String()
	default:
		f.Status, f.Text, f.Cure = Info, f.Text+"; the go command will take another toolchain", ""
	}
	return f
}

// parseGOTOOLCHAIN is the release that a GOTOOLCHAIN names, if it names one, and how
// the go command changes to a newer one: auto, path, or not at all.
func parseGOTOOLCHAIN(setting string) (least goversion.Version, changes string) {
	name, changes, _ := strings.Cut(setting, "+")
	switch name {
	case "", "auto":
		return least, "auto"
	case "path":
		return least, "path"
	}
	name, _, _ = strings.Cut(name, "-") // go1.22.5-custom
	if least, err := goversion.Parse(name); err == nil {
		return least, changes
	}
	return least, changes
}
