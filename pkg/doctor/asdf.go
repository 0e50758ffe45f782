package doctor

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

func asdfChecks() []Check {
	return []Check{
		{
			ID: "data-dir", Title: "a data directory of this kind's own", Look: lookDataDir,
			Reads:   "`ASDF_DATA_DIR`, else `~/.asdf`; the data directories of all kinds",
			Decides: "that of another kind, with a Go plugin in it, is a warning, by a link as well, but that one between WSL and plain Linux is info",
			Why:     "what is built and cached for one kind of Linux then runs on the other, and one default serves both",
			Cure:    "golang-wsl setup, then a new shell",
		},
		{
			ID: "asdf-twice", Title: "one Go plugin for each data directory", Look: lookTwice,
			Reads:   "`plugins/` in the data directories of all kinds",
			Decides: "two of `go`, `golang` and `golang-wsl` in one are an error",
			Why:     "asdf 0.16 and later picks either for a go that both provide, at random",
			Cure:    "golang-wsl setup --adopt, then asdf plugin remove the other one",
		},
		{
			ID: "default-line", Title: "the default line in ~/.tool-versions", Look: lookDefaultLine,
			Reads:   "`~/.tool-versions`, `installs/PLUGIN/default`",
			Decides: "another word than default, where this kind has a default, is a warning",
			Why:     "the version holds for every kind of Linux, and golang-wsl default has no effect",
			Cure:    "golang-wsl default VERSION", Safe: true,
		},
		{
			ID: "default-alias", Title: "what default stands for", Look: lookDefaultAlias,
			Reads:   "`~/.tool-versions`, `installs/PLUGIN/default` and where it leads",
			Decides: "a default that is asked for and leads to no go is an error",
			Why:     "go finds no version outside of projects that pin one",
			Cure:    "golang-wsl default latest", Safe: true,
		},
	}
}

// goPlugins are the names that plugins for Go are added under.
var goPlugins = []string{"go", "golang", "golang-wsl"}

// goPluginsIn are those in a data directory, with the name that ours says it has.
func (m *Machine) goPluginsIn(dataDir string) (names []string) {
	for _, name := range m.list(path.Join(dataDir, "plugins")) {
		if slices.Contains(goPlugins, name) || name == m.plugin(dataDir) {
			names = append(names, name)
		}
	}
	return names
}

func lookDataDir(_ context.Context, m *Machine) Finding {
	dir, own := absolute(m.Env("ASDF_DATA_DIR")), m.DataDirs[m.Report.Kind]
	source := "ASDF_DATA_DIR"
	if dir == "" {
		dir, source = below(m.home(), ".asdf"), "without ASDF_DATA_DIR asdf"
		if dir == "" || !m.exists(dir) {
			return skipped("asdf is not in use")
		}
	}
	for _, kind := range []wsl.Kind{wsl.WSL1, wsl.WSL2, wsl.Native} {
		other := m.DataDirs[kind]
		if kind == m.Report.Kind || other == "" || other == own || m.real(dir) != m.real(other) {
			continue // a user may have told two kinds to share one
		}
		f := Finding{Status: Warning, Text: fmt.Sprintf("%s uses %s, that of %s; for %s it is %s", source, dir, kind, m.Report.Kind, own)}
		if source == "ASDF_DATA_DIR" {
			f.Text = fmt.Sprintf("%s is %s, that of %s; for %s it is %s", source, dir, kind, m.Report.Kind, own)
		}
		if m.real(dir) == m.real(own) {
			f.Text = fmt.Sprintf("%s and %s, that of %s, are the same directory", own, other, kind)
			f.Cure = m.unlink(own, other)
			if kind == wsl.Native || m.Report.Kind == wsl.Native {
				f.Status = Info // most homes see one of the two only
			}
		}
		if len(m.goPluginsIn(dir)) == 0 {
			f.Status = Info
		}
		return f
	}
	if m.real(dir) == m.real(own) {
		return ok("%s", own)
	}
	return ok("%s, that of no other kind", dir)
}

// unlink is how two names of one directory become two directories. Where neither is
// a link itself it is not known.
func (m *Machine) unlink(names ...string) string {
	for _, name := range names {
		if _, err := fs.ReadLink(m.Root, rel(name)); err == nil {
			return "rm " + quote(name) + " && golang-wsl setup, then a new shell"
		}
	}
	return ""
}

func lookTwice(_ context.Context, m *Machine) Finding {
	var texts, cures, seen []string
	for _, dir := range []string{m.dataDir(), m.DataDirs[wsl.WSL1], m.DataDirs[wsl.WSL2], m.DataDirs[wsl.Native]} {
		if dir == "" || slices.Contains(seen, dir) {
			continue
		}
		seen = append(seen, dir)
		if names := m.goPluginsIn(dir); len(names) > 1 {
			other := names[0]
			if other == m.plugin(dir) {
				other = names[1]
			}
			texts = append(texts, fmt.Sprintf("%s has the plugins %s", dir, strings.Join(names, " and ")))
			cures = append(cures, fmt.Sprintf("ASDF_DATA_DIR=%s asdf plugin remove %s", quote(dir), quote(other)))
		}
	}
	if len(texts) > 0 {
		return Finding{
			Status: Error, Text: strings.Join(texts, "; "),
			Cure: "golang-wsl setup --adopt, then " + strings.Join(cures, "; "),
		}
	}
	return ok("no data directory has two")
}

// homeFile is the .tool-versions that all kinds share, and what it says of ours.
func (m *Machine) homeFile() (file string, words []string) {
	file = below(m.home(), cmp.Or(m.Env("ASDF_TOOL_VERSIONS_FILENAME"), m.Env("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"), ".tool-versions"))
	text, _ := m.read(file)
	for _, line := range goversion.ParseToolVersions([]byte(text)) {
		if line.Tool == m.plugin(m.dataDir()) {
			return file, line.Words
		}
	}
	return file, nil
}

func (m *Machine) installDir(name string) string {
	return path.Join(m.dataDir(), "installs", m.plugin(m.dataDir()), name)
}
