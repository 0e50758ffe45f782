package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// A Log is the checksum database, or what stands in for it offline.
// [*checksumdb.DB] is one.
type Log interface {
	Lookup(ctx context.Context, path, version string) (checksumdb.Record, error)
}

// Progress is told about long work. Add may be called from any goroutine.
type Progress interface {
	Start(label string, total int64) // total in bytes, -1 when unknown
	Add(n int64)
	Finish()
}

// An Installer installs toolchains for one platform into one store.
type Installer struct {
	Store    Store
	Platform release.Platform
	Source   release.Source
	Log      Log
	// AskLate says not to ask Log before Source has an archive that does not
	// bring a database of its own along.
	AskLate bool
	// OpenLog opens the checksum database that a bundle brings along, given
	// [release.Artifact.SumDB].
	OpenLog  func(sumdb string) (Log, error)
	Download *download.Client
	Cache    Cache

	Progress    Progress         // nil: nobody watches
	Say         func(string)     // one line for the user; nil: nobody listens
	Now         func() time.Time // nil: time.Now
	LockTimeout time.Duration    // how long to wait for another install; 0: ten minutes
}

// Install makes sure that v is installed: what [Installer.Stage] does, unless it
// has been done, and the rename that publishes it, under one lock. It reports
// whether there was anything to do.
func (i *Installer) Install(ctx context.Context, v goversion.Version) (*Marker, bool, error) {
	return i.install(ctx, v, i.fill)
}

// A filler leaves a verified tree of a version in goroot.
type filler func(ctx context.Context, v goversion.Version, goroot string) (*Marker, []sum, error)

func (i *Installer) install(ctx context.Context, v goversion.Version, fill filler) (*Marker, bool, error) {
	unlock, err := i.lock(ctx, v)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	if m, err := i.Store.Installed(v.String()); err == nil {
		return m, false, nil
	} else if errors.Is(err, ErrForeign) {
		return nil, false, err
	}
	if err := i.stage(ctx, v, fill); err != nil {
		return nil, false, err
	}
	m, err := i.Store.publish(v.String())
	return m, true, err
}

// Stage does all of an install but the last step: v is fetched, verified,
// unpacked and completed outside the installs. Where that has been done before,
// or v is installed, nothing happens.
func (i *Installer) Stage(ctx context.Context, v goversion.Version) error {
	unlock, err := i.lock(ctx, v)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := i.Store.Installed(v.String()); err == nil {
		return nil
	}
	return i.stage(ctx, v, i.fill)
}

func (i *Installer) lock(ctx context.Context, v goversion.Version) (unlock func(), err error) {
	name := i.Store.stagingName(v.String())
	return lock(ctx, filepath.Join(i.Store.locks(), name), "install of "+v.String(), i.lockTimeout(), func() {
		i.say(fmt.Sprintf("waiting for another install of %s", v))
	})
}

func (i *Installer) lockTimeout() time.Duration {
	if i.LockTimeout == 0 {
		return 10 * time.Minute
	}
	return i.LockTimeout
}

func (i *Installer) stage(ctx context.Context, v goversion.Version, fill filler) (err error) {
	dir := i.Store.stagingDir(v.String())
	if _, err := readMarker(dir); err == nil {
		return nil
	}
	i.Store.sweep(v.String())
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return fmt.Errorf("stage %s: %w", v, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	marker, files, err := fill(ctx, v, filepath.Join(dir, "go"))
	if err != nil {
		return err
	}
	if err := complete(dir, marker, files); err != nil {
		return fmt.Errorf("stage %s: %w", v, err)
	}
	return nil
}

// sweep removes what killed installs left in staging, but nothing that is
// complete and may yet be published, and nothing that another process works on.
func (s Store) sweep(except string) {
	entries, _ := os.ReadDir(s.staging())
	for _, e := range entries {
		dir := filepath.Join(s.staging(), e.Name())
		if _, err := readMarker(dir); err == nil || e.Name() == s.stagingName(except) {
			continue
		}
		unlock, err := lock(context.Background(), filepath.Join(s.locks(), e.Name()), "sweep", 0, func() {})
		if err != nil {
			continue
		}
		if _, err := readMarker(dir); err != nil { // it may have been completed meanwhile
			_ = os.RemoveAll(dir) // a rest that stays costs room, no more
		}
		unlock()
	}
}

func (i *Installer) say(line string) {
	if i.Say != nil {
		i.Say(line)
	}
}

// Time is the installer's clock.
func (i *Installer) Time() time.Time {
	if i.Now != nil {
		return i.Now()
	}
	return time.Now()
}

// fill fetches v, verifies it and leaves its tree in goroot.
func (i *Installer) fill(ctx context.Context, v goversion.Version, goroot string) (*Marker, []sum, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var answer *answer
	if !i.AskLate {
		answer = i.ask(ctx, i.Log, v) // the database answers while the sources are asked
	}
	got, err := i.recall(ctx, v, answer, goroot)
	if got == nil && err == nil {
		got, err = i.fetch(ctx, v, answer, goroot)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, note := range got.notes {
		i.say(fmt.Sprintf("%s: %s", v, note))
	}
	return i.marker(got), sums(got.files), nil
}

func (i *Installer) marker(got *obtained) *Marker {
	a, e := got.artifact, got.evidence
	m := &Marker{
		Version: a.Version.String(), Platform: a.Platform.String(),
		Source: a.Source, Archive: a.Name, Format: a.Format.String(),
		SHA256: e.SHA256, Official: e.WantSHA256 != "", H1: e.H1,
		Notes: got.notes, Time: i.Time().UTC().Truncate(time.Second),
	}
	if e.LogErr == nil && e.H1 == e.WantH1 {
		m.Log = &LogEntry{Name: got.record.DB, Record: got.record.ID, TreeSize: got.record.TreeSize}
	}
	return m
}

// exists reports whether there is something at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
