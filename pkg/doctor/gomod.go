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
			Reads:   "`GOTOOLCHAIN` as the environment, `env.sh`, `go env -w` and `go.env` of the active Go have it, `go.work` or `go.mod` upwards, the active version and its `VERSION`",
			Decides: "an active Go older than the go line is an error if GOTOOLCHAIN keeps the go command from another one, else info, as is one older than the toolchain line; before 1.21, which cannot change, it is a warning",
			Why:     "since Go 1.21 the go line is the least version, and the go command refuses to go below (golang/go#57001)",
			Cure:    "golang-wsl install VERSION, and pin it in .tool-versions",
		},
		{
			ID: "mount-lines", Title: "mount lines that break Go programs", Look: lookMountLines,
			Reads:   "`/proc/self/mountinfo`, the requirements of `go.mod`, or of all modules of `go.work`",
			Decides: "a line with raw blanks, as Docker Desktop makes, is a warning if one has a module that stumbles over it, else info",
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

// work is the go.work that holds here: that of GOWORK, else the nearest.
func (m *Machine) work() (file, text string) {
	if value, _ := m.goValue("GOWORK"); value != "" {
		file = absolute(value) // "off" is none
		text, _ = m.read(file)
		return file, text
	}
	return m.modFile("go.work")
}

// wanted is what go.work, else go.mod, says of the Go it wants.
func (m *Machine) wanted() (mod goversion.Mod, file string) {
	file, text := m.work()
	if file == "" {
		file, text = m.modFile("go.mod")
	}
	mod, err := goversion.ParseMod(file, []byte(text))
	if file == "" || err != nil || mod.Go.IsZero() {
		return mod, ""
	}
	return mod, file
}

// mods are the go.mod of the modules of go.work, or else the nearest.
func (m *Machine) mods() (mods []*modfile.File) {
	var files []string
	file, text := m.work()
	if work, err := modfile.ParseWork(file, []byte(text), nil); file != "" && err == nil {
		for _, use := range work.Use {
			dir := use.Path
			if !path.IsAbs(dir) {
				dir = path.Join(path.Dir(file), dir)
			}
			files = append(files, path.Join(dir, "go.mod"))
		}
	} else if file, _ := m.modFile("go.mod"); file != "" {
		files = []string{file}
	}
	for _, file := range files {
		text, there := m.read(file)
		if mod, err := modfile.Parse(file, []byte(text), nil); there && err == nil {
			mods = append(mods, mod)
		}
	}
	return mods
}

// versionVariable is what chooses a version of ours for a shell.
func (m *Machine) versionVariable() string {
	return "ASDF_" + strings.ToUpper(strings.ReplaceAll(m.plugin(m.dataDir()), "-", "_")) + "_VERSION"
}

// active is the version that a go command here means, and what says so.
func (m *Machine) active() (v goversion.Version, source string) {
	root, source := m.activeRoot()
	if root == "" {
		return v, ""
	}
	v, _ = goversion.Parse(m.versionOf(root))
	return v, source
}

// activeRoot is the GOROOT of the go command here, as far as files tell: what asdf's
// variable and .tool-versions ask for, else that of the first go on PATH.
func (m *Machine) activeRoot() (root, source string) {
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
			root = path.Join(m.installDir(word), "go")
			if _, err := goversion.Parse(m.versionOf(root)); err == nil {
				return root, source
			}
		}
	}
	for file := range m.look("go") {
		root = path.Dir(path.Dir(m.real(file)))
		if _, err := goversion.Parse(m.versionOf(root)); err == nil {
			return root, file
		}
	}
	return "", ""
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
	for _, mod := range m.mods() {
		found, cures := stumbling(mod)
		if len(found) > 0 {
			f.Status, f.Text = Warning, fmt.Sprintf("a mount has raw blanks in its options, over which %s of %s stumbles", strings.Join(found, ", "), mod.Syntax.Name)
			f.Cure = "go get " + strings.Join(cures, " ")
			if dir := path.Dir(mod.Syntax.Name); !within(m.Dir, dir) {
				f.Cure = "cd " + quote(dir) + " && " + f.Cure
			}
			return f
		}
	}
	return f
}

func stumbling(mod *modfile.File) (found, cures []string) {
	for _, r := range mod.Require {
		for _, s := range stumblers {
			if r.Mod.Path == s.module && semver.Compare(r.Mod.Version, s.fixed) < 0 && !replaced(mod, r.Mod.Path) {
				found = append(found, r.Mod.Path+" "+r.Mod.Version)
				cures = append(cures, r.Mod.Path+"@"+s.fixed)
			}
		}
	}
	return found, cures
}

// within reports whether a path is a directory or below it.
func within(name, dir string) bool {
	return name == dir || dir == "/" || strings.HasPrefix(name, dir+"/")
}

func replaced(mod *modfile.File, name string) bool {
	return slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool { return r.Old.Path == name })
}
