// Package archive unpacks the archives that Go releases come in, and hashes
// each file on the way to the disk.
//
// It does three things at once that are usually done one after the other: it
// decompresses, it hashes and it writes, on all cores and in bounded memory, so
// that a caller who wants to know what it has just unpacked need not read it a
// second time:
//
//	files, err := archive.TarGz(ctx, body, dir, archive.Options{Prefix: "go/"})
//	for _, f := range files {
//		fmt.Printf("%x  %s\n", f.SHA256, f.Name)
//	}
//
// An archive is foreign input. Names that are absolute, that contain "..", or
// that come twice, links, devices and archives that grow past the limits are
// refused with an [*UnsafeError]; no Go release has ever contained one. What is
// not a well-formed archive is a [*CorruptError]. A refused archive leaves its
// files behind: unpack into a directory that you can throw away.
//
// The package does not fetch, does not know what a right hash is, and does not
// fsync: all three belong to its caller.
package archive

import (
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

// Limits that no Go release comes near (the largest, an amd64 1.2x, holds
// 15,000 files and 300 MB) and that a zip bomb exceeds at once.
const (
	DefaultMaxBytes = 1 << 30
	DefaultMaxFiles = 50_000
)

// Options say how to unpack. The zero value unpacks everything as it is named,
// within the default limits.
type Options struct {
	// Prefix is what every name in the archive must begin with ("go/"). It is
	// cut off before the file is written.
	Prefix string
	// Rename, if set, gives the name on disk for a name in the archive, both
	// without the prefix.
	Rename func(name string) string
	// Mode, if set, gives the permissions of a file from its name on disk and
	// its permissions in the archive. By default a file is 0755 if the archive
	// lets anyone execute it and 0644 if not.
	Mode func(name string, inArchive fs.FileMode) fs.FileMode
	// MaxBytes and MaxFiles bound what is written; 0 means the defaults.
	MaxBytes int64
	MaxFiles int
	// Workers is how many files are hashed and written at once; 0 means one a
	// core.
	Workers int
	// Progress, if set, is told from any goroutine how many bytes were written.
	Progress func(n int64)
}

// A File is one regular file that was written.
type File struct {
	Name   string // slash-separated, on disk, relative to the directory
	Size   int64  // bytes
	Mode   fs.FileMode
	SHA256 [32]byte
}

// An UnsafeError is a refusal: the archive holds something that no honest
// archive of a Go release holds.
type UnsafeError struct {
	Name   string // the entry, or "" when the whole archive is refused
	Reason string
}

func (e *UnsafeError) Error() string {
	if e.Name == "" {
		return "unpack: refused: " + e.Reason
	}
	return fmt.Sprintf("unpack: refused %q: %s", e.Name, e.Reason)
}

// A CorruptError says that the bytes are not a well-formed archive.
type CorruptError struct{ Err error }

func (e *CorruptError) Error() string { return "unpack: damaged archive: " + e.Err.Error() }
func (e *CorruptError) Unwrap() error { return e.Err }

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = DefaultMaxFiles
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Rename == nil {
		o.Rename = func(name string) string { return name }
	}
	if o.Mode == nil {
		o.Mode = func(_ string, m fs.FileMode) fs.FileMode {
			if m&0o111 != 0 {
				return 0o755
			}
			return 0o644
		}
	}
	return o
}

// localName turns the name of an entry into the name on disk. It returns "" for
// the prefix itself, which archives may list as a directory.
func (o Options) localName(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, o.Prefix)
	if !ok {
		if name+"/" == o.Prefix {
			return "", nil
		}
		return "", &UnsafeError{name, fmt.Sprintf("does not lie below %q", o.Prefix)}
	}
	rest = strings.TrimSuffix(rest, "/")
	if rest == "" {
		return "", nil
	}
	if err := checkName(rest); err != nil {
		return "", &UnsafeError{name, err.Error()}
	}
	rest = o.Rename(rest)
	if err := checkName(rest); err != nil {
		return "", &UnsafeError{name, err.Error()}
	}
	return rest, nil
}

// checkName accepts what [fs.ValidPath] accepts, less what another system
// would read as a path of its own: Windows drives see installs through 9p.
func checkName(name string) error {
	switch {
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("absolute path")
	case name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, "/../") || strings.HasSuffix(name, "/.."):
		return fmt.Errorf("path leaves the directory")
	case strings.ContainsAny(name, "\\:\x00\r\n"):
		return fmt.Errorf("path has a character that is not portable")
	case !fs.ValidPath(name) || name == "." || path.Clean(name) != name || !utf8.ValidString(name):
		return fmt.Errorf("path is not clean")
	}
	return nil
}
