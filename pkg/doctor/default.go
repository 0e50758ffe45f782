package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

func lookDefaultLine(_ context.Context, m *Machine) Finding {
	file, words := m.homeFile()
	switch {
	case !m.hasDefault(m.dataDir()):
		return skipped("this kind has no default")
	case len(words) == 0:
		return ok("%s does not speak of it", file)
	case slices.Contains(words, "default"):
		return ok("%s says default", file)
	}
	f := Finding{Status: Warning, Text: fmt.Sprintf("%s says %q for every kind of Linux", file, strings.Join(words, " "))}
	if v, err := goversion.Parse(words[0]); err == nil {
		f.Cure = "golang-wsl default " + v.String()
	}
	if len(words) == 1 && slices.Contains(m.complete(), words[0]) && !m.othersNeedLine() {
		f.Fix = m.setDefault(words[0])
	}
	return f
}

func (m *Machine) hasDefault(dataDir string) bool {
	return m.exists(path.Join(dataDir, "installs", m.plugin(dataDir), "default", ".golang-wsl.json"))
}

// othersNeedLine reports whether another kind has installs and no default, so that
// it has no go any more where the line that all share says default.
func (m *Machine) othersNeedLine() bool {
	for kind, dir := range m.DataDirs {
		if kind != m.Report.Kind && dir != "" && m.exists(path.Join(dir, "installs", m.plugin(dir))) && !m.hasDefault(dir) {
			return true
		}
	}
	return false
}

// complete are the versions that "golang-wsl default" takes without an install.
func (m *Machine) complete() (versions []string) {
	for _, name := range m.list(m.installDir("")) {
		v, err := goversion.Parse(name)
		mark, bad := m.marker(name)
		if err == nil && bad == nil && v.String() == name && mark.Version == name && mark.Alias == "" && m.exists(path.Join(m.installDir(name), "go", "bin", "go")) {
			versions = append(versions, name)
		}
	}
	return versions
}

func lookDefaultAlias(_ context.Context, m *Machine) Finding {
	file, words := m.homeFile()
	if len(words) == 0 || words[0] != "default" {
		return skipped("nothing asks for a default")
	}
	dir := m.installDir("default")
	if m.exists(path.Join(dir, "go", "bin", "go")) {
		return ok("%s", m.real(path.Join(dir, "go")))
	}
	f := Finding{Status: Error, Text: fmt.Sprintf("%s asks for default, and %s leads to no go", file, dir)}
	if !m.exists(dir) {
		f.Text = fmt.Sprintf("%s asks for default, and %s is not there", file, dir)
	}
	newest := m.newest()
	was, err := m.marker("default")
	switch {
	case newest == "":
	case was.Version == newest: // whose links are not what they were
		f.Cure = "golang-wsl uninstall default && golang-wsl default " + newest
	case len(m.list(dir)) == 0 || err == nil && was.Alias == "default":
		f.Cure, f.Fix = "golang-wsl default "+newest, m.setDefault(newest)
	}
	return f
}

// newest is the newest stable version of the complete ones, or "".
func (m *Machine) newest() string {
	var versions []goversion.Version
	for _, name := range m.complete() {
		v, _ := goversion.Parse(name)
		versions = append(versions, v)
	}
	v, err := goversion.Query{}.Resolve(versions)
	if err != nil {
		return ""
	}
	return v.String()
}
