package doctor

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A room is one file system and what Go has on it.
type room struct {
	mount        wsl.Mount
	places       []place
	bytes, files uint64
}

const (
	fewBytes = 500e6
	fewFiles = 20_000
)

func (r room) status() Status {
	switch {
	case r.bytes < fewBytes/10 || r.files < fewFiles/10:
		return Error
	case r.bytes < fewBytes || r.files < fewFiles:
		return Warning
	}
	return OK
}

// String has what is scarce, or else the bytes.
func (r room) String() string {
	left := fmt.Sprintf("%.0f MB", float64(r.bytes)/1e6)
	if r.files < fewFiles {
		left = fmt.Sprintf("room for %d files", r.files)
		if r.bytes < fewBytes {
			left = fmt.Sprintf("%.0f MB and %s", float64(r.bytes)/1e6, left)
		}
	} else if r.bytes == math.MaxUint64 {
		left = "no limit"
	}
	return fmt.Sprintf("%s on %s for %s", left, r.mount.Point, names(r.places))
}

// rooms asks each file system of Linux once. What is mounted in several places, as
// subvolumes are, is one.
func (m *Machine) rooms(ctx context.Context) (rooms []room) {
	cache := absolute(m.Env("GOLANG_WSL_CACHE_DIR"))
	if cache == "" {
		cache = below(m.cacheHome(), "golang-wsl")
	}
	places := m.places("data directory", "GOMODCACHE", "GOCACHE", "GOTMPDIR", "TMPDIR")
	if cache != "" {
		places = append(places, place{"cache of golang-wsl", cache})
	}
	for _, p := range places {
		mount := m.mount(p.path)
		if mount.Windows || mount.Has("ro") { // go-dirs has said the one; nobody writes to the other
			continue
		}
		i := slices.IndexFunc(rooms, func(r room) bool {
			return r.mount.Point == mount.Point || r.mount.Source == mount.Source && strings.HasPrefix(mount.Source, "/dev/")
		})
		if i >= 0 {
			rooms[i].places = append(rooms[i].places, p)
			continue
		}
		bytes, files, err := m.Try.Free(ctx, m.nearest(p.path))
		if err == nil {
			rooms = append(rooms, room{mount, []place{p}, bytes, files})
		}
	}
	return rooms
}

// nearest is the directory itself, or the first above it that is there.
func (m *Machine) nearest(dir string) string {
	for dir != "/" && !m.exists(dir) {
		dir = path.Dir(dir)
	}
	return dir
}

func lookSpace(ctx context.Context, m *Machine) Finding {
	if m.Try == nil {
		return skipped("nothing is tried here")
	}
	rooms := m.rooms(ctx)
	if len(rooms) == 0 {
		return skipped("no directory of Go is on a file system of Linux")
	}
	f := Finding{Status: OK}
	var bad, all, cures []string
	for _, r := range rooms {
		all = append(all, r.String())
		status := r.status()
		if status == OK {
			continue
		}
		if f.Status != Error {
			f.Status = status
		}
		bad = append(bad, r.String())
		cures = append(cures, r.cures()...)
	}
	if f.Status == OK {
		return ok("%s", strings.Join(all, "; "))
	}
	f.Text, f.Evidence = strings.Join(bad, "; "), all
	if m.Report.Kind == wsl.WSL2 {
		f.Evidence = append(f.Evidence, "Windows gets back what is removed only with sparseVhd=true below [experimental] in .wslconfig")
	}
	f.Cure = strings.Join(cures, " && ")
	return f
}

// cures empty what the go command and golang-wsl make again, or fetch again.
func (r room) cures() (cures []string) {
	for _, p := range r.places {
		switch p.name {
		case "GOCACHE":
			cures = append(cures, "go clean -cache")
		case "cache of golang-wsl":
			cures = append(cures, "golang-wsl cache clean")
		}
	}
	return cures
}
