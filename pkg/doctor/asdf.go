package doctor

import (
	"cmp"
	"context"
	"fmt"
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
			Decides: "that of another kind, with a Go plugin in it, is a warning",
			Why:     "what is built and cached for one kind of Linux then runs on the other, and one default serves both",
			Cure:    "golang-wsl setup, then a new shell",
		},
		{
			ID: "hook", Title: "the hook in this shell", Look: lookHook,
			Reads:   "`PATH`, `ASDF_DATA_DIR`, the data directories",
			Decides: "set up, but not in this shell, is a warning; never set up is info",
			Why:     "without it go is not the one of this kind of Linux",
			Cure:    "golang-wsl setup, then a new shell", Safe: true,
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
		{
			ID: "installs", Title: "complete installs", Look: lookInstalls,
			Reads:   "`installs/PLUGIN/*`: marker, `go/bin/go`",
			Decides: "no go is a warning; a go without a marker, from another plugin, is info",
			Why:     "asdf takes every directory for an installed version (asdf-vm/asdf#2036)",
			Cure:    "golang-wsl uninstall VERSION && golang-wsl install VERSION",
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
	if m.real(dir) == m.real(own) {
		return ok("%s", own)
	}
	for _, kind := range []wsl.Kind{wsl.WSL1, wsl.WSL2, wsl.Native} {
		if kind == m.Report.Kind || m.DataDirs[kind] == "" || m.real(dir) != m.real(m.DataDirs[kind]) {
			continue
		}
		f := Finding{Status: Warning, Text: fmt.Sprintf("%s uses %s, that of %s; for %s it is %s", source, dir, kind, m.Report.Kind, own)}
		if source == "ASDF_DATA_DIR" {
			f.Text = fmt.Sprintf("%s is %s, that of %s; for %s it is %s", source, dir, kind, m.Report.Kind, own)
		}
		if len(m.goPluginsIn(dir)) == 0 {
			f.Status = Info
		}
		return f
	}
	return ok("%s, that of no other kind", dir)
}

func lookHook(_ context.Context, m *Machine) Finding {
	bin := path.Join(m.dataDir(), "golang-wsl", "bin")
	switch {
	case !m.setUp():
		return Finding{Status: Info, Text: "never set up; golang-wsl setup keeps the kinds of Linux apart"}
	case slices.Contains(m.entries(), bin) && m.Env("ASDF_DATA_DIR") != "":
		return ok("%s is on PATH", bin)
	}
	return Finding{Status: Warning, Text: "set up, but this shell has not sourced the hook"}
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

func lookDefaultLine(_ context.Context, m *Machine) Finding {
	file, words := m.homeFile()
	switch {
	case !m.exists(path.Join(m.installDir("default"), ".golang-wsl.json")):
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
	return f
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
	return f
}

func lookInstalls(_ context.Context, m *Machine) Finding {
	var broken, foreign []string
	names := m.list(m.installDir(""))
	for _, name := range names {
		dir := m.installDir(name)
		switch {
		case strings.HasPrefix(name, "."), name == "default":
			// The one is asdf's or ours in the making, the other has a check of its own.
		case !m.exists(path.Join(dir, "go", "bin", "go")):
			broken = append(broken, name)
		case !m.exists(path.Join(dir, ".golang-wsl.json")):
			foreign = append(foreign, name)
		}
	}
	switch {
	case len(broken) > 0:
		again := quote(broken[0])
		return Finding{
			Status: Warning, Text: fmt.Sprintf("without a go: %s in %s", strings.Join(broken, ", "), m.installDir("")),
			Cure: fmt.Sprintf("golang-wsl uninstall %s && golang-wsl install %[1]s", again),
		}
	case len(foreign) > 0:
		return Finding{Status: Info, Text: "installed by another plugin, so not verified: " + strings.Join(foreign, ", ")}
	case len(names) == 0:
		return skipped("nothing is installed")
	}
	return ok("%d", len(names))
}
