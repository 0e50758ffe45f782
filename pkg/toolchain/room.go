package toolchain

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/scratch"
)

// A SpaceError says that an install would not fit.
type SpaceError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("install into %s: needs about %d MB and has %d MB free", e.Dir, e.Need>>20, e.Free>>20)
}

// Unwrap makes errors.Is(err, unix.ENOSPC) true, as it is where the disk fills up
// under way.
func (e *SpaceError) Unwrap() error { return unix.ENOSPC }

// growth is how much larger a release is on the disk than its archive: 3.5 for
// go1.26.8, and blocks are not filled to the end.
const growth = 4

// room checks that archive and tree fit, before either is begun.
func (j *job) room(part string) error {
	size := j.artifact.Size
	if size <= 0 {
		return nil // nobody said how large it is; a full disk is an error in time
	}
	if info, err := os.Stat(part); err == nil {
		size -= min(size, info.Size())
	}
	if err := hasRoom(filepath.Dir(part), size); err != nil {
		return err
	}
	return hasRoom(filepath.Dir(j.goroot), j.artifact.Size*growth)
}

func hasRoom(dir string, need int64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	free, _, err := scratch.Free(dir)
	if err == nil && free < uint64(need) {
		return &SpaceError{dir, need, int64(free)}
	}
	return nil // a file system that cannot tell may still have room
}
