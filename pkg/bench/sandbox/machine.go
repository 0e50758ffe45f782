package sandbox

import (
	"context"
	"errors"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Machine is what Open looks at and changes. The zero value is this one; tests
// describe others.
type Machine struct {
	Files Files
	// Connect reaches the manager of the system or, for user, that of the user.
	Connect func(ctx context.Context, user bool) (Systemd, error)
	UID     func() int // who asks; nil is the effective user of this process
}

// Files are control files, and what else of the system the ladder reads.
type Files interface {
	Read(name string) (string, error)
	// Write writes into a file that is there, and makes none: where a control file is
	// missing, open(2) with O_CREAT would say EACCES.
	Write(name, text string) error
	Writable(name string) error // why it cannot be written to; nil where it can
	Mkdir(name string) error
	Rmdir(name string) error
	Dirs(name string) ([]string, error) // names of the directories in one
	Unified(name string) bool           // whether a hierarchy of version 2 is mounted there
}

// machine is a Machine of which nothing is nil.
type machine struct {
	cgroups
	connect func(ctx context.Context, user bool) (Systemd, error)
	uid     int
	pid     int
}

func (m Machine) open() *machine {
	in := &machine{cgroups{m.Files}, m.Connect, os.Geteuid(), os.Getpid()}
	if in.Files == nil {
		in.Files = disk{}
	}
	if m.UID != nil {
		in.uid = m.UID()
	}
	if in.connect == nil {
		in.connect = func(ctx context.Context, user bool) (Systemd, error) { return connect(ctx, in.uid, user) }
	}
	return in
}

// disk is the file system of this machine.
type disk struct{}

func (disk) Read(name string) (string, error) {
	text, err := os.ReadFile(name)
	return string(text), err
}

func (disk) Write(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func (disk) Writable(name string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS); err != nil {
		return &os.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

func (disk) Mkdir(name string) error { return os.Mkdir(name, 0o755) }

func (disk) Rmdir(name string) error {
	if err := unix.Rmdir(name); err != nil {
		return &os.PathError{Op: "rmdir", Path: name, Err: err}
	}
	return nil
}

func (disk) Dirs(name string) (dirs []string, err error) {
	entries, err := os.ReadDir(name)
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, entry.Name())
		}
	}
	return dirs, err
}

func (disk) Unified(name string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(name, &st) == nil && uint32(st.Type) == unix.CGROUP2_SUPER_MAGIC
}

// cgroups reads and writes control groups, by their directories.
type cgroups struct{ Files }

// number is a file of one number. "max" is an error.
func (c cgroups) number(dir, name string) (int64, error) {
	text, err := c.Read(path.Join(dir, name))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
}

// table is a file of lines with a name and a number.
func (c cgroups) table(dir, name string) (map[string]int64, error) {
	text, err := c.Read(path.Join(dir, name))
	if err != nil {
		return nil, err
	}
	values := make(map[string]int64)
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) == 2 {
			if n, err := strconv.ParseInt(words[1], 10, 64); err == nil {
				values[words[0]] = n
			}
		}
	}
	return values, nil
}
