package doctor

import (
	"context"
	"fmt"
	"go/build/constraint"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A compiler is the one that cgo calls.
type compiler struct {
	command string // as CC says, or gcc
	from    string // what says so; "" if nothing does
	file    string // "" if there is none
	windows bool   // file is none of Linux
}

func (c compiler) works() bool { return c.file != "" && !c.windows }

func (m *Machine) compiler() (c compiler) {
	value, from := m.goValue("CC")
	if words := strings.Fields(value); len(words) > 0 {
		c.command, c.from = strings.Trim(words[0], `"'`), from
	} else {
		c.command = "gcc" // in all releases for Linux
	}
	if path.IsAbs(c.command) && m.exists(c.command) {
		c.file = c.command
	} else if path.Base(c.command) == c.command { // the go command refuses what is relative
		c.file = m.first(c.command)
	}
	if c.file != "" {
		_, c.windows = m.onWindows(c.file)
	}
	return c
}

func lookCgo(_ context.Context, m *Machine) Finding {
	have, _ := m.active()
	switch {
	case have.IsZero():
		return skipped("no active Go to be seen")
	case m.cross():
		return skipped("builds are for another system or architecture")
	}
	c := m.compiler()
	enabled, from := m.goValue("CGO_ENABLED")
	need := m.needsCgo()
	switch {
	case enabled == "0" && need != "":
		return Finding{Status: Info, Text: fmt.Sprintf("CGO_ENABLED is 0, from %s, but %s", from, need)}
	case enabled == "0":
		return ok("CGO_ENABLED is 0, from %s", from)
	case !c.works():
		return m.noCompiler(c, have, need)
	case enabled == "" && m.overlooked(c):
		return Finding{
			Status: Info, Text: fmt.Sprintf("CC is %s, from %s, but the go command switches cgo off: there is no gcc, and CC is not in the environment", c.command, c.from),
			Cure: "export CC=" + quote(c.command),
		}
	}
	return ok("%s", c.file)
}

// overlooked reports whether the go command does not see a CC when it decides on
// cgo: it looks for one in the environment alone, else for gcc (cmd/go/internal/cfg,
// SetGOROOT and defaultContext).
func (m *Machine) overlooked(c compiler) bool {
	return c.from != "" && c.from != environment && c.from != m.envFile() && m.first("gcc") == ""
}

func (m *Machine) noCompiler(c compiler, have goversion.Version, need string) Finding {
	enabled, from := m.goValue("CGO_ENABLED")
	f := Finding{Status: Info, Text: "no gcc on PATH", Cure: m.installCompiler()}
	if c.from != "" {
		f.Text = fmt.Sprintf("CC is %s, from %s, and there is no such program", c.command, c.from)
		if m.hasTool("gcc") {
			f.Cure = m.change("CC", "gcc", c.from)
		}
	}
	if c.windows {
		f.Text = c.file + " is a compiler on a Windows drive, not one for Linux"
	}
	first, _ := goversion.Parse("1.20")
	switch {
	case enabled == "1":
		f.Status, f.Text = Error, f.Text+", but CGO_ENABLED is 1, from "+from
	case c.from != "" && !m.overlooked(c):
		f.Status = Error
	case need != "":
		f.Status, f.Text = Warning, f.Text+", but "+need
	case c.windows:
		f.Status = Warning
	case have.Compare(first) < 0:
		f.Status, f.Text = Warning, f.Text+fmt.Sprintf(", and Go %s does not do without by itself", have)
	default:
		f.Text += "; programs are built without cgo, and nothing here is known to need it"
		f.Cure = ""
	}
	return f
}

// needing are modules that are nothing without cgo. Tried: their programs do not
// build with CGO_ENABLED=0, or fail when they run.
var needing = []struct{ module, fails string }{
	{"github.com/mattn/go-sqlite3", "opens no database without cgo"},
	{"github.com/confluentinc/confluent-kafka-go", "does not build without cgo"},
	{"github.com/DataDog/zstd", "does not build without cgo"},
	{"github.com/go-gl/gl", "does not build without cgo"},
	{"github.com/godror/godror", "does not build without cgo"},
}

// needsCgo is why the project here needs cgo, or "".
func (m *Machine) needsCgo() string {
	for _, mod := range m.mods() {
		for _, r := range mod.Require {
			name, _, _ := module.SplitPathVersion(r.Mod.Path)
			for _, n := range needing {
				if name == n.module {
					return fmt.Sprintf("%s of %s %s", r.Mod.Path, mod.Syntax.Name, n.fails)
				}
			}
		}
	}
	if file, _ := m.modFile("go.mod"); file != "" {
		return m.importsC(path.Dir(file))
	}
	return ""
}

// importsC finds a file in a directory that imports "C" whatever cgo is set to. One
// that asks for cgo in its build constraint has another beside it, as in package net.
func (m *Machine) importsC(dir string) string {
	const most = 200 // files; a look is no build
	for i, name := range m.list(dir) {
		if i == most {
			break
		}
		if !strings.HasSuffix(name, ".go") || elsewhere.MatchString(name) {
			continue
		}
		text, _ := m.read(path.Join(dir, name))
		if end := declaration.FindStringIndex(text); end != nil {
			text = text[:end[0]]
		}
		if importC.MatchString(text) && m.builds(text) {
			return path.Join(dir, name) + ` imports "C"`
		}
	}
	return ""
}

var (
	importC     = regexp.MustCompile(`(?m)^\s*(import\s+)?"C"\s*(//.*)?$`)
	declaration = regexp.MustCompile(`(?m)^(func|type|var|const)\b`) // the first one; imports are above
	elsewhere   = regexp.MustCompile(`_(aix|android|darwin|dragonfly|freebsd|illumos|ios|js|netbsd|openbsd|plan9|solaris|wasip1|windows)(_[a-z0-9]+)?\.go$|_test\.go$`)
)

// builds reports whether the build constraint of a file holds without cgo.
func (m *Machine) builds(text string) bool {
	for line := range strings.Lines(text) {
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(strings.TrimSpace(line))
		return err != nil || expr.Eval(func(tag string) bool {
			return slices.Contains([]string{"linux", "unix", "gc", m.Arch}, tag) || strings.HasPrefix(tag, "go1.")
		})
	}
	return true
}
