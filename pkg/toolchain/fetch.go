package toolchain

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// A job is one archive on its way to one GOROOT.
type job struct {
	*Installer
	artifact *release.Artifact
	answer   *answer
	goroot   string
}

// obtained is a verified tree and how it was verified.
type obtained struct {
	artifact *release.Artifact
	evidence Evidence
	record   checksumdb.Record
	notes    []string
	files    []archive.File
}

// obtain tries the cache and then each address, until one has given a verified
// tree. A fault of the line leads to the next address; a mismatch to nowhere.
func (j *job) obtain(ctx context.Context) (*obtained, error) {
	if got, err := j.fromCache(ctx); got != nil || err != nil {
		return got, err
	}
	if len(j.artifact.URLs) == 0 {
		return nil, fmt.Errorf("download %s: no address", j.artifact.Name)
	}
	var failed error
	for _, address := range j.artifact.URLs {
		got, err := j.from(ctx, address)
		if err == nil {
			return got, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failed = errors.Join(failed, err)
		if !isLineFault(err) {
			return nil, err
		}
	}
	return nil, failed
}

func isLineFault(err error) bool {
	var status *download.StatusError
	var line *download.Error
	return errors.As(err, &status) || errors.As(err, &line)
}

// isRefused says that an archive came whole and was not what it should be.
func isRefused(err error) bool {
	var mismatch *MismatchError
	var corrupt *archive.CorruptError
	var unsafe *archive.UnsafeError
	return errors.As(err, &mismatch) || errors.As(err, &corrupt) || errors.As(err, &unsafe)
}

// cachePath is where the archive is in the cache. A zip can only be named by
// what the checksum database says, so that it waits for the answer.
func (j *job) cachePath(ctx context.Context) string {
	h1 := ""
	if j.artifact.SHA256 == "" {
		if record, err := j.answer.wait(ctx); err == nil {
			h1 = record.H1
		}
	}
	return j.Cache.path(j.artifact.Format, j.artifact.SHA256, h1)
}

// fromCache returns nil, nil where the cache has nothing of use. What it has is
// verified like anything else: the disk may have failed it, or someone else.
func (j *job) fromCache(ctx context.Context) (*obtained, error) {
	path := j.cachePath(ctx)
	if path == "" || !exists(path) {
		return nil, ctx.Err()
	}
	got, err := j.unpackFile(ctx, path)
	if isRefused(err) {
		j.say(fmt.Sprintf("%s in the cache is damaged and will be fetched again", j.artifact.Name))
		return nil, os.Remove(path)
	}
	return got, err
}

func (j *job) from(ctx context.Context, address string) (*obtained, error) {
	if u, err := url.Parse(address); err == nil && u.Scheme == "file" {
		return j.unpackFile(ctx, u.Path)
	}
	part := j.Cache.part(j.artifact)
	unlock, err := j.lockPart(ctx, part)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if got, err := j.fromCache(ctx); got != nil || err != nil {
		return got, err // another process put it there while we waited
	}
	got, again, err := j.fromNetwork(ctx, address, part)
	if again {
		got, _, err = j.fromNetwork(ctx, address, part)
	}
	return got, err
}

// lockPart keeps others, of other data directories too, from the same download.
func (j *job) lockPart(ctx context.Context, part string) (unlock func(), err error) {
	return lock(ctx, part+".lock", "download of "+j.artifact.Name, j.lockTimeout(), func() {
		j.say(fmt.Sprintf("waiting for another download of %s", j.artifact.Name))
	})
}

// fromNetwork downloads and unpacks. It says to try again where the fault may
// lie in what an earlier process had left, or in a file that changed under way.
func (j *job) fromNetwork(ctx context.Context, address, part string) (got *obtained, again bool, err error) {
	if err := j.room(part); err != nil {
		return nil, false, err
	}
	body, err := j.Download.Open(ctx, address, part)
	if err != nil {
		return nil, errors.Is(err, download.ErrChanged), err
	}
	defer body.Close()
	if j.Progress != nil {
		j.Progress.Start(j.artifact.Name, body.Size)
		defer j.Progress.Finish()
	}
	if j.artifact.Format == release.TarGz {
		got, err = j.unpackTar(ctx, &watched{body, j.Progress})
	} else {
		got, err = j.spoolZip(ctx, &watched{body, j.Progress}, part)
	}
	switch {
	case err == nil:
		return got, false, j.keep(ctx, part)
	case isLineFault(err) || ctx.Err() != nil:
		return nil, false, err // the part stays, to be resumed
	}
	again = body.Resumed() > 0 || errors.Is(err, download.ErrChanged)
	return nil, again, errors.Join(err, download.Discard(part))
}

// keep moves a verified archive into the cache.
func (j *job) keep(ctx context.Context, part string) error {
	path := j.cachePath(ctx)
	if path == "" {
		return download.Discard(part)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("keep %s: %w", j.artifact.Name, err)
	}
	return download.Discard(part)
}
