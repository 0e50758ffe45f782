package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

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

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
