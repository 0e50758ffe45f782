package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// makeTarball makes what cmd/distpack would have made: the files of the module zip
// under go/, with go.mod files called go.mod again, and the directories api, doc,
// misc and test, which the module lacks, from the GOROOT given. gzip -9 as upstream.
// Where there is no such GOROOT the tarball is by so much smaller.
func makeTarball(name, zipPath, module, goroot string) error {
	z, err := zip.OpenReader(zipPath)
	if err != nil {
		return err
	}
	defer z.Close()
	tmp := name + ".tmp"
	f, err := os.Create(tmp)
	if err != nil {
		return err
	}
	defer f.Close()
	gz, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(gz)
	for _, e := range entries(&z.Reader, module, goroot) {
		if err := e.writeTo(tw); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if err := errors.Join(tw.Close(), gz.Close(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// An entry is a file of the tarball and where it comes from.
type entry struct {
	name string // below go/
	mode int64
	size int64
	open func() (io.ReadCloser, error)
}

func entries(z *zip.Reader, module, goroot string) []entry {
	var all []entry
	for _, f := range z.File {
		name := strings.TrimPrefix(f.Name, "golang.org/toolchain@"+module+"/")
		dir, base := path.Split(name)
		if base == "_go.mod" {
			name = dir + "go.mod"
		}
		if !inModuleOnly(name) {
			continue
		}
		mode := int64(0o644)
		if strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
			mode = 0o755
		}
		all = append(all, entry{name, mode, int64(f.UncompressedSize64), f.Open})
	}
	for _, dir := range onlyInTarball {
		all = append(all, tree(goroot, dir)...)
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all
}

func tree(goroot, dir string) []entry {
	var all []entry
	_ = filepath.WalkDir(filepath.Join(goroot, dir), func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // not every GOROOT has all of them
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		name, _ := filepath.Rel(goroot, file)
		open := func() (io.ReadCloser, error) { return os.Open(file) }
		all = append(all, entry{filepath.ToSlash(name), 0o644, info.Size(), open})
		return nil
	})
	return all
}

func (e entry) writeTo(tw *tar.Writer) error {
	err := tw.WriteHeader(&tar.Header{
		Name: "go/" + e.name, Mode: e.mode, Size: e.size,
		ModTime: time.Unix(1767225600, 0),
	})
	if err != nil {
		return err
	}
	r, err := e.open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(tw, r)
	return err
}
