package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"golang.org/x/sys/unix"
)

// Alias makes word ("1.22", "latest") stand for the installed version v. asdf
// takes the word in .tool-versions as the name of an install, so that there must
// be one: a real directory, since asdf 0.16 and later overlook links, with
// relative links inside. An alias that stands for another version is replaced in
// one step.
func (s Store) Alias(ctx context.Context, word string, v goversion.Version, now time.Time) error {
	unlock, err := lock(ctx, filepath.Join(s.locks(), s.stagingName(word)), "alias "+word, time.Minute, func() {})
	if err != nil {
		return err
	}
	defer unlock()
	old, err := s.Installed(word)
	switch {
	case err == nil && old.Alias == "" || errors.Is(err, ErrForeign):
		return fmt.Errorf("alias %s: %s: %w", word, s.Dir(word), ErrNoAlias)
	case err == nil && old.Version == v.String():
		return nil
	}
	dir := s.stagingDir(word)
	if err := s.buildAlias(dir, word, v, now); err != nil {
		return errors.Join(fmt.Errorf("alias %s: %w", word, err), os.RemoveAll(dir))
	}
	if old == nil {
		return s.rename(dir, word)
	}
	return s.exchange(dir, word)
}

// exchange puts dir in the place of the install called name, so that at no
// moment there is neither. WSL1 and 9p cannot do that in one step; there the old
// one goes first.
func (s Store) exchange(dir, name string) error {
	err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, s.Dir(name), unix.RENAME_EXCHANGE)
	if err == nil {
		return removeAll(dir)
	}
	if err := s.discard(name); err != nil {
		return err
	}
	return s.rename(dir, name)
}

// ErrNoAlias says that a directory is an install, or someone's own, and must not
// be turned into an alias.
var ErrNoAlias = errors.New("is not an alias")

func (s Store) buildAlias(dir, word string, v goversion.Version, now time.Time) error {
	version := v.String()
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	if err := os.Symlink("../"+version+"/go", filepath.Join(dir, "go")); err != nil {
		return err
	}
	bin := filepath.Join(s.GOROOT(version), "bin")
	if err := linkCommands(bin, filepath.Join(dir, "bin"), "../../"+version+"/go/bin"); err != nil {
		return err
	}
	m := &Marker{Version: version, Alias: word, Time: now.UTC().Truncate(time.Second)}
	return errors.Join(writeEnvironment(dir, m), m.write(dir))
}
