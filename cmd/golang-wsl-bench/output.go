package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// checkOutput fails now where a file cannot be written, and not after minutes.
func checkOutput(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &usageError{path + " is a directory", "name a file in it"}
	case err == nil && !info.Mode().IsRegular():
		return nil // a pipe, or a device
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	pending, err := pendingFile(path)
	if err != nil {
		return err
	}
	return pending.Cleanup()
}

func pendingFile(path string) (*renameio.PendingFile, error) {
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return pending, nil
}

// write keeps a set in the format that the name of the file asks for.
func (a *app) write(path string, set *bench.Set) error {
	if path == "" {
		return nil
	}
	format := bench.Write
	if filepath.Ext(path) == ".json" {
		format = bench.WriteJSON
	}
	if path == "-" {
		return format(a.std.out, set)
	}
	return a.writeWhole(path, func(w io.Writer) error { return format(w, set) })
}

// writeWhole writes a file, whole or not at all: one of before stays as it is if this
// one cannot be written.
func (a *app) writeWhole(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeThrough(path, write)
	}
	pending, err := pendingFile(path)
	if err != nil {
		return err
	}
	defer func() { _ = pending.Cleanup() }()
	if err := write(pending); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return pending.CloseAtomicallyReplace()
}

// writeThrough is for what cannot be replaced: a pipe, a device.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
