package toolchain

import (
	"errors"
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// Evidence is what is known about an unpacked archive before it is trusted.
type Evidence struct {
	Version goversion.Version
	Archive string // its name, for messages
	Format  release.Format

	SHA256, WantSHA256 string // of the bytes, hex; the second from the official list, "" where it has none
	H1, WantH1         string // of the files; the second from the checksum database, "" where LogErr says why not
	LogErr             error
}

// A MismatchError says that something is not what the Go project released.
type MismatchError struct {
	Archive   string
	What      string // "sha256 of the bytes" or "h1 of the files"
	Authority string // who knows the right value
	Want, Got string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("verify %s: %s is %s, but %s says %s", e.Archive, e.What, e.Got, e.Authority, e.Want)
}

// An UnverifiedError says that nobody could be asked what an archive should be.
type UnverifiedError struct {
	Archive string
	Err     error // why the checksum database gave no answer
}

func (e *UnverifiedError) Error() string {
	return fmt.Sprintf("verify %s: no official sha256, and no answer from the checksum database: %v", e.Archive, e.Err)
}
func (e *UnverifiedError) Unwrap() error { return e.Err }

// logDescribesTarballs is the first release whose archive and module were made
// by one program, cmd/distpack, from one list of files. The modules of older
// releases were made later from their archives, in ways that are not written
// down, so that a difference there proves nothing.
const logDescribesTarballs = "1.21"

// Judge decides. Both proofs are wanted, one is needed, and one that fails
// outweighs one that succeeds. It returns what could not be proven, as notes for
// the user, or the reason to refuse.
func Judge(e Evidence) (notes []string, err error) {
	if e.WantSHA256 != "" && e.SHA256 != e.WantSHA256 {
		return nil, &MismatchError{e.Archive, "sha256 of the bytes", "the official list", e.WantSHA256, e.SHA256}
	}
	if e.LogErr != nil {
		return e.withoutLog()
	}
	if e.H1 == e.WantH1 {
		return nil, nil
	}
	if e.Format == release.TarGz && e.WantSHA256 != "" && older(e.Version, logDescribesTarballs) {
		return []string{"the checksum database describes the module of this release, not its archive; the official sha256 was right"}, nil
	}
	return nil, &MismatchError{e.Archive, "h1 of the files", "the checksum database", e.WantH1, e.H1}
}

func (e Evidence) withoutLog() (notes []string, err error) {
	var forged *checksumdb.SecurityError
	if errors.As(e.LogErr, &forged) {
		return nil, fmt.Errorf("verify %s: %w", e.Archive, e.LogErr)
	}
	if e.WantSHA256 == "" {
		return nil, &UnverifiedError{e.Archive, e.LogErr}
	}
	return []string{fmt.Sprintf("only the official sha256 was checked; the checksum database gave no answer: %v", e.LogErr)}, nil
}

func older(v goversion.Version, than string) bool {
	limit, err := goversion.Parse(than + "rc1") // 1.21rc1 is the first release of the 1.21 line
	return err == nil && v.Compare(limit) < 0
}
