package checksumdb

import (
	"errors"
	"fmt"
)

// ErrNotFound says that the database does not have the module version.
var ErrNotFound = errors.New("no such module version in the checksum database")

// A SecurityError says that the database, or whoever speaks for it, gave an answer
// that its own proofs contradict: a head that is not signed, a tile or a record that
// is not in the tree, two heads that exclude each other. Nothing of it was kept.
type SecurityError struct {
	DB       string // name of the database
	Summary  string // one line
	Evidence string // for two heads that exclude each other, both and the proof, to be shown to others; several lines
}

func (e *SecurityError) Error() string {
	return fmt.Sprintf("checksum database %s misbehaves: %s", e.DB, e.Summary)
}
