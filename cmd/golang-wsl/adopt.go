package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A candidate is a Go that a version manager has installed.
type candidate struct {
	dir     string // the install
	goroot  string // go/ in it; the directory itself where it is mise's own Go
	version goversion.Version
}

// A notAdoptedError says which versions were not taken over. Each has had a
// line that says why.
type notAdoptedError struct {
	names []string
	errs  []error
}

func (e *notAdoptedError) Error() string   { return "not taken over: " + strings.Join(e.names, ", ") }
func (e *notAdoptedError) Unwrap() []error { return e.errs }

// adopt takes the versions that asdf-golang, mise and other copies of this
// plugin have installed over into the store of this kind of Linux.
func (a *app) adopt(ctx context.Context) error {
	home, err := a.home()
	if err != nil {
		return err
	}
	s := &setup{app: a, homeDir: home}
	store, err := s.storeOfKind()
	if err != nil {
		return err
	}
	installer, err := a.installer(store, nil) // there is nothing to fetch
	if err != nil {
		return err
	}
	if _, ok := installer.Progress.(*line); ok {
		installer.Progress = nil // a copy is no download, and soon over
	}
	if err := store.Heal(); err != nil {
		return err
	}
	taken, err := s.adoptAll(ctx, installer, s.candidates(store))
	switch {
	case taken > 0:
		return errors.Join(err, a.refresh(store))
	case err == nil:
		a.say("there are no other Go versions to take over")
	}
	return err
}

// adoptAll stops early where the next candidate would fare no better.
func (s *setup) adoptAll(ctx context.Context, installer *toolchain.Installer, list []candidate) (taken int, err error) {
	refused := new(notAdoptedError)
	for _, c := range list {
		var done bool
		done, err = s.adoptOne(ctx, installer, c)
		if done {
			taken++
		}
		if ctx.Err() != nil {
			return taken, context.Cause(ctx)
		}
		if is[*checksumdb.SecurityError](err) || err != nil && s.diagnose(err).code == exitNetwork {
			break
		}
		if err != nil {
			s.sayRefused(c, err)
			refused.names, refused.errs = append(refused.names, c.version.String()), append(refused.errs, err)
			err = nil
		}
	}
	if refused.names != nil {
		err = errors.Join(refused, err)
	}
	return taken, err
}

// storeOfKind is where a shell of this kind will look for versions.
func (s *setup) storeOfKind() (toolchain.Store, error) {
	dir, err := s.setupDirOf(s.kind())
	if err != nil {
		return toolchain.Store{}, err
	}
	places, err := s.places()
	i := slices.IndexFunc(places, func(p place) bool { return p.DataDir == filepath.Clean(dir) })
	if err != nil || i < 0 {
		return toolchain.Store{DataDir: dir, Plugin: standalonePlugin}, err
	}
	return places[i].Store, nil
}

func (s *setup) adoptOne(ctx context.Context, installer *toolchain.Installer, c candidate) (done bool, err error) {
	m, done, err := installer.Adopt(ctx, c.goroot, c.version)
	if done {
		s.say(visible(fmt.Sprintf("%s: taken over from %s, verified by %s", c.version, s.short(c.dir), proof(m))))
	}
	return done, err
}

// sayRefused is the line about a version that stays where it is.
func (s *setup) sayRefused(c candidate, err error) {
	why := oneLine(err.Error())
	var refused *toolchain.AdoptError
	if errors.As(err, &refused) {
		why = fmt.Sprintf("%s (golang-wsl install %s fetches it)", refused.Reason, c.version)
	}
	s.say(visible(fmt.Sprintf("%s: not taken over from %s: %s", c.version, s.short(c.dir), why)))
}

// candidates are the versions that others have installed, oldest first. What is
// a link, or has one for its go/, is another name of a version and left out.
func (s *setup) candidates(store toolchain.Store) (list []candidate) {
	var seen []os.FileInfo
	look := func(installs string) {
		info, err := os.Stat(installs)
		if err != nil || slices.ContainsFunc(seen, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			return
		}
		seen = append(seen, info)
		for _, name := range names(installs) {
			v, err := goversion.Parse(name)
			dir := filepath.Join(installs, name)
			if goroot := gorootIn(dir); err == nil && goroot != "" {
				list = append(list, candidate{dir, goroot, v})
			}
		}
	}
	if info, err := os.Stat(filepath.Dir(store.Dir("x"))); err == nil {
		seen = append(seen, info)
	}
	for _, data := range s.dataDirs() {
		for _, plugin := range []string{"golang", "go", standalonePlugin, store.Plugin} {
			look(filepath.Join(data, "installs", plugin))
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.version.Compare(b.version) })
	return list
}

// dataDirs are where asdf and mise may have installed something.
func (s *setup) dataDirs() []string {
	dirs := []string{s.env("ASDF_DATA_DIR"), filepath.Join(s.homeDir, ".asdf"), s.env("MISE_DATA_DIR")}
	if native, err := s.dataDirOf(wsl.Native); err == nil {
		dirs = append(dirs, native)
	}
	if share, err := s.userDir("XDG_DATA_HOME", ".local/share"); err == nil {
		dirs = append(dirs, filepath.Join(share, "mise"))
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return !filepath.IsAbs(dir) })
}

// gorootIn is the GOROOT of an install, or "".
func gorootIn(dir string) string {
	goroot := filepath.Join(dir, "go")
	switch {
	case !isDir(dir): // a link: mise has them for latest and the like
		return ""
	case isDir(goroot):
		return goroot
	case !exists(goroot) && exists(filepath.Join(dir, "VERSION")):
		return dir
	}
	return ""
}

// isDir reports whether path is a directory, and no link to one.
func isDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
