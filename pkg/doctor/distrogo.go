package doctor

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A packaged is a go that no version manager has brought.
type packaged struct {
	file, root, from string
}

// packagedGo knows a go by where it is.
func (m *Machine) packagedGo(file string) (p packaged, ok bool) {
	real := m.real(file)
	p = packaged{file: file, root: path.Dir(path.Dir(real))}
	switch {
	case strings.HasPrefix(file, "/snap/"):
		p.root, p.from = "/snap/go/current", "of snap"
	case strings.Contains(real, "/Cellar/go"):
		p.from = "of Homebrew"
	case p.root == "/usr/local/go":
		p.from = "put there by hand"
	case strings.HasPrefix(real, "/usr/") && !strings.HasPrefix(real, "/usr/local/"):
		p.from = "of the distribution"
	}
	return p, p.from != ""
}

func lookDistroGo(_ context.Context, m *Machine) Finding {
	var first, ours string
	var found []packaged
	for file := range m.lookHere("go") {
		first = cmp.Or(first, file)
		if m.isOurs(file) || m.inInstalls(file) {
			ours = cmp.Or(ours, file)
		}
		same := func(p packaged) bool { return m.real(p.file) == m.real(file) }
		if p, ok := m.packagedGo(file); ok && !slices.ContainsFunc(found, same) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return ok("none")
	}
	p := found[0]
	f := Finding{Status: Info, Text: m.named(p)}
	for _, p := range found {
		f.Evidence = append(f.Evidence, m.named(p))
	}
	if p.file != first && ours != "" {
		f.Text += ", behind " + first
		return f
	}
	changed, cure := m.goEnvChanges(p.root)
	if len(changed) > 0 && ours == "" { // else path-order tells of the order, which cures both
		f.Status, f.Cure = Warning, cure
		f.Text = fmt.Sprintf("%s, is the first, and its go.env has %s", m.named(p), strings.Join(changed, ", "))
	}
	return f
}

func (m *Machine) named(p packaged) string {
	if v := m.versionOf(p.root); v != "" {
		return fmt.Sprintf("%s, %s %s", p.file, v, p.from)
	}
	return fmt.Sprintf("%s, %s", p.file, p.from)
}

// goEnvChanges are the lines of a go.env that change what everybody else's go
// does, where nothing else is set, and what sets it back.
func (m *Machine) goEnvChanges(root string) (lines []string, cure string) {
	text, _ := m.read(path.Join(root, "go.env"))
	var back []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if set, _ := m.goSetting(name); set != "" || value == "" {
			continue
		}
		switch {
		case name == "GOTOOLCHAIN" && value != "auto":
			back = append(back, "GOTOOLCHAIN=auto")
		case name == "GOSUMDB" && value != "sum.golang.org":
			back = append(back, "GOSUMDB=sum.golang.org")
		case name == "GOPROXY" && !strings.Contains(value, "://"):
			cure = "golang-wsl setup, then a new shell" // its go has the proxy of a release
		default:
			continue
		}
		lines = append(lines, name+"="+value)
	}
	if cure == "" && len(back) > 0 {
		cure = "go env -w " + strings.Join(back, " ")
	}
	return lines, cure
}
