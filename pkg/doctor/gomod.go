package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

func goChecks() []Check {
	return []Check{
		{
			ID: "gotoolchain", Title: "the active Go against go.mod", Look: lookGOTOOLCHAIN,
			Reads:   "`GOTOOLCHAIN`, `go.work` or `go.mod` upwards, the active version and its `VERSION`",
			Decides: "an active Go older than the go line is an error if GOTOOLCHAIN keeps the go command from another one, else info; before 1.21, which cannot change, it is a warning",
			Why:     "since Go 1.21 the go line is the least version, and the go command refuses to go below (golang/go#57001)",
			Cure:    "golang-wsl install VERSION, and pin it in .tool-versions",
		},
		{
			ID: "mount-lines", Title: "mount lines that break Go programs", Look: lookMountLines,
			Reads:   "`/proc/self/mountinfo`, the requirements of `go.mod`",
			Decides: "a line with raw blanks, as Docker Desktop makes, is a warning if go.mod has a module that stumbles over it, else info",
			Why:     "programs with such a module end with an error or run without their limits (uber-go/automaxprocs#65, microsoft/WSL#10056)",
			Cure:    "go get the module @latest, or turn Docker Desktop's WSL integration off for this distribution",
		},
	}
}

// modFile is the nearest file called name, from the current directory up.
func (m *Machine) modFile(name string) (file, text string) {
	for dir := path.Clean(m.Dir); ; dir = path.Dir(dir) {
		file = path.Join(dir, name)
		if text, ok := m.read(file); ok {
			return file, text
		}
		if dir == "/" || dir == "." {
			return "", ""
		}
	}
}

// wanted is the go line of go.work, else of go.mod.
func (m *Machine) wanted() (v goversion.Version, file string) {
	for _, name := range []string{"go.work", "go.mod"} {
		if name == "go.work" && m.Env("GOWORK") == "off" {
			continue
		}
		file, text := m.modFile(name)
		if mod, err := goversion.ParseMod(name, []byte(text)); file != "" && err == nil && !mod.Go.IsZero() {
			return mod.Go, file
		}
	}
	return v, ""
}

// versionVariable is what chooses a version of ours for a shell.
func (m *Machine) versionVariable() string {
	return "ASDF_" + strings.ToUpper(strings.ReplaceAll(m.plugin(m.dataDir()), "-", "_")) + "_VERSION"
}

// active is the version that a go command here means, as far as files tell: what
// asdf's variable and .tool-versions ask for, else the first go on PATH.
func (m *Machine) active() (v goversion.Version, source string) {
	plugin, variable := m.plugin(m.dataDir()), m.versionVariable()
	words, source := strings.Fields(m.Env(variable)), variable
	for _, file := range m.toolVersionFiles() {
		if len(words) > 0 {
			break
		}
		text, _ := m.read(file)
		for _, line := range goversion.ParseToolVersions([]byte(text)) {
			if line.Tool == plugin && len(words) == 0 {
				words, source = line.Words, file
			}
		}
	}
	for _, word := range words { // asdf takes the first that is installed
		if path.Base(word) == word && !strings.HasPrefix(word, ".") {
			if v, err := goversion.Parse(m.versionOf(path.Join(m.installDir(word), "go"))); err == nil {
				return v, source
			}
		}
	}
	for file := range m.look("go") {
		if v, err := goversion.Parse(m.versionOf(path.Dir(path.Dir(m.real(file))))); err == nil {
			return v, file
		}
	}
	return v, ""
}

func lookGOTOOLCHAIN(_ context.Context, m *Machine) Finding {
	want, file := m.wanted()
	have, source := m.active()
	switch {
	case file == "":
		return skipped("no go.mod with a go line here")
	case have.IsZero():
		return skipped("no active Go to be seen")
	case have.Compare(want) >= 0:
		return ok("%s asks for %s, and %s is active", file, want, have)
	}
	f := Finding{
		Text:     fmt.Sprintf("%s asks for Go %s, %s gives %s", file, want, source, have),
		Cure:     fmt.Sprintf("golang-wsl install %s, and pin it in .tool-versions", want),
		Evidence: []string{"GOTOOLCHAIN is not set: auto"},
	}
	first, _ := goversion.Parse("1.21")
	setting, from := m.goSetting("GOTOOLCHAIN")
	if setting != "" {
		f.Evidence = []string{fmt.Sprintf("GOTOOLCHAIN=%s, from %s", setting, from)}
	}
	switch {
	case have.Compare(first) < 0:
		f.Status, f.Text = Warning, f.Text+", which cannot change to another"
	case m.keeps(setting, want):
		f.Status, f.Text = Error, f.Text+", and GOTOOLCHAIN="+setting+" forbids another"
	default:
		f.Status, f.Text = Info, f.Text+"; the go command will take another toolchain"
		f.Cure = ""
	}
	return f
}

// keeps reports whether a GOTOOLCHAIN keeps the go command from what is wanted:
// local, or the name of an older release without +auto or +path.
func (m *Machine) keeps(setting string, want goversion.Version) bool {
	name, _, more := strings.Cut(setting, "+")
	if setting == "local" {
		return true
	}
	v, err := goversion.Parse(name)
	return err == nil && !more && v.Compare(want) < 0
}

// stumblers are modules that read mountinfo by counting fields, with the first
// version that does not. Measured on the line of Docker Desktop.
var stumblers = []struct{ module, fixed string }{
	{"go.uber.org/automaxprocs", "v1.5.3"},
	{"github.com/KimMachineGun/automemlimit", "v0.7.2"},
	{"github.com/prometheus/procfs", "v0.23.0"},
}

func lookMountLines(_ context.Context, m *Machine) Finding {
	text, _ := m.read("/proc/self/mountinfo")
	bad := ""
	for line := range strings.Lines(text) {
		if _, after, found := strings.Cut(line, " - "); found && len(strings.Fields(after)) > 3 {
			bad = strings.TrimSpace(line)
		}
	}
	if bad == "" {
		return ok("none")
	}
	f := Finding{Status: Info, Text: "a mount has raw blanks in its options; no module of a go.mod here is known to stumble over that", Evidence: []string{bad}}
	file, text := m.modFile("go.mod")
	mod, err := modfile.Parse(file, []byte(text), nil)
	if file == "" || err != nil {
		return f
	}
	var found, cures []string
	for _, r := range mod.Require {
		for _, s := range stumblers {
			if r.Mod.Path == s.module && semver.Compare(r.Mod.Version, s.fixed) < 0 && !replaced(mod, r.Mod.Path) {
				found = append(found, r.Mod.Path+" "+r.Mod.Version)
				cures = append(cures, r.Mod.Path+"@"+s.fixed)
			}
		}
	}
	if len(found) > 0 {
		f.Status, f.Text = Warning, fmt.Sprintf("a mount has raw blanks in its options, over which %s of %s stumbles", strings.Join(found, ", "), file)
		f.Cure = "go get " + strings.Join(cures, " ")
	}
	return f
}

func replaced(mod *modfile.File, name string) bool {
	return slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool { return r.Old.Path == name })
}
