package shell

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"
)

// An Edit is a change to one file that is planned, for a dry run to show, and
// not yet done.
type Edit struct {
	Name     string // the file, as the caller calls it
	Target   string // the file itself, behind symbolic links
	Old, New []byte
	Create   bool   // there is no file yet
	Delete   bool   // there will be none: only setup has written to it
	Backup   string // where Old is kept, or ""
	Expired  string // a backup that is not needed any more, or ""
	Kept     string // a backup that differs from what undo restores, or ""

	info fs.FileInfo // of the target; nil if there is none
}

// BackupSuffix makes the name of a backup, which lies beside the target.
const BackupSuffix = ".golang-wsl.bak"

// PlanInsert plans what [Insert] does, for the file called name. Before the
// first change a backup is kept; a file that has a block already is no such
// original any more.
func PlanInsert(name, lines string) (*Edit, error) {
	e, err := openEdit(name)
	if err != nil {
		return nil, err
	}
	e.New = Insert(e.Old, lines, e.Create)
	if !e.Create && !HasBlock(e.Old) {
		e.Backup = e.Target + BackupSuffix
	}
	return e, nil
}

// PlanRemove plans what [Remove] does, for the file called name. The file goes
// if setup has made it and nothing else is in it, and so does a backup that is
// the same as the file.
func PlanRemove(name string) (*Edit, error) {
	e, err := openEdit(name)
	if err != nil {
		return nil, err
	}
	rest, created := Remove(e.Old)
	e.New, e.Delete = rest, created && len(rest) == 0
	backup := e.Target + BackupSuffix
	switch data, err := os.ReadFile(backup); {
	case err != nil:
	case !e.Create && bytes.Equal(data, rest):
		e.Expired = backup
	default:
		e.Kept = backup
	}
	return e, nil
}

// PlanWrite plans that the file called name has this content and no other.
func PlanWrite(name string, content []byte) (*Edit, error) {
	e, err := openEdit(name)
	if err != nil {
		return nil, err
	}
	e.New = content
	return e, nil
}

// Changes reports whether there is anything to do.
func (e *Edit) Changes() bool {
	return e.Delete || e.Expired != "" || !bytes.Equal(e.Old, e.New)
}

// Apply does what was planned. The file is replaced in one step, so that at any
// moment it is the old one or the new one, and keeps its mode and its owner. A
// file that needs no change is not touched.
func (e *Edit) Apply() error {
	if err := e.apply(); err != nil {
		return fmt.Errorf("edit %s: %w", e.Name, err)
	}
	return nil
}

func (e *Edit) apply() error {
	switch {
	case e.Delete:
		if err := os.Remove(e.Target); err != nil {
			return err
		}
	case !bytes.Equal(e.Old, e.New):
		if err := e.write(); err != nil {
			return err
		}
	}
	if e.Expired != "" {
		return os.Remove(e.Expired)
	}
	return nil
}

func (e *Edit) write() error {
	if e.Create {
		// Behind a link nothing is made but the file: what is missing there may be
		// a disk that is not mounted.
		if e.Target == filepath.Clean(e.Name) {
			if err := os.MkdirAll(filepath.Dir(e.Target), 0o755); err != nil {
				return err
			}
		}
		return e.replace(e.Target, e.New)
	}
	if err := writable(e.Target); err != nil {
		return err
	}
	if e.Backup != "" {
		if err := e.replace(e.Backup, e.Old); err != nil {
			return fmt.Errorf("keep a backup: %w", err)
		}
	}
	return e.replace(e.Target, e.New)
}

// writable respects a file that is read-only: the rename alone would not.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// replace writes beside path and renames, with the mode and the owner of the
// target.
func (e *Edit) replace(path string, content []byte) error {
	mode := renameio.WithPermissions(0o644)
	if e.info != nil {
		mode = renameio.WithStaticPermissions(e.info.Mode().Perm())
	}
	f, err := renameio.NewPendingFile(path, mode, renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := keepOwner(f.File, e.info); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// keepOwner matters to root, who edits in another's home.
func keepOwner(f *os.File, old fs.FileInfo) error {
	if old == nil {
		return nil
	}
	now, err := f.Stat()
	if err != nil {
		return err
	}
	was, is := old.Sys().(*syscall.Stat_t), now.Sys().(*syscall.Stat_t)
	if was.Uid == is.Uid && was.Gid == is.Gid {
		return nil
	}
	if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil {
		return err
	}
	return f.Chmod(old.Mode().Perm()) // which chown may clear bits of
}

func openEdit(name string) (*Edit, error) {
	e := &Edit{Name: name}
	if err := e.open(); err != nil {
		return nil, fmt.Errorf("edit %s: %w", name, err)
	}
	return e, nil
}

func (e *Edit) open() (err error) {
	if e.Target, err = followLinks(e.Name); err != nil {
		return err
	}
	e.info, err = os.Stat(e.Target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Create = true
		return nil
	case err != nil:
		return err
	case e.info.IsDir():
		return &fs.PathError{Op: "read", Path: e.Target, Err: syscall.EISDIR}
	case !e.info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", e.Target)
	}
	e.Old, err = os.ReadFile(e.Target)
	return err
}

// followLinks is where the links at name lead, though the last of them may
// dangle. ".." in a link is meant from the directory that the link is in, which
// may be behind a link itself.
func followLinks(name string) (string, error) {
	for range 40 { // as many as Linux follows
		dir, base := filepath.Split(name)
		real, err := filepath.EvalSymlinks(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return filepath.Clean(name), nil
		}
		if err != nil {
			return "", err
		}
		name = filepath.Join(real, base)
		link, err := os.Readlink(name)
		if err != nil { // no link, or nothing at all
			return name, nil
		}
		if name = link; !filepath.IsAbs(link) {
			name = real + "/" + link
		}
		name = strings.TrimRight(name, "/")
	}
	return "", &fs.PathError{Op: "open", Path: name, Err: syscall.ELOOP}
}

// Block is the first block in what the file will be, or "".
func (e *Edit) Block() string {
	for _, b := range blocks(e.New) {
		return string(e.New[b.start:b.end])
	}
	return ""
}
