package toolchain

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// DefaultAlias is the word that stands for a data directory's own default.
// ~/.tool-versions, which all kinds of Linux share, says "golang-wsl default",
// and each data directory has an alias of that name. It needs no setting of asdf
// and costs nothing at run time; asdf's maintainers have turned down every way
// to move the file itself (asdf-vm/asdf#1248, #1365, #1798).
const DefaultAlias = "default"

// Default is the version that [DefaultAlias] stands for. The error is
// [fs.ErrNotExist] where there is no such alias.
func (s Store) Default() (v goversion.Version, err error) {
	m, err := s.Installed(DefaultAlias)
	if err != nil {
		return v, err
	}
	if m.Alias != DefaultAlias {
		return v, fmt.Errorf("%s: %w", s.Dir(DefaultAlias), ErrNoAlias)
	}
	return goversion.Parse(m.Version)
}

// A DefaultError says that a version was not removed because the default alias
// stands for it. A default that leads nowhere is worse than a version too many:
// asdf would then find no go at all, and not say why (asdf-vm/asdf-nodejs#293).
type DefaultError struct{ Version goversion.Version }

func (e *DefaultError) Error() string {
	return fmt.Sprintf("remove %s: it is the default here", e.Version)
}

// keepDefault is an error if the version called name is the default.
func (s Store) keepDefault(name string) error {
	switch v, err := s.Default(); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrNoAlias), errors.Is(err, ErrForeign):
		return nil
	case err != nil:
		return err
	case v.String() == name:
		return &DefaultError{v}
	}
	return nil
}
