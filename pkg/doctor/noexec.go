package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// execPlaces are where the go command and its user run programs.
func (m *Machine) execPlaces() []place {
	tmp := m.places("GOTMPDIR")
	if len(tmp) == 0 {
		tmp = m.places("TMPDIR")
	}
	places := append(tmp, m.places("GOCACHE", "data directory")...)
	bin, _ := m.goSetting("GOBIN")
	if bin = absolute(bin); bin == "" {
		gopath := m.places("GOPATH")
		if len(gopath) == 0 {
			return places
		}
		bin = path.Join(gopath[0].path, "bin")
	}
	return append(places, place{"GOBIN", bin})
}

// runs reports whether programs can be started in dir. What was tried counts more
// than what a mount says; Windows drives are not touched for it. Why is for people.
func (m *Machine) runs(ctx context.Context, dir string) (runs bool, why string) {
	mount := m.mount(dir)
	if m.Try != nil && !mount.Windows && m.exists(dir) {
		if runs, err := m.Try.Runs(ctx, dir); err == nil {
			return runs, fmt.Sprintf("a program there was refused; %s", mount)
		}
	}
	return !mount.Has("noexec"), fmt.Sprintf("%s has noexec", mount)
}

func lookNoexec(ctx context.Context, m *Machine) Finding {
	places := m.execPlaces()
	var bad []place
	f := Finding{Status: Warning}
	for _, p := range places {
		install := p.name == "data directory" || p.name == "GOBIN"
		if install && !m.exists(p.path) {
			continue // who knows whether it will ever be used
		}
		if runs, why := m.runs(ctx, p.path); !runs {
			bad = append(bad, p)
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s", p, why))
		}
	}
	if len(bad) == 0 {
		return ok("programs run in all that Go uses")
	}
	if bad[0].name != "GOBIN" {
		f.Status = Error
	}
	f.Text = "programs do not run in " + names(bad)
	f.Cure = m.execCure(bad)
	return f
}

// execCure leaves a /tmp alone that somebody has closed on purpose, and opens what
// is there to have programs.
func (m *Machine) execCure(bad []place) string {
	var cures []string
	for _, p := range bad {
		cure := ""
		switch tmp := m.otherTmp(); {
		case (p.name == "GOTMPDIR" || p.name == "TMPDIR") && tmp != "":
			cure = fmt.Sprintf("mkdir -p %s && go env -w GOTMPDIR=%[1]s", quote(tmp))
			if m.Env("GOTMPDIR") != "" {
				cure = fmt.Sprintf("mkdir -p %s && export GOTMPDIR=%[1]s", quote(tmp))
			}
		case m.mount(p.path).Has("noexec"):
			cure = "sudo mount -o remount,exec " + quote(m.mount(p.path).Point)
		}
		if cure != "" && !slices.Contains(cures, cure) {
			cures = append(cures, cure)
		}
	}
	return strings.Join(cures, " && ")
}

// otherTmp is a directory where programs run as far as its mount tells, or "".
func (m *Machine) otherTmp() string {
	dir := below(m.cacheHome(), "go-tmp")
	if mount := m.mount(dir); dir == "" || mount.Windows || mount.Has("noexec") {
		return ""
	}
	return dir
}
