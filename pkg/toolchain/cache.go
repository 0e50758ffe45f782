package toolchain

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// A Cache keeps the archives that were verified, named by the digest that they
// were verified against, so that no install downloads what another one had. It
// belongs to the user, not to a data directory: WSL1 and WSL2 may share it.
type Cache struct{ Dir string }

// A CachedArchive is an archive in the cache.
type CachedArchive struct {
	Name string    `json:"name"` // "sha256-….tar.gz" or "h1-….zip"
	Size int64     `json:"size"` // bytes
	Time time.Time `json:"time"` // when it was put there
}

// path is where the archive with these digests is, or would be; "" when nothing
// is known that it could be named by.
func (c Cache) path(format release.Format, sha256, h1 string) string {
	name := ""
	switch {
	case sha256 != "":
		name = "sha256-" + sha256
	case h1 != "":
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h1, "h1:"))
		if err != nil || len(sum) != 32 {
			return ""
		}
		name = "h1-" + hex.EncodeToString(sum)
	default:
		return ""
	}
	if format == release.Zip {
		return filepath.Join(c.Dir, name+".zip")
	}
	return filepath.Join(c.Dir, name+".tar.gz")
}

// hasZip reports whether there is any module in the cache.
func (c Cache) hasZip() bool {
	found, err := filepath.Glob(filepath.Join(c.Dir, "h1-*.zip"))
	return err == nil && len(found) > 0
}

// part is where a download in the making is kept, to be resumed.
func (c Cache) part(a *release.Artifact) string {
	return filepath.Join(c.Dir, "partial", a.Name)
}

// List returns the archives in the cache.
func (c Cache) List() ([]CachedArchive, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var archives []CachedArchive
	for _, e := range entries {
		if info, ierr := e.Info(); ierr == nil && info.Mode().IsRegular() {
			archives = append(archives, CachedArchive{e.Name(), info.Size(), info.ModTime()})
		}
	}
	return archives, err
}

// Clean removes all archives and unfinished downloads and returns how many
// bytes that freed.
func (c Cache) Clean() (freed int64, err error) {
	err = filepath.WalkDir(c.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		if info, err := e.Info(); err == nil {
			freed += info.Size()
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return freed, errors.Join(err, os.RemoveAll(c.Dir))
}
