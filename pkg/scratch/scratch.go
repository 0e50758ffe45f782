// Package scratch finds out what a directory really does, by trying: the options
// of a mount tell what somebody has asked for, and nothing of what comes of it.
//
//	stick, err := scratch.Modes(ctx, dir)     // chmod has an effect
//	folds, err := scratch.FoldsCase(ctx, dir) // a and A are one file
//	err := scratch.Writes(ctx, dir)           // a file can be made
//	bytes, files, err := scratch.Free(dir)    // what a user may still write
//	took, err := scratch.Miss(ctx, dir)       // what a look for nothing takes
//
// On a Windows drive of WSL that is mounted without metadata, each file has mode
// 0777 whatever chmod says, and chmod says that it went well (microsoft/WSL#81).
//
// An error means that it could not be tried, as in a directory of somebody else or
// on a full disk, and is no verdict. Where it could, a file was there for a moment.
// Its name begins with [Prefix], and it is removed before the function returns,
// also if the context has ended. Only a process that is killed leaves one.
package scratch

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Prefix begins the names of all files that are made here.
const Prefix = ".golang-wsl-scratch-"

// Modes reports whether a file in dir has the mode that it is given. A file system
// that refuses to change modes is one where they do not stick.
func Modes(ctx context.Context, dir string) (stick bool, err error) {
	name, err := create(ctx, dir, "*", "")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, remove(name)) }()
	for _, mode := range []fs.FileMode{0o600, 0o755, 0o444, 0o644} {
		if err := os.Chmod(name, mode); refused(err) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		info, err := os.Lstat(name)
		if err != nil || info.Mode().Perm() != mode {
			return false, err
		}
	}
	return true, nil
}

// refused reports whether chmod(2) failed for what the file system is. The file is
// one's own, so that a lack of permission is that, too.
func refused(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported)
}

// FoldsCase reports whether two names in dir that differ by case alone are one
// file. A directory above or below it may do otherwise: Windows, ext4 and tmpfs
// have that for each directory.
func FoldsCase(ctx context.Context, dir string) (folds bool, err error) {
	name, err := create(ctx, dir, "*-a", "")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, remove(name)) }()
	_, err = os.Lstat(name[:len(name)-1] + "A")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Writes makes a file in dir, with a byte in it, and takes it away. The error is that
// of the system: [fs.ErrPermission] in a directory of somebody else, EROFS where the
// file system is read-only.
func Writes(ctx context.Context, dir string) error {
	name, err := create(ctx, dir, "*", "\n")
	if err != nil {
		return err
	}
	return remove(name)
}

// Program writes a program in dir that a shell runs and that does nothing. Whether
// it can be started there, the caller may try, until remove is called.
func Program(ctx context.Context, dir string) (name string, done func() error, err error) {
	name, err = create(ctx, dir, "*.sh", "#!/bin/sh\nexit 0\n")
	if err != nil {
		return "", nil, err
	}
	if err := os.Chmod(name, 0o700); err != nil && !refused(err) {
		return "", nil, errors.Join(err, remove(name))
	}
	return name, func() error { return remove(name) }, nil
}

// create makes a file whose name nobody else has. What is in it has reached the
// file system: some of them find out late that they are full.
func create(ctx context.Context, dir, pattern, text string) (name string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, Prefix+pattern)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, remove(file.Name()))
	}
	return file.Name(), nil
}

// remove makes the file writable before: Windows takes mode 0444 for its flag
// "read-only", and does not remove such files.
func remove(name string) error {
	_ = os.Chmod(name, 0o600)
	return os.Remove(name)
}
