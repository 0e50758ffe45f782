package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A LockedError says that another process kept a lock for longer than we would
// wait.
type LockedError struct {
	What string
	Path string
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("lock %s: another process holds %s", e.What, e.Path)
}

// lockPoll is how often a waiting process looks again. flock(2) could wait by
// itself, but not be cancelled.
const lockPoll = 50 * time.Millisecond

// lock takes the lock file at path and returns the function that gives it back.
// It waits at most timeout, and says so once through waiting. The file stays:
// to remove it would let a third process lock another file of the same name.
func lock(ctx context.Context, path, what string, timeout time.Duration, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock %s: %w", what, err)
	}
	l := flock.New(path)
	ok, err := l.TryLock()
	if err == nil && !ok {
		waiting()
		wait, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ok, err = l.TryLockContext(wait, lockPoll)
	}
	switch {
	case ok:
		return func() { _ = l.Close() }, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil || errors.Is(err, context.DeadlineExceeded):
		return nil, &LockedError{what, path}
	}
	return nil, fmt.Errorf("lock %s: %w", what, err)
}
