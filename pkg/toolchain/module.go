package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"golang.org/x/mod/sumdb/dirhash"
)

// Module fetches the module zip of v into the cache, verified against the
// checksum database, and returns its path. Nothing is unpacked; it is for those
// who carry toolchains to another machine.
func (i *Installer) Module(ctx context.Context, v goversion.Version) (path string, err error) {
	module, version := moduleOf(v, i.Platform)
	record, err := i.Log.Lookup(ctx, module, version)
	if err != nil {
		return "", err
	}
	path = i.Cache.path(release.Zip, "", record.H1)
	if exists(path) && checkZip(path, version+".zip", record.H1) == nil {
		return path, nil
	}
	artifact, err := i.Source.Find(ctx, v, i.Platform)
	if err != nil {
		return "", err
	}
	if artifact.Format != release.Zip {
		return "", fmt.Errorf("fetch module of %s: %s has no modules", v, artifact.Source)
	}
	var failed error
	for _, address := range artifact.URLs {
		err := i.fetchZip(ctx, artifact, address, path, record.H1)
		if err == nil || !isLineFault(err) {
			return path, err
		}
		failed = errors.Join(failed, err)
	}
	return "", failed
}

func (i *Installer) fetchZip(ctx context.Context, a *release.Artifact, address, path, h1 string) error {
	j := &job{Installer: i, artifact: a}
	part := i.Cache.part(a)
	unlock, err := j.lockPart(ctx, part)
	if err != nil {
		return err
	}
	defer unlock()
	body, err := i.Download.Open(ctx, address, part)
	if err != nil {
		return err
	}
	defer body.Close()
	if i.Progress != nil {
		i.Progress.Start(a.Name, body.Size)
		defer i.Progress.Finish()
	}
	ahead := readAhead(ctx, &watched{body, i.Progress})
	defer ahead.Stop()
	if _, err := io.Copy(io.Discard, ahead); err != nil {
		return err
	}
	if err := checkZip(part, a.Name, h1); err != nil {
		return errors.Join(err, download.Discard(part))
	}
	return errors.Join(os.Rename(part, path), download.Discard(part))
}

func checkZip(path, name, h1 string) error {
	got, err := dirhash.HashZip(path, dirhash.Hash1)
	if err != nil {
		return &archive.CorruptError{Err: fmt.Errorf("%s: %w", name, err)}
	}
	if got != h1 {
		return &MismatchError{name, "h1 of the files", "the checksum database", h1, got}
	}
	return nil
}
