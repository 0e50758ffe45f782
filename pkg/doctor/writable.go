package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// writePlaces are where the go command and golang-wsl make files: what is there, and
// for GOCACHE, which go makes itself, what is above. What sudo go leaves below the
// module cache belongs to root as well.
func (m *Machine) writePlaces() (places []place) {
	for _, p := range m.places("GOCACHE") {
		places = append(places, place{p.name, m.nearest(p.path)})
	}
	tmp := m.places("GOTMPDIR")
	if len(tmp) == 0 {
		tmp = m.places("TMPDIR")
	}
	places = append(places, tmp...)
	for _, p := range m.places("GOPATH", "GOMODCACHE", "data directory") {
		if places = append(places, p); p.name == "GOMODCACHE" {
			places = append(places, place{p.name, path.Join(p.path, "cache", "download")})
		}
	}
	return slices.DeleteFunc(places, func(p place) bool { return m.mount(p.path).Windows || !m.exists(p.path) })
}

// A closed is a place that cannot be written to.
type closed struct {
	place
	readOnly bool // the file system, not the directory
}

func lookWritable(ctx context.Context, m *Machine) Finding {
	if m.Try == nil {
		return skipped("nothing is tried here")
	}
	var bad []closed
	f := Finding{Status: Info}
	t := m.try(ctx, m.writePlaces(), func(ctx context.Context, dir string) (bool, error) {
		err := m.Try.Writes(ctx, dir)
		if readOnly := errors.Is(err, syscall.EROFS); readOnly || errors.Is(err, fs.ErrPermission) {
			bad = append(bad, closed{place{"", dir}, readOnly})
			return false, nil
		}
		return true, err
	})
	if len(t.bad) == 0 && m.asRoot() {
		return skipped("root may write to all that is not read-only")
	} else if len(t.bad) == 0 {
		return t.isFine("files can be made")
	}
	var texts []string
	for i, p := range t.bad {
		bad[i].place = p
		texts = append(texts, m.whyClosed(bad[i]))
		if s := m.closedStatus(p); rank(s) > rank(f.Status) {
			f.Status = s
		}
	}
	f.Text, f.Evidence, f.Cure = "nothing can be written to "+strings.Join(texts, ", "), t.evidence, m.openCure(bad)
	return f
}

// closedStatus leaves a data directory alone that somebody keeps for several users.
func (m *Machine) closedStatus(p place) Status {
	switch {
	case p.name == "GOCACHE" || p.name == "GOTMPDIR" || p.name == "TMPDIR":
		return Error
	case p.name == "data directory" && !m.belowHome(p.path):
		return Info
	}
	return Warning
}

func (m *Machine) whyClosed(c closed) string {
	if c.readOnly {
		return fmt.Sprintf("%s: %s is read-only", c.place, m.mount(c.path).Point)
	}
	owner, known := m.owner(c.path)
	if self, me := m.user(); !known || me && owner == self {
		return c.String()
	}
	if owner == 0 {
		return c.String() + ", which is root's"
	}
	return fmt.Sprintf("%s, which is user %d's", c.place, owner)
}

// openCure gives back what is somebody else's below the home directory, as after
// sudo go, and leaves alone what is elsewhere.
func (m *Machine) openCure(bad []closed) string {
	var taken, cures []string
	self, known := m.user()
	for _, c := range bad {
		owner, owned := m.owner(c.path)
		cure := ""
		switch _, source := m.goSetting(c.name); {
		case !c.readOnly && known && owned && m.belowHome(c.path) && owner != self:
			taken = append(taken, c.path)
		case !c.readOnly && known && owned && owner == self:
			cure = "chmod u+rwx " + quote(c.path)
		case c.path == "/tmp" && !c.readOnly:
			cure = "sudo chmod 1777 /tmp"
		case source != "":
			cure = m.unset(c.name, source)
		}
		if cure != "" && !slices.Contains(cures, cure) {
			cures = append(cures, cure)
		}
	}
	if len(taken) > 0 {
		cures = append([]string{`sudo chown -R "$(id -un)" ` + strings.Join(tops(taken), " ")}, cures...)
	}
	return strings.Join(cures, " && ")
}

// tops are those that are below no other, each as a word of a shell.
func tops(dirs []string) (words []string) {
	for _, dir := range dirs {
		if !slices.ContainsFunc(dirs, func(d string) bool { return strings.HasPrefix(dir, d+"/") }) {
			words = append(words, quote(dir))
		}
	}
	return words
}

func (m *Machine) belowHome(dir string) bool {
	home := m.home()
	return home != "" && strings.HasPrefix(m.real(dir), m.real(home)+"/")
}

var userLine = regexp.MustCompile(`(?m)^Uid:\s+\d+\s+(\d+)\s`) // the second number is who asks

// user is who asks, by number.
func (m *Machine) user() (id uint32, known bool) {
	status, _ := m.read("/proc/self/status")
	match := userLine.FindStringSubmatch(status)
	if match == nil {
		return 0, false
	}
	n, err := strconv.ParseUint(match[1], 10, 32)
	return uint32(n), err == nil
}

func (m *Machine) asRoot() bool {
	id, known := m.user()
	return known && id == 0
}

// owner is whose a directory is, where the tree says so.
func (m *Machine) owner(dir string) (id uint32, known bool) {
	info, err := m.stat(dir)
	if err != nil {
		return 0, false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return stat.Uid, true
}
