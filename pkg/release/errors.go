package release

import (
	"errors"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// NotFoundError says that a version does not exist for a platform, as far as
// the source (or all of them) can tell.
type NotFoundError struct {
	Version  goversion.Version
	Platform Platform
	Source   string          // one name, or several joined with ", "
	Failed   []SourceFailure // what each of several sources said; may be nil
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("find go %s for %s: not found by %s", e.Version, e.Platform, e.Source)
	var more []SourceFailure
	for _, f := range e.Failed {
		if !isNotFound(f.Err) {
			more = append(more, f)
		}
	}
	if len(more) > 0 {
		text += " (" + joinFailures(more) + ")"
	}
	return text
}

// SumConflictError says that a release list publishes another sha256 than the
// embedded table, which several independent copies confirm. One of the two is
// wrong, so nothing is installed.
type SumConflictError struct {
	Version  goversion.Version
	Platform Platform
	URL      string // the list that was read
	Live     string // what it says
	Known    string // what the embedded table says
}

func (e *SumConflictError) Error() string {
	return fmt.Sprintf("find go %s for %s: %s publishes the sha256 %s, but %s is known",
		e.Version, e.Platform, e.URL, e.Live, e.Known)
}

// SourcesError says that no source could answer, and that at least one of them
// failed for another reason than not having the version.
type SourcesError struct {
	Version  goversion.Version // zero where the list of versions was asked for
	Platform Platform
	Failed   []SourceFailure // in the order of the sources
}

// SourceFailure is what one source said.
type SourceFailure struct {
	Source string
	Err    error
}

func (e *SourcesError) Error() string {
	if e.Version.IsZero() {
		return fmt.Sprintf("list releases for %s: %s", e.Platform, joinFailures(e.Failed))
	}
	return fmt.Sprintf("find go %s for %s: %s", e.Version, e.Platform, joinFailures(e.Failed))
}

// Unwrap gives the errors that made the difference. Those that say "not found"
// are left out, so that errors.As finds a *NotFoundError only where it is the
// verdict.
func (e *SourcesError) Unwrap() []error {
	var errs []error
	for _, f := range e.Failed {
		if !isNotFound(f.Err) {
			errs = append(errs, f.Err)
		}
	}
	return errs
}

// joinFailures puts what each source said on one line.
func joinFailures(failed []SourceFailure) string {
	var parts []string
	for _, f := range failed {
		text := oneLine(f.Err.Error())
		if isNotFound(f.Err) {
			text = "not found"
		}
		parts = append(parts, f.Source+": "+text)
	}
	return strings.Join(parts, "; ")
}

func isNotFound(err error) bool {
	var e *NotFoundError
	return errors.As(err, &e)
}
