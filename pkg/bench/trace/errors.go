package trace

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of [Analyze] that say what is wrong with a trace. Of what is not whole there
// is no report.
var (
	ErrEmpty     = errors.New("it is empty")
	ErrForeign   = errors.New("no execution trace of Go")
	ErrTruncated = errors.New("the end is missing")
	ErrDamaged   = errors.New("damaged")
)

// The versions of the format that are read. Go 1.24 writes that of 1.23.
const (
	oldest = 22
	newest = 26
)

// A VersionError is a trace in a format that is not read: that of Go before 1.22, or
// of a Go that is newer than this program.
type VersionError struct {
	Minor int // 27 for Go 1.27
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("the trace is in the format of Go 1.%d, those from 1.%d to 1.%d are read", e.Minor, oldest, newest)
}

// Newer reports whether a newer reader may read it.
func (e *VersionError) Newer() bool { return e.Minor > newest }

// damaged is what the reader did not understand. Its errors can be pages long.
func damaged(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%w: %s", ErrDamaged, strings.TrimSuffix(text, ":"))
}
