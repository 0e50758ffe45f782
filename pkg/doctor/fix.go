package doctor

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Fix is a cure as things to do: files that get another content, then commands of
// golang-wsl. Nothing else is touched. A machine on which it was done has nothing
// left of it to do.
type Fix struct {
	Edits    []Edit
	Commands []Command
}

// An Edit gives a file another content.
type Edit struct {
	File     string // absolute, behind all links
	Old, New []byte // if the file is no longer Old, it is to be left alone; a nil Old is no file
	What     string // "take out the carriage returns"
}

// A Command is one of golang-wsl, which neither asks nor downloads anything.
type Command struct {
	Args    []string // behind "golang-wsl"
	Touches []string // the files and directories that it may change, absolute, behind all links
}

// Lines say what a Fix does, one line for each thing.
func (f *Fix) Lines() (lines []string) {
	for _, e := range f.Edits {
		lines = append(lines, fmt.Sprintf("edit %s: %s", e.File, e.What))
	}
	for _, c := range f.Commands {
		words := make([]string, len(c.Args))
		for i, arg := range c.Args {
			words[i] = quote(arg)
		}
		lines = append(lines, fmt.Sprintf("run golang-wsl %s, which changes %s", strings.Join(words, " "), strings.Join(c.Touches, ", ")))
	}
	return lines
}

// touches are the files and directories that a Fix may change.
func (f *Fix) touches() (names []string) {
	for _, e := range f.Edits {
		names = append(names, e.File)
	}
	for _, c := range f.Commands {
		names = append(names, c.Touches...)
	}
	return names
}

// Fixable are the problems with a Fix that can be done one after the other. Of two
// that touch the same file only the first is there: the second is for another look
// at what the first has made of it.
func Fixable(results []Result) (list []Result) {
	var taken []string
	for _, r := range results {
		if r.Fix == nil || !r.Status.IsProblem() || slices.ContainsFunc(r.Fix.touches(), func(name string) bool {
			return slices.ContainsFunc(taken, func(other string) bool { return inside(name, other) || inside(other, name) })
		}) {
			continue
		}
		taken = append(taken, r.Fix.touches()...)
		list = append(list, r)
	}
	return list
}

// inside reports whether a file is a directory or below it.
func inside(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// judged is a finding whose Fix names the files behind all links, and that has none
// where golang-wsl would refuse to do it, with settings that it cannot read.
func (m *Machine) judged(f Finding) Finding {
	if f.Fix == nil {
		return f
	}
	fix := &Fix{Edits: f.Fix.Edits}
	for _, c := range f.Fix.Commands {
		if m.Trouble != nil {
			f.Fix = nil
			return f
		}
		real := Command{Args: c.Args}
		for _, name := range c.Touches {
			if name = m.real(name); !slices.Contains(real.Touches, name) {
				real.Touches = append(real.Touches, name)
			}
		}
		fix.Commands = append(fix.Commands, real)
	}
	f.Fix = fix
	return f
}

// edit is the Edit that makes new of a file that was read as old. It is false where
// there is nothing to do, or where the file was not read whole.
func (m *Machine) edit(name, old, new, what string) (Edit, bool) {
	file, now, whole := m.whole(name)
	if !whole || now != old || old == new {
		return Edit{}, false
	}
	return Edit{File: file, Old: []byte(old), New: []byte(new), What: what}, true
}

// goEnvUnset is the Edit that takes variables out of the file of "go env -w", as "go
// env -u" does.
func (m *Machine) goEnvUnset(names []string) (Edit, bool) {
	file := absolute(m.goEnvFile())
	text, ok := m.read(file)
	if file == "" || !ok {
		return Edit{}, false
	}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		name, _, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found || !slices.Contains(names, name) {
			rest.WriteString(line)
		}
	}
	return m.edit(file, text, rest.String(), "take out "+strings.Join(names, ", "))
}

// setDefault is the Fix that makes an installed version the default of this kind,
// or nil where what that changes cannot be said in advance: it tells mise as well,
// which then does what mise does.
func (m *Machine) setDefault(version string) *Fix {
	data := m.dataDir()
	if mise := absolute(m.Env("MISE_DATA_DIR")); mise != "" && m.exists(path.Join(mise, "plugins", m.plugin(data))) {
		return nil
	}
	file, _ := m.homeFile()
	touches := []string{file, m.installDir("default"), path.Join(data, "golang-wsl")}
	if staging := path.Join(data, "installs", ".golang-wsl"); m.mount(staging).Point != m.mount(data).Point {
		touches = append(touches, staging)
	}
	if m.exists(path.Join(data, "plugins", m.plugin(data))) {
		touches = append(touches, path.Join(data, "shims")) // by asdf reshim
	}
	return &Fix{Commands: []Command{{Args: []string{"default", version}, Touches: touches}}}
}
