package toolchain

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/google/renameio/v2"
)

// Programs are the executables that a store's commands are made of.
type Programs struct {
	Helper string // path of golang-wsl
	Shim   string // path of golang-wsl-shim, which is small and starts fast; "" where there is none
}

// The names in [Store.Bin].
const (
	helperName = "golang-wsl"
	shimName   = "golang-wsl-shim"
)

// Bin is the directory of commands that belongs on PATH, and GOBIN of its data
// directory:
//
//	golang-wsl, golang-wsl-shim
//	go, gofmt   links to the shim, which finds the version that a directory asks for
//	go1.25.3    a link to that version's go
//
// The go command looks on PATH for a name like go1.25.3 before it downloads the
// toolchain that a go.mod asks for (cmd/go/internal/toolchain, Exec), so that it
// finds the verified one, without a network as well.
func (s Store) Bin() string { return filepath.Join(s.DataDir, "golang-wsl", "bin") }

// LinkCommands fills [Store.Bin] and takes out of it what points at versions
// that are gone. What others have put there, as "go install" does, stays.
func (s Store) LinkCommands(p Programs) error {
	bin := s.Bin()
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := copyProgram(p.Helper, filepath.Join(bin, helperName)); err != nil {
		return err
	}
	if p.Shim != "" {
		if err := copyProgram(p.Shim, filepath.Join(bin, shimName)); err != nil {
			return err
		}
	}
	// An older shim is as good: what it does not understand it leaves to the helper.
	shim := shimName
	if _, err := os.Stat(filepath.Join(bin, shimName)); err != nil {
		shim = helperName
	}
	want, err := s.commandLinks(shim)
	if err != nil {
		return err
	}
	if err := s.unlinkCommands(want); err != nil {
		return err
	}
	for name, target := range want {
		if err := link(target, filepath.Join(bin, name)); err != nil {
			return err
		}
	}
	return nil
}

// UnlinkCommands takes the links out of [Store.Bin], when a plugin is removed: a
// go that finds no version would stand in front of all others. The programs stay,
// for who wants to undo more.
func (s Store) UnlinkCommands() error {
	if err := s.unlinkCommands(nil); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// commandLinks are the links that there must be. Those for go and gofmt do not
// wait for the first install: a shell that has found another go on PATH keeps to
// it, and zsh does so before it was ever called.
func (s Store) commandLinks(shim string) (map[string]string, error) {
	versions, err := s.Versions()
	if err != nil {
		return nil, err
	}
	links := map[string]string{"go": shim, "gofmt": shim}
	for _, v := range versions {
		name := "go" + v.String()
		links[name] = filepath.Join("..", "..", "installs", s.Plugin, v.String(), "go", "bin", "go")
		if NeedsGOROOT(v) {
			links[name] = shim // which tells it where it is
		}
	}
	return links, nil
}

// unlinkCommands removes links that this package has made and wants no more.
func (s Store) unlinkCommands(want map[string]string) error {
	entries, err := os.ReadDir(s.Bin())
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(s.Bin(), e.Name())
		if target, err := os.Readlink(path); err == nil && s.isOurs(e.Name(), target) && want[e.Name()] != target {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// isOurs tells the links of LinkCommands from those of others, also from links
// to versions of this plugin under a second name in the same data directory.
func (s Store) isOurs(name, target string) bool {
	toProgram := target == helperName || target == shimName
	if name == "go" || name == "gofmt" {
		return toProgram
	}
	version, ok := strings.CutPrefix(name, "go")
	_, err := goversion.Parse(version)
	return ok && err == nil && (toProgram || target == filepath.Join("..", "..", "installs", s.Plugin, version, "go", "bin", "go"))
}

// link makes a symbolic link, in one step where there is another. A file that is
// no link is somebody's own, as golang.org/dl/go1.25.3 is.
func link(target, path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return nil
	}
	if old, err := os.Readlink(path); err == nil && old == target {
		return nil
	}
	return renameio.Symlink(target, path)
}

// copyProgram copies an executable, unless the copy is there already: equal in
// size and time, as it was left. It is no link to a cache that may be emptied,
// nor a hard link to a file that may be written to.
func copyProgram(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if old, err := os.Stat(to); err == nil && (os.SameFile(old, info) || old.Size() == info.Size() && old.ModTime().Equal(info.ModTime())) {
		return nil
	}
	temp, err := renameio.NewPendingFile(to, renameio.WithPermissions(0o755), renameio.WithTempDir(filepath.Dir(to)))
	if err != nil {
		return err
	}
	defer temp.Cleanup()
	if _, err := io.Copy(temp, source); err != nil {
		return err
	}
	if err := os.Chtimes(temp.Name(), info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return temp.CloseAtomicallyReplace()
}
