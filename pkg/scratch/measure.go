package scratch

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Free is how many bytes, and how many more files, a user other than root may
// still write where dir is. What a file system does not count it has room for
// [math.MaxUint64] of: files on btrfs, bytes on a tmpfs of no size.
func Free(dir string) (bytes, files uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	// The fragment is the unit, as df(1) has it; it is 0 where the kernel is old.
	unit := uint64(st.Frsize)
	if unit == 0 {
		unit = uint64(st.Bsize)
	}
	bytes, files = st.Bavail*unit, st.Ffree
	if st.Blocks == 0 {
		bytes = math.MaxUint64
	}
	if st.Files == 0 {
		files = math.MaxUint64
	}
	return bytes, files, nil
}

// Miss is the median time of a look-up in dir of a name that is not there, as a
// shell makes one in each directory of PATH for a command that it does not find.
// Each name is new: the kernel remembers those that it has asked for. There are 15
// look-ups, or fewer once they have taken 200 ms together.
func Miss(ctx context.Context, dir string) (time.Duration, error) {
	const lookups, enough = 15, 200 * time.Millisecond
	var took []time.Duration
	for begin := time.Now(); len(took) < lookups && (len(took) == 0 || time.Since(begin) < enough); {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		name := filepath.Join(dir, Prefix+strconv.FormatUint(rand.Uint64(), 36))
		start := time.Now()
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
