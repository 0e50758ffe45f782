package doctor

import (
	"context"
	"fmt"
	"strings"
)

func driveChecks() []Check {
	const slow = "many small files take far longer there (on WSL2 one untar 88 s instead of 0.3 s), and modes may not stick"
	return []Check{
		{
			ID: "go-dirs", Title: "directories of Go on Windows drives", Look: lookGoDirs,
			Reads:   "the mounts; data directory, `GOROOT`, `GOPATH`, `GOMODCACHE`, `GOCACHE`, `GOTMPDIR`, `TMPDIR`, as the environment, `env.sh` and `go env -w` have them",
			Decides: "each that is on a file system of Windows, by its type, is a warning",
			Why:     slow + ": every build and download goes through it",
			Cure:    "point the variable at a directory on the disk of Linux, or unset it", Safe: true,
		},
		{
			ID: "project-dir", Title: "project on a Windows drive", Look: lookProject,
			Reads:   "the mounts, the current directory",
			Decides: "a current directory on a file system of Windows is a warning",
			Why:     slow + "; Windows does not tell inotify of its changes (microsoft/WSL#4739)",
			Cure:    "git clone the project to a directory below ~",
		},
	}
}

// A place is a directory and what it is called in findings.
type place struct{ name, path string }

func (p place) String() string { return fmt.Sprintf("%s (%s)", p.name, p.path) }

// goDirs are the directories that the go command works in, with what says so, in
// the order of the documents.
func (m *Machine) goDirs() (dirs []place) {
	add := func(name, otherwise string) string {
		dir, _ := m.goSetting(name)
		if dir = absolute(dir); dir == "" {
			dir = otherwise
		}
		if dir != "" {
			dirs = append(dirs, place{name, dir})
		}
		return dir
	}
	dirs = append(dirs, place{"data directory", m.dataDir()})
	add("GOROOT", "")
	gopath, _, _ := strings.Cut(add("GOPATH", below(m.home(), "go")), ":")
	add("GOMODCACHE", below(gopath, "pkg", "mod"))
	add("GOCACHE", below(m.cacheHome(), "go-build"))
	tmp := absolute(m.Env("TMPDIR"))
	if add("GOTMPDIR", ""); tmp == "" {
		tmp = "/tmp"
	}
	return append(dirs, place{"TMPDIR", tmp})
}

// cacheHome is where the XDG specification has caches, or "".
func (m *Machine) cacheHome() string {
	if dir := absolute(m.Env("XDG_CACHE_HOME")); dir != "" {
		return dir
	}
	return below(m.home(), ".cache")
}

// places are those of goDirs with these names, in this order. GOPATH may be
// several.
func (m *Machine) places(names ...string) (places []place) {
	dirs := m.goDirs()
	for _, name := range names {
		for _, d := range dirs {
			for dir := range strings.SplitSeq(d.path, ":") {
				if d.name == name && dir != "" {
					places = append(places, place{name, dir})
				}
			}
		}
	}
	return places
}

func lookGoDirs(_ context.Context, m *Machine) Finding {
	var names, evidence []string
	dirs := m.goDirs()
	for _, d := range dirs {
		for dir := range strings.SplitSeq(d.path, ":") { // GOPATH may be several
			if mount, bad := m.onWindows(dir); bad && dir != "" {
				names = append(names, place{d.name, dir}.String())
				evidence = append(evidence, mount.String())
			}
		}
	}
	if len(names) == 0 {
		return ok("all %d are on file systems of Linux", len(dirs))
	}
	f := Finding{Status: Warning, Text: "on a Windows drive: " + strings.Join(names, ", "), Evidence: evidence}
	caches := m.movable(dirs)
	if edit, ok := m.goEnvUnset(caches); ok {
		f.Fix = &Fix{Edits: []Edit{edit}}
	}
	if len(caches) == len(names) {
		f.Cure = "go env -u " + strings.Join(caches, " ")
	}
	return f
}

// movable are the variables that "go env -w" has set to a Windows drive, that name
// nothing which cannot be had again, and whose default is no Windows drive.
func (m *Machine) movable(dirs []place) (names []string) {
	at := make(map[string]string)
	for _, d := range dirs {
		at[d.name] = d.path
	}
	gopath, _, _ := strings.Cut(at["GOPATH"], ":")
	for _, d := range []place{
		{"GOMODCACHE", below(gopath, "pkg", "mod")}, {"GOCACHE", below(m.cacheHome(), "go-build")}, {"GOTMPDIR", at["TMPDIR"]},
	} {
		_, source := m.goSetting(d.name)
		_, bad := m.onWindows(at[d.name])
		if _, worse := m.onWindows(d.path); source == m.goEnvFile() && bad && !worse {
			names = append(names, d.name)
		}
	}
	return names
}

func lookProject(_ context.Context, m *Machine) Finding {
	if mount, bad := m.onWindows(m.Dir); bad {
		return Finding{Status: Warning, Text: m.Dir + " is on a Windows drive", Evidence: []string{mount.String()}}
	}
	return ok("%s is on a file system of Linux", m.Dir)
}
