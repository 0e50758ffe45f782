package release

import (
	"context"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// Format says how the files of an artifact are packed.
type Format int

const (
	// TarGz is a release archive: everything below "go/".
	TarGz Format = iota
	// Zip is a module zip: everything below
	// "golang.org/toolchain@v0.0.1-go1.22.5.linux-amd64/".
	Zip
)

func (f Format) String() string {
	if f == Zip {
		return "zip"
	}
	return "tar.gz"
}

// Artifact is one file that holds one toolchain, and where to get it.
type Artifact struct {
	Version  goversion.Version
	Platform Platform
	Source   string // the name of the source that found it: "official", "goproxy", "bundle"
	Format   Format
	Name     string   // file name: "go1.22.5.linux-amd64.tar.gz"
	URLs     []string // where the bytes are, best first; http, https or file
	Size     int64    // bytes, -1 where nobody said
	SHA256   string   // of the bytes, 64 lower case hex digits; "" where none is published (before 1.5.3, and every zip)
	SumDB    string   // file:// URL of a GOPROXY tree whose sumdb/ verifies this artifact offline; only bundles have one
}

// isHardToProve says whether the checksum database alone must vouch for a. It
// describes modules; that it describes archives too is certain only since Go
// 1.21, which has published sums, so an archive without one may be genuine and
// yet be refused.
func (a *Artifact) isHardToProve() bool { return a.Format == TarGz && a.SHA256 == "" }

// Source offers toolchains. All methods may be called at the same time.
type Source interface {
	// Name is the word that settings and messages use for the source.
	Name() string
	// List returns what can be installed on p, oldest first.
	List(ctx context.Context, p Platform) ([]goversion.Version, error)
	// Find says where v for p is. The error is a *NotFoundError where the
	// source is sure that it does not have it.
	Find(ctx context.Context, v goversion.Version, p Platform) (*Artifact, error)
}

// Resolve turns a query into a version of s, asking for the list only if needed:
// a version that the query names itself can be had where no list can.
func Resolve(ctx context.Context, s Source, p Platform, q goversion.Query) (goversion.Version, error) {
	if v, ok := q.Exact(); ok {
		return v, nil
	}
	versions, err := s.List(ctx, p)
	if err != nil {
		return goversion.Version{}, err
	}
	return q.Resolve(versions)
}
