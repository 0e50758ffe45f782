package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Remove uninstalls the version or the alias called name, and with a version
// the aliases that would dangle. It returns the names that are gone. The version
// that is the default stays, with a [*DefaultError].
func (s Store) Remove(ctx context.Context, name string) (gone []string, err error) {
	unlock, err := lock(ctx, filepath.Join(s.locks(), s.stagingName(name)), "install of "+name, time.Minute, func() {})
	if err != nil {
		return nil, err
	}
	defer unlock()
	m, err := s.Installed(name)
	if err != nil {
		return nil, err
	}
	names := []string{name}
	if m.Alias == "" {
		if err := s.keepDefault(name); err != nil {
			return nil, err
		}
		aliases, err := s.aliasesOf(m.Version)
		if err != nil {
			return nil, err
		}
		names = append(aliases, name)
	}
	for _, n := range names {
		if err := s.discard(n); err != nil {
			return gone, fmt.Errorf("remove %s: %w", n, err)
		}
		gone = append(gone, n)
	}
	return gone, nil
}

// Discard removes whatever directory is called name among the installs, for
// those who have been told to: asdf's uninstall names a directory, whoever has
// filled it.
func (s Store) Discard(ctx context.Context, name string) error {
	unlock, err := lock(ctx, filepath.Join(s.locks(), s.stagingName(name)), "install of "+name, time.Minute, func() {})
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.discard(name); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

func (s Store) aliasesOf(version string) (names []string, err error) {
	markers, err := s.List()
	for _, m := range markers {
		if m.Alias != "" && m.Version == version {
			names = append(names, m.Alias)
		}
	}
	return names, err
}

// discard makes an install vanish by one rename and then deletes it at leisure,
// so that one that is half deleted is never listed.
func (s Store) discard(name string) error {
	if err := os.MkdirAll(s.staging(), 0o755); err != nil {
		return err
	}
	grave := s.stagingDir(name) + fmt.Sprintf(".removed-%d", os.Getpid())
	if err := unix.Rename(s.Dir(name), grave); err != nil {
		return &os.LinkError{Op: "rename", Old: s.Dir(name), New: grave, Err: err}
	}
	// Without its marker the rest is a leftover that the next install sweeps.
	_ = os.Remove(filepath.Join(grave, markerFile))
	return removeAll(grave)
}

// removeAll deletes a tree that may hold read-only directories, as a module
// cache inside a GOROOT does (moovweb/gvm#371).
func removeAll(dir string) error {
	if err := os.RemoveAll(dir); err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			_ = os.Chmod(path, 0o755)
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// Leave removes what a store has outside the installs: staging of this plugin.
func (s Store) Leave() error {
	entries, err := os.ReadDir(s.staging())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), s.stagingName("")) {
			err = errors.Join(err, removeAll(filepath.Join(s.staging(), e.Name())))
		}
	}
	return err
}
