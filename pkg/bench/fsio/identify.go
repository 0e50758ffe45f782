package fsio

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A FileSystem is what a directory is on.
type FileSystem struct {
	Dir   string    // absolute, without links
	Mount wsl.Mount // by mountinfo; its Type is "" where the directory is on no mount, as in a chroot
	Magic uint32    // f_type of statfs(2)
	Free  uint64    // bytes that a user other than root may still write
}

// magics are the numbers of statfs(2) that a Go developer meets. FUSE is also what
// virtiofs answers, ext4 what ext2 does.
var magics = map[uint32]string{
	unix.EXT4_SUPER_MAGIC:      "ext4",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.V9FS_MAGIC:            "9p",
	0x65735546:                 "fuse",
	unix.OVERLAYFS_SUPER_MAGIC: "overlay",
	unix.BTRFS_SUPER_MAGIC:     "btrfs",
	unix.XFS_SUPER_MAGIC:       "xfs",
	unix.F2FS_SUPER_MAGIC:      "f2fs",
	unix.MSDOS_SUPER_MAGIC:     "vfat",
	unix.NFS_SUPER_MAGIC:       "nfs",
	0x2fc12fc1:                 "zfs",
	0xff534d42:                 "cifs",
	0xfe534d42:                 "smb2",
	0x53464846:                 "wslfs", // lxfs as well
}

// Identify finds out what a directory is on. It waits for as long as the file
// system does.
func Identify(dir string) (FileSystem, error) {
	f := FileSystem{}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return f, err
	}
	if f.Dir, err = filepath.EvalSymlinks(abs); err != nil {
		return f, err
	}
	var st unix.Statfs_t
	if err := unix.Statfs(f.Dir, &st); err != nil {
		return f, &fs.PathError{Op: "statfs", Path: f.Dir, Err: err}
	}
	f.Magic, f.Free = uint32(st.Type), st.Bavail*uint64(max(st.Frsize, st.Bsize))
	// The thread's own: a thread may have left the mounts of its process.
	text, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		text, err = os.ReadFile("/proc/self/mountinfo")
	}
	if err != nil {
		return f, err
	}
	f.Mount, _ = wsl.ParseMounts(string(text)).At(f.Dir)
	return f, nil
}

// Type is the name of the file system: by the mount, and by its number where no
// mount says it.
func (f FileSystem) Type() string {
	if f.Mount.Type != "" {
		return f.Mount.Type
	}
	if name, ok := magics[f.Magic]; ok {
		return name
	}
	return fmt.Sprintf("0x%x", f.Magic)
}

// keys are the facts about the file system of a place.
func (f FileSystem) keys(letter string) []bench.Key {
	said := []bench.Key{
		{Name: "", Value: f.Type()},
		{Name: "-options", Value: f.Mount.Options},
		{Name: "-source", Value: f.Mount.Source},
		{Name: "-magic", Value: strings.TrimSpace(fmt.Sprintf("0x%x %s", f.Magic, magics[f.Magic]))},
		{Name: "-windows", Value: strconv.FormatBool(f.Mount.Windows)},
		{Name: "-free", Value: fmt.Sprintf("%d MiB", f.Free>>20)},
	}
	for i, k := range said {
		said[i] = key(letter, k.Name, k.Value)
	}
	return said
}

// key is a fact about a place. Lines of Docker Desktop have blanks in their options.
func key(letter, name, value string) bench.Key {
	if value = strings.Join(strings.Fields(value), " "); value == "" {
		value = bench.Absent
	}
	return bench.Key{Name: "fs-" + letter + name, Value: value}
}
