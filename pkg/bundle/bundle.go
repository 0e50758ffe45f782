package bundle

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

const (
	modules    = goproxy.ModulePath + "/@v/"
	sumDB      = "sumdb/"
	markerName = "golang-wsl-bundle"
	markerText = "golang-wsl bundle 1\nThe small files come before the zips.\n"
)

// Bundle is an opened bundle. It is a release.Source.
type Bundle struct {
	path string   // as it was given
	dir  string   // absolute; the bundle, or what was unpacked of it
	has  []string // module versions: "v0.0.1-go1.22.5.linux-amd64"

	mu     sync.Mutex // held while a zip is unpacked
	packed bool       // the zips are still in the archive at path
}

// Open opens the bundle at path. What is needed of an archive is unpacked into a
// new directory below tmp; the caller removes tmp when the artifacts are no
// longer needed.
//
// Open unpacks all but the zips; of an archive that Write made it does not even
// read them. Find unpacks the one that it is asked for.
func Open(ctx context.Context, path, tmp string) (*Bundle, error) {
	b, err := open(ctx, path, tmp)
	if err != nil {
		return nil, fmt.Errorf("open bundle %s: %w", path, err)
	}
	if len(b.has) == 0 {
		return nil, fmt.Errorf("open bundle %s: there is no toolchain in it, at %s", path, modules)
	}
	return b, nil
}

func open(ctx context.Context, path, tmp string) (*Bundle, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	b := &Bundle{path: path, packed: !info.IsDir()}
	if !b.packed {
		if b.dir, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		return b, b.readDir()
	}
	if tmp, err = filepath.Abs(tmp); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(tmp, "bundle-"); err != nil {
		return nil, err
	}
	return b, b.unpackSmall(ctx)
}

// readDir looks for the zips themselves, because a list that was written by hand
// may promise more than there is.
func (b *Bundle) readDir() error {
	entries, err := os.ReadDir(filepath.Join(b.dir, filepath.FromSlash(modules)))
	if err != nil {
		return err
	}
	for _, e := range entries {
		b.add(e.Name())
	}
	return nil
}

// add takes note of a file below modules.
func (b *Bundle) add(name string) {
	version, ok := strings.CutSuffix(name, ".zip")
	if !ok {
		return
	}
	if _, _, _, ok := goproxy.ParseModuleVersion(version); ok {
		b.has = append(b.has, version)
	}
}

// Name implements release.Source.
func (b *Bundle) Name() string { return "bundle" }

// List implements release.Source.
func (b *Bundle) List(_ context.Context, p release.Platform) ([]goversion.Version, error) {
	var vs []goversion.Version
	for _, version := range b.has {
		name, goos, goarch, _ := goproxy.ParseModuleVersion(version)
		v, err := goversion.Parse(name)
		if err == nil && v.String() == name && goos == p.OS && goarch == p.Arch {
			vs = append(vs, v)
		}
	}
	goversion.Sort(vs)
	return vs, nil
}

// Find implements release.Source. The artifact is on disk when it returns.
func (b *Bundle) Find(ctx context.Context, v goversion.Version, p release.Platform) (*release.Artifact, error) {
	version := goproxy.ModuleVersion(v.String(), p.OS, p.Arch)
	if !slices.Contains(b.has, version) {
		return nil, &release.NotFoundError{Version: v, Platform: p, Source: b.Name()}
	}
	name := version + ".zip"
	file := filepath.Join(b.dir, filepath.FromSlash(modules+name))
	if b.packed {
		if err := b.unpackZip(ctx, name, file); err != nil {
			return nil, fmt.Errorf("unpack %s of bundle %s: %w", name, b.path, err)
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("find go %s in bundle %s: %w", v, b.path, err)
	}
	a := &release.Artifact{
		Version: v, Platform: p, Source: b.Name(), Format: release.Zip,
		Name: name, URLs: []string{fileURL(file)}, Size: info.Size(),
	}
	if _, err := os.Stat(filepath.Join(b.dir, sumDB)); err == nil {
		a.SumDB = fileURL(b.dir)
	}
	return a, nil
}

// fileURL is the URL of an absolute path, fit to be an entry of GOPROXY, where a
// comma would end it (a bar is escaped anyhow).
func fileURL(path string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	return strings.ReplaceAll(u.String(), ",", "%2C")
}
