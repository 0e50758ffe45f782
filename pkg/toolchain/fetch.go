package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

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

// unpackFile unpacks an archive that is on the disk.
func (j *job) unpackFile(ctx context.Context, path string) (*obtained, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if j.artifact.Format == release.TarGz {
		return j.unpackTar(ctx, f)
	}
	return j.unpackZip(ctx, f, "")
}

// unpackTar hashes, decompresses, hashes again and writes while r is read.
func (j *job) unpackTar(ctx context.Context, r io.Reader) (*obtained, error) {
	if err := j.clear(); err != nil {
		return nil, err
	}
	h := sha256.New()
	ahead := readAhead(ctx, io.TeeReader(r, h)) // the other core inflates
	defer ahead.Stop()
	files, err := archive.TarGz(ctx, ahead, j.goroot, archive.Options{Prefix: "go/"})
	if ctx.Err() != nil { // perhaps only now, after all was well
		return nil, context.Cause(ctx)
	}
	var write *os.PathError
	if errors.As(err, &write) {
		return nil, err
	}
	// Whatever is wrong with the archive, its sha256 says it better.
	if _, derr := io.Copy(io.Discard, ahead); derr != nil {
		return nil, derr
	}
	return j.judge(ctx, files, hexSum(h), err)
}

// spoolZip downloads a zip, whose table of contents is at its end, and unpacks it.
func (j *job) spoolZip(ctx context.Context, r io.Reader, part string) (*obtained, error) {
	h := sha256.New()
	ahead := readAhead(ctx, r)
	defer ahead.Stop()
	if _, err := io.Copy(h, ahead); err != nil {
		return nil, err
	}
	f, err := os.Open(part)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return j.unpackZip(ctx, f, hexSum(h))
}

func (j *job) unpackZip(ctx context.Context, f *os.File, sum string) (*obtained, error) {
	if err := j.clear(); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	files, err := archive.Zip(ctx, f, info.Size(), j.goroot, archive.Options{
		Prefix: modulePrefix(j.artifact.Version.String(), j.Platform), Rename: fileName, Mode: releaseMode,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.artifact.Name, err)
	}
	return j.judge(ctx, files, sum, nil)
}

// clear makes goroot an empty directory, whatever an earlier try left there.
func (j *job) clear() error {
	return errors.Join(os.RemoveAll(j.goroot), os.MkdirAll(j.goroot, 0o755))
}

// judge holds a tree against what is known about it. A tree that could not be
// unpacked has unpackErr and can only be blamed on its bytes.
func (j *job) judge(ctx context.Context, files []archive.File, sum string, unpackErr error) (*obtained, error) {
	e := Evidence{
		Version: j.artifact.Version, Archive: j.artifact.Name, Format: j.artifact.Format,
		SHA256: sum, WantSHA256: j.artifact.SHA256,
	}
	if unpackErr != nil {
		if e.WantSHA256 != "" && e.SHA256 != e.WantSHA256 {
			return nil, &MismatchError{e.Archive, "sha256 of the bytes", "the official list", e.WantSHA256, e.SHA256}
		}
		return nil, fmt.Errorf("%s: %w", j.artifact.Name, unpackErr)
	}
	record, err := j.answer.wait(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	e.WantH1, e.LogErr = record.H1, err
	prefix := modulePrefix(e.Version.String(), j.Platform)
	e.H1 = moduleHash(moduleFiles(files, e.Format), prefix)
	notes, err := Judge(e)
	if err != nil {
		return nil, err
	}
	if !exists(filepath.Join(j.goroot, "bin", "go")) {
		return nil, &archive.CorruptError{Err: fmt.Errorf("%s has no bin/go", j.artifact.Name)}
	}
	return &obtained{j.artifact, e, record, notes, files}, nil
}

func hexSum(h hash.Hash) string { return strings.ToLower(hex.EncodeToString(h.Sum(nil))) }
