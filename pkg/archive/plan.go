package archive

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// A plan is what the archive's names have been found to ask for: no name twice,
// no limit passed, each directory made once. One goroutine at a time owns it.
type plan struct {
	dir   string
	opts  Options
	dirs  map[string]bool
	seen  map[string]bool
	files []*File
	bytes int64
}

func newPlan(dir string, opts Options) *plan {
	return &plan{dir: dir, opts: opts.withDefaults(), dirs: map[string]bool{".": true}, seen: map[string]bool{}}
}

// file admits a regular file. It returns nil for a name that is only the prefix.
func (p *plan) file(name string, size int64, mode fs.FileMode) (*File, error) {
	local, err := p.opts.localName(name)
	if err != nil {
		return nil, err
	}
	if local == "" {
		return nil, &UnsafeError{name, "is a file where the archive's directory should be"}
	}
	if p.seen[local] || p.dirs[local] {
		return nil, &UnsafeError{name, "comes twice"}
	}
	p.seen[local] = true
	p.bytes += size
	if size < 0 || p.bytes > p.opts.MaxBytes {
		return nil, &UnsafeError{"", fmt.Sprintf("holds more than %d bytes", p.opts.MaxBytes)}
	}
	if len(p.seen) > p.opts.MaxFiles {
		return nil, &UnsafeError{"", fmt.Sprintf("holds more than %d files", p.opts.MaxFiles)}
	}
	if err := p.mkdir(path.Dir(local), name); err != nil {
		return nil, err
	}
	f := &File{Name: local, Size: size, Mode: p.opts.Mode(local, mode.Perm())}
	p.files = append(p.files, f)
	return f, nil
}

// directory admits a directory entry.
func (p *plan) directory(name string) error {
	local, err := p.opts.localName(name)
	if err != nil || local == "" {
		return err
	}
	return p.mkdir(local, name)
}

func (p *plan) mkdir(local, name string) error {
	if p.dirs[local] {
		return nil
	}
	if p.seen[local] {
		return &UnsafeError{name, "is below a file"}
	}
	if len(p.dirs) > p.opts.MaxFiles {
		return &UnsafeError{"", fmt.Sprintf("holds more than %d directories", p.opts.MaxFiles)}
	}
	if err := p.mkdir(path.Dir(local), name); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(p.dir, local), 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	p.dirs[local] = true
	return nil
}

func (p *plan) result() []File {
	files := make([]File, len(p.files))
	for i, f := range p.files {
		files[i] = *f
	}
	return files
}
