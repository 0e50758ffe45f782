// Package toolchain puts Go toolchains on the disk, proves that they are the
// ones that the Go project released, and takes them off again.
//
// A [Store] is a place for toolchains, laid out as asdf and mise lay theirs out:
//
//	<data>/installs/<plugin>/1.25.3/go/             the GOROOT
//	<data>/installs/<plugin>/1.25.3/bin/go          a link: ../go/bin/go
//	<data>/installs/<plugin>/1.25.3/.golang-wsl.*   marker, sums, environment
//	<data>/golang-wsl/staging/                      installs in the making
//	<data>/golang-wsl/locks/
//
// An [Installer] fills it. Everything that can fail happens in staging, under a
// lock: fetch, unpack, verify. What is there in the end is published by one
// rename, marker included, so that at any moment, whoever is killed, a version
// is either absent or whole:
//
//	err := installer.Stage(ctx, version)             // asdf's download
//	marker, _, err := installer.Install(ctx, version) // asdf's install
//
// # What is verified
//
// The bytes of an archive are held against the sha256 of the official list,
// where it has one, and its files against the Go checksum database, which
// records the hash of the same files as the module golang.org/toolchain. Both
// are tried, one must succeed, and a mismatch of either is fatal; [Judge] is
// that rule. [Store.Check] repeats it later for what is installed.
package toolchain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"golang.org/x/sys/unix"
)

// A Store is where one plugin's toolchains are in one data directory.
type Store struct {
	DataDir string // what asdf calls ASDF_DATA_DIR; absolute
	Plugin  string // the name that the plugin was added under
}

// Dir is where the version called name is, or would be.
func (s Store) Dir(name string) string {
	return filepath.Join(s.installs(), name)
}

// GOROOT is the root of the Go tree of the version called name.
func (s Store) GOROOT(name string) string {
	return filepath.Join(s.Dir(name), "go")
}

func (s Store) installs() string { return filepath.Join(s.DataDir, "installs", s.Plugin) }
func (s Store) locks() string    { return filepath.Join(s.DataDir, "golang-wsl", "locks") }

// staging is on the file system of the installs, for a rename cannot leave one.
// Who has linked installs to another disk gets it there, beside the plugins'
// directories and in none of them: asdf 0.16 and later lists hidden directories
// of a plugin as versions.
func (s Store) staging() string {
	if all := filepath.Dir(s.installs()); exists(all) && device(all) != device(s.DataDir) {
		return filepath.Join(all, ".golang-wsl", "staging")
	}
	return filepath.Join(s.DataDir, "golang-wsl", "staging")
}

// device tells file systems apart. What cannot be looked at is on none.
func device(path string) uint64 {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0
	}
	return uint64(st.Dev)
}

// stagingName names an install in the making. The plugin is part of it because
// one data directory may hold this plugin under two names.
func (s Store) stagingName(name string) string { return s.Plugin + "@" + name }

// Installed returns the marker of the version called name. The error is
// [fs.ErrNotExist] where there is no such version, and [ErrForeign] where there
// is a directory that this package did not complete.
func (s Store) Installed(name string) (*Marker, error) {
	m, err := readMarker(s.Dir(name))
	if errors.Is(err, fs.ErrNotExist) && !isEmpty(s.Dir(name)) {
		return nil, fmt.Errorf("%s: %w", s.Dir(name), ErrForeign)
	}
	return m, err
}

// ErrForeign says that a directory among the installs was not completed by this
// package: another plugin's install, or the rest of one that was killed.
var ErrForeign = errors.New("is not a complete install of this plugin")

// List returns the markers of all that is installed, oldest version first, the
// words that stand for a version ("1.22", "latest") after it.
func (s Store) List() ([]*Marker, error) {
	entries, err := os.ReadDir(s.installs())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var markers []*Marker
	for _, e := range entries {
		if m, err := readMarker(s.Dir(e.Name())); err == nil {
			markers = append(markers, m)
		}
	}
	sortMarkers(markers)
	return markers, nil
}

// Versions returns the versions that are installed, oldest first.
func (s Store) Versions() ([]goversion.Version, error) {
	markers, err := s.List()
	if err != nil {
		return nil, err
	}
	var versions []goversion.Version
	for _, m := range markers {
		if v, err := goversion.Parse(m.Version); err == nil && m.Alias == "" {
			versions = append(versions, v)
		}
	}
	return versions, nil
}

// Heal removes empty directories among the installs. asdf makes one just before
// it calls the install callback, counts it as installed, and leaves it there
// when it is killed (asdf-vm/asdf#2036). Removing one that another process is
// about to fill does no harm: publishing renames over an empty directory as
// well as to a free name.
func (s Store) Heal() error {
	entries, err := os.ReadDir(s.installs())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			_ = os.Remove(s.Dir(e.Name())) // fails on all that are not empty
		}
	}
	return nil
}

// isEmpty reports whether dir is absent or has nothing in it.
func isEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}
