package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

type options struct {
	version, proxies, dir, tarball, goroot string
}

// served is the release, on the disk.
type served struct {
	facts
	platform release.Platform
	known    *release.Known
	proxy    goproxy.Proxy // the real one
	zipPath  string
	module   string // "v0.0.1-go1.27.4.linux-amd64"
}

func prepare(ctx context.Context, opts options) (*served, error) {
	known, err := release.LoadKnown()
	if err != nil {
		return nil, err
	}
	list, err := goproxy.Parse(opts.proxies)
	if err != nil {
		return nil, err
	}
	if len(list.Proxies()) == 0 {
		return nil, errors.New("GOPROXY names no proxy")
	}
	r := &served{known: known, platform: release.Platform{OS: runtime.GOOS, Arch: runtime.GOARCH}, proxy: list.Proxies()[0]}
	client := &goproxy.Client{Proxies: list, Download: download.New(nil)}
	if r.Version = opts.version; r.Version == "" {
		if r.Version, err = r.newest(ctx, client); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(opts.dir, 0o755); err != nil {
		return nil, err
	}
	if err := r.fetchZip(ctx, client, opts.dir); err != nil {
		return nil, err
	}
	return r, r.findTarball(opts)
}

// newest is the newest stable version that a tarball made here may stand for: the
// helper holds every tarball of the versions in its table to the official sum. It
// is not the running Go either, so that cmd/go has something to fetch.
func (r *served) newest(ctx context.Context, client *goproxy.Client) (string, error) {
	lines, err := client.List(ctx)
	if err != nil {
		return "", err
	}
	var versions []goversion.Version
	for _, line := range lines {
		name, goos, goarch, _ := goproxy.ParseModuleVersion(line)
		v, err := goversion.Parse(name)
		if err == nil && goos == r.platform.OS && goarch == r.platform.Arch &&
			v.IsStable() && !r.known.Has(v, r.platform) && "go"+name != runtime.Version() {
			versions = append(versions, v)
		}
	}
	if len(versions) == 0 {
		return "", errors.New("the helper's table knows every version of the proxy: name one with --version, and its tarball with --tarball")
	}
	goversion.Sort(versions)
	return versions[len(versions)-1].String(), nil
}

func (r *served) fetchZip(ctx context.Context, client *goproxy.Client, dir string) error {
	r.module = goproxy.ModuleVersion(r.Version, r.platform.OS, r.platform.Arch)
	r.zipPath = filepath.Join(dir, r.module+".zip")
	r.Zip = r.zipPath
	if _, err := os.Stat(r.zipPath); err != nil {
		url, _, err := client.Zip(ctx, r.module)
		if err != nil {
			return err
		}
		part := r.zipPath + ".part"
		body, err := client.Download.Open(ctx, url, part)
		if err != nil {
			return err
		}
		_, err = io.CopyBuffer(io.Discard, struct{ io.Reader }{body}, make([]byte, 256<<10))
		if err := errors.Join(err, body.Close()); err != nil {
			return err
		}
		if err := errors.Join(os.Rename(part, r.zipPath), download.Discard(part)); err != nil {
			return err
		}
	}
	z, err := zip.OpenReader(r.zipPath)
	if err != nil {
		return err
	}
	defer z.Close()
	r.ZipFiles = len(z.File)
	r.ZipBytes, err = size(r.zipPath)
	return err
}

// findTarball takes the tarball that was given, or makes one, and describes it.
func (r *served) findTarball(opts options) error {
	r.Tarball = fmt.Sprintf("go%s.%s.tar.gz", r.Version, r.platform.Archive())
	r.TarballPath = opts.tarball
	if r.TarballPath == "" {
		v, err := goversion.Parse(r.Version)
		if err != nil {
			return err
		}
		if r.known.Has(v, r.platform) {
			return fmt.Errorf("the helper's table knows the sum of %s, which no other tarball has: name the released one with --tarball", r.Tarball)
		}
		r.TarballMade = true
		r.TarballPath = filepath.Join(opts.dir, r.Tarball)
		if _, err := os.Stat(r.TarballPath); err != nil {
			if err := makeTarball(r.TarballPath, r.zipPath, r.module, opts.goroot); err != nil {
				return fmt.Errorf("make %s: %w", r.Tarball, err)
			}
		}
	}
	return r.describeTarball()
}

func (r *served) describeTarball() (err error) {
	f, err := os.Open(r.TarballPath)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	zr, err := gzip.NewReader(io.TeeReader(f, h))
	if err != nil {
		return err
	}
	tr := tar.NewReader(zr)
	for {
		hdr, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if hdr.Typeflag == tar.TypeReg {
			r.TarballFiles++
			r.UnpackedBytes += hdr.Size
		}
	}
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	r.SHA256 = hex.EncodeToString(h.Sum(nil))
	r.TarballBytes, err = size(r.TarballPath)
	return err
}

func size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// onlyInTarball are the directories that modules lack (cmd/distpack, pack.go).
var onlyInTarball = []string{"api", "doc", "misc", "test"}

func inModuleOnly(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return !slices.Contains(onlyInTarball, top)
}
