package toolchain

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// A sum is one line of the sums file.
type sum struct {
	name   string // below GOROOT
	sha256 [32]byte
}

func sums(files []archive.File) []sum {
	list := make([]sum, 0, len(files))
	for _, f := range files {
		list = append(list, sum{f.Name, f.SHA256})
	}
	slices.SortFunc(list, func(a, b sum) int { return cmp.Compare(a.name, b.name) })
	return list
}

// moduleOf names the module of a release, as the checksum database does.
func moduleOf(v goversion.Version, p release.Platform) (module, version string) {
	return goproxy.ModulePath, goproxy.ModuleVersion(v.String(), p.OS, p.Arch)
}

// releaseMode is cmd/distpack's rule for what can be executed. The module zips
// of old releases carry no modes at all.
func releaseMode(name string, _ fs.FileMode) fs.FileMode {
	base := path.Base(name)
	switch path.Ext(name) {
	case ".bash", ".sh", ".pl", ".rc":
		return 0o755
	}
	exec, _ := path.Match("go_?*_?*_exec", base)
	if exec || strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
		return 0o755
	}
	return 0o644
}

// complete writes what surrounds a GOROOT in dir: links, environment, sums and,
// last, the marker.
func complete(dir string, m *Marker, files []sum) error {
	if err := linkCommands(filepath.Join(dir, "go", "bin"), filepath.Join(dir, "bin"), "../go/bin"); err != nil {
		return err
	}
	if err := writeSums(filepath.Join(dir, sumsFile), files); err != nil {
		return err
	}
	if err := writeEnvironment(dir, m); err != nil {
		return err
	}
	// The marker reaches the disk after all that it vouches for: a power cut may
	// not leave it beside files without content.
	if err := syncAll(dir); err != nil {
		return err
	}
	if err := m.write(dir); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Join(dir, markerFile)), syncDir(dir))
}

// linkCommands makes a relative link in dir for every command in bin. A bin/
// beside go/ is what asdf looks for by default, so that no callback has to be
// run to be told (two forks fewer for every command).
func linkCommands(bin, dir, target string) error {
	commands, err := os.ReadDir(bin)
	if err := errors.Join(err, os.Mkdir(dir, 0o755)); err != nil {
		return err
	}
	for _, c := range commands {
		if c.IsDir() {
			continue
		}
		if err := os.Symlink(path.Join(target, c.Name()), filepath.Join(dir, c.Name())); err != nil {
			return err
		}
	}
	return nil
}

func writeSums(name string, files []sum) error {
	return os.WriteFile(name, formatSums(files), 0o644)
}

func formatSums(files []sum) []byte {
	var b bytes.Buffer
	for _, s := range files {
		fmt.Fprintf(&b, "%x  go/%s\n", s.sha256, s.name)
	}
	return b.Bytes()
}

// findsItself is the first release that finds its GOROOT by where it is
// (golang/go#18678). Older ones believe in /usr/local/go unless told otherwise.
const findsItself = "1.9"

// NeedsGOROOT reports whether a release must be told where it is.
func NeedsGOROOT(v goversion.Version) bool { return older(v, findsItself) }

// writeEnvironment writes what bin/exec-env sources before each command. It
// empties a GOROOT that some other version left behind ("compile: version X does
// not match go tool version Y", asdf-community/asdf-golang#106); it is empty and
// not unset, because asdf 0.16 and mise forget what is unset. Paths are relative
// to asdf's variable, so that an install can be moved and mise may cache them.
func writeEnvironment(dir string, m *Marker) error {
	text := "# golang-wsl: the environment of Go " + m.Version + ", sourced before each command\n"
	v, err := goversion.Parse(m.Version)
	if err != nil {
		return err
	}
	if NeedsGOROOT(v) {
		text += "export GOROOT=\"${ASDF_INSTALL_PATH%/*}/" + m.Version + "/go\"\n"
	} else {
		text += "if [ -n \"${GOROOT:-}\" ]; then export GOROOT=; fi\n"
	}
	return os.WriteFile(filepath.Join(dir, envFile), []byte(text), 0o644)
}
