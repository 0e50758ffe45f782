package checksumdb

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
	"golang.org/x/mod/sumdb"
)

// A state is the directory in which the databases are remembered. Names are those
// that sumdb.Client uses: "sum.golang.org/latest", "sum.golang.org/tile/8/0/001".
type state struct{ dir string }

func (db *DB) state() state { return state{db.opts.CacheDir} }

func (s state) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s state) read(name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("read %q: not below the cache directory", name)
	}
	return os.ReadFile(s.path(name))
}

// write replaces a file whole, so that readers need no lock.
func (s state) write(name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("write %q: not below the cache directory", name)
	}
	target := s.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(target, data, 0o644, renameio.WithTempDir(filepath.Dir(target)))
}

// swap replaces old by new under a lock, or says sumdb.ErrWriteConflict if another
// process was faster; the client then merges the two heads and tries again.
func (s state) swap(ctx context.Context, name string, old, new []byte) error {
	target := s.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	lock := flock.New(target+".lock", flock.SetPermissions(0o644))
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	defer func() { _ = lock.Close() }()
	data, err := s.read(name)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if !bytes.Equal(data, old) {
		return sumdb.ErrWriteConflict
	}
	return s.write(name, new)
}
