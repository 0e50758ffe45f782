package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// An AdoptError says why a GOROOT is not taken over: it is not, or cannot be
// shown to be, what the Go project released.
type AdoptError struct {
	GOROOT string
	Reason string
	Err    error // the proof that failed; nil where it did not come to one
}

func (e *AdoptError) Error() string { return "take over " + e.GOROOT + ": " + e.Reason }
func (e *AdoptError) Unwrap() error { return e.Err }

// Adopt makes sure that v is installed, by a copy of a GOROOT that another
// installer made, and reports whether there was anything to do. That GOROOT is
// only read, and the copy shares nothing with it that a change there could reach.
//
// Only the checksum database knows what its files should be, so they are those
// of the module golang.org/toolchain and no others: api, doc, misc and test stay
// behind, as they do in an install from a module proxy, and so does what other
// installers are known to add. A file that was changed, added or removed among
// the rest is an [*AdoptError].
func (i *Installer) Adopt(ctx context.Context, goroot string, v goversion.Version) (*Marker, bool, error) {
	return i.install(ctx, v, func(ctx context.Context, v goversion.Version, to string) (*Marker, []sum, error) {
		return i.fillFrom(ctx, goroot, v, to)
	})
}

// fillFrom leaves a verified copy of goroot in to.
func (i *Installer) fillFrom(ctx context.Context, goroot string, v goversion.Version, to string) (*Marker, []sum, error) {
	if err := checkName(goroot, v); err != nil {
		return nil, nil, err
	}
	module, version := moduleOf(v, i.Platform)
	record, err := i.Log.Lookup(ctx, module, version)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	e := Evidence{Version: v, Archive: goroot, Format: release.Zip, WantH1: record.H1, LogErr: err}
	t := &tree{root: filepath.Clean(goroot)}
	if err == nil { // without an answer there is nothing to hold a copy against
		if err := t.read(v); err != nil {
			return nil, nil, err
		}
		if err := i.copy(ctx, t, to); err != nil {
			return nil, nil, fmt.Errorf("copy %s: %w", goroot, err)
		}
		e.H1 = moduleHash(t.files, modulePrefix(v.String(), i.Platform))
	}
	if _, err := Judge(e); err != nil {
		return nil, nil, explain(e, err)
	}
	return &Marker{
		Version: v.String(), Platform: i.Platform.String(), Source: "adopted", Archive: goroot, H1: e.H1,
		Log:   &LogEntry{Name: record.DB, Record: record.ID, TreeSize: record.TreeSize},
		Notes: t.notes(), Time: i.Time().UTC().Truncate(time.Second),
	}, sums(t.files), nil
}

// checkName holds the first line of goroot's VERSION file against v.
func checkName(goroot string, v goversion.Version) error {
	data, err := os.ReadFile(filepath.Join(goroot, "VERSION"))
	if err != nil {
		return &AdoptError{goroot, "it has no VERSION file that can be read", err}
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if line != "go"+v.String() {
		return &AdoptError{goroot, fmt.Sprintf("its VERSION file says %.40q, not go%s", line, v), nil}
	}
	return nil
}

// explain puts into words what a failed proof means for a GOROOT. That nobody
// could be asked is no word against it.
func explain(e Evidence, err error) error {
	var mismatch *MismatchError
	switch {
	case errors.Is(e.LogErr, checksumdb.ErrNotFound):
		return &AdoptError{e.Archive, "the checksum database does not know this version", err}
	case !errors.As(err, &mismatch):
		return err
	case older(e.Version, logDescribesTarballs):
		return &AdoptError{e.Archive, "nothing proves its files: before Go " + logDescribesTarballs +
			" they may differ from those that the checksum database describes", err}
	}
	return &AdoptError{e.Archive, "files were changed, added or removed since the release", err}
}
