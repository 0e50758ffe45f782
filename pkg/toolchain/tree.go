package toolchain

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"golang.org/x/sync/errgroup"
)

// A tree is a GOROOT on the disk.
type tree struct {
	root   string
	files  []archive.File // of the module; the hashes come with the copy
	size   int64          // of these, bytes
	behind []string       // files and directories that stay behind
}

// read lists what is to be copied.
func (t *tree) read(v goversion.Version) error {
	return filepath.WalkDir(t.root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(file[len(t.root):]), "/")
		switch {
		case name == "" && e.IsDir():
			return nil
		case !inRelease(name, v):
			t.behind = append(t.behind, name)
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return &AdoptError{t.root, fmt.Sprintf("%q is no regular file, and a release has no others", name), nil}
		case path.Base(name) == "_go.mod": // it would hash like the go.mod that it is not
			return &AdoptError{t.root, fmt.Sprintf("%q is in no release", name), nil}
		case len(t.files) == archive.DefaultMaxFiles || t.size > archive.DefaultMaxBytes:
			return &AdoptError{t.root, "it holds far more than a release", nil}
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		t.files = append(t.files, archive.File{Name: name, Size: info.Size(), Mode: releaseMode(name, 0)})
		t.size += info.Size()
		return nil
	})
}

// inRelease reports whether a name below GOROOT can be that of a file of v's
// module, or of a directory with such. To say no is always safe, as the files
// that are left must hash to what the checksum database says. Besides what the
// module lacks, these are known to be others':
//
//   - mise makes bin/ the GOBIN and packages/ the GOPATH of a version
//     (src/plugins/core/go.rs there), and its GOROOT is all of the install;
//   - "go install std" with other flags fills pkg/, of which cmd/distpack packs
//     include/ and tool/ only. Older releases had more in there.
func inRelease(name string, v goversion.Version) bool {
	top, rest, below := strings.Cut(name, "/")
	next, _, _ := strings.Cut(rest, "/")
	switch {
	case !inModule(name+"/") || top == "packages":
		return false
	case top == "bin" && below:
		return rest == "go" || rest == "gofmt" || rest == "godoc" && older(v, "1.13")
	case top == "pkg" && below && !older(v, logDescribesTarballs):
		return next == "include" || next == "tool"
	}
	return true
}

// notes say what the copy lacks.
func (t *tree) notes() []string {
	if len(t.behind) == 0 {
		return nil
	}
	return []string{"not in the release's module, so that nothing proves it, and left behind: " + strings.Join(t.behind, ", ")}
}

// copy copies and hashes the files, on all cores.
func (i *Installer) copy(ctx context.Context, t *tree, to string) error {
	const block = 4096 // which a small file fills in part
	if err := hasRoom(to, t.size+int64(len(t.files))*block); err != nil {
		return err
	}
	add := func(int64) {}
	if i.Progress != nil {
		i.Progress.Start(t.root, t.size)
		defer i.Progress.Finish()
		add = i.Progress.Add
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k := range t.files {
		f := &t.files[k]
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			defer add(f.Size)
			return copyFile(filepath.Join(t.root, f.Name), filepath.Join(to, f.Name), f)
		})
	}
	return group.Wait()
}

// copyFile lets the kernel copy, which on some file systems costs nothing, and
// hashes what has arrived: what is read may change under way.
func copyFile(from, to string, f *archive.File) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, f.Mode)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(out, in)
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(h, out)
	}
	h.Sum(f.SHA256[:0])
	return errors.Join(err, out.Close())
}
