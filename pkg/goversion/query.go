package goversion

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// A Query is what somebody asks for: one release, or the newest of several.
// The package comment lists the forms. The zero Query is "latest".
type Query struct {
	text  string
	exact Version             // the one release asked for, or none
	name  Version             // the release that has just this name; it wins if the list has it
	old   bool                // oldstable
	match *semver.Constraints // else the newest that matches; nil is any stable release
	named []Version           // the versions that the text names, for prereleases and near misses
}

const (
	wantQuery = "latest, stable, oldstable, a version such as 1.22 or 1.22.5, or a range such as \">=1.21 <1.24\""

	// maxQuery bounds a query, in bytes. Nobody types more.
	maxQuery = 200
)

// ParseQuery reads a query as a person types it. Blanks around it do not
// count. The error is a [*ParseError].
func ParseQuery(s string) (Query, error) {
	text := strings.ReplaceAll(strings.TrimSpace(s), "\t", " ")
	bare := strings.TrimPrefix(text, "latest:")
	bad := &ParseError{Text: s, Want: wantQuery}
	if len(text) > maxQuery {
		return Query{}, bad
	}
	q := Query{text: text}
	switch bare {
	case "latest", "stable":
		return q, nil
	case "oldstable":
		q.old = true
		return q, nil
	}
	v, parts, ok := parse(strings.TrimPrefix(bare, "go"))
	if ok && (parts == 3 || !v.IsStable()) {
		q.exact, q.named = v, []Version{v}
		return q, nil
	}
	q.match, q.named, ok = parseRange(bare)
	if !ok {
		return Query{}, bad
	}
	return q, nil
}

// ParseName reads a word of a .tool-versions file or an argument from asdf.
// Such a word is the name of a release first: where the list has a release
// spelled exactly so ("1.20"), the query is for that one. Else it is as
// [ParseQuery] reads it.
func ParseName(word string) (Query, error) {
	q, err := ParseQuery(word)
	if err != nil {
		return Query{}, err
	}
	bare := strings.TrimPrefix(q.text, "go")
	if v, _, ok := parse(bare); ok && v.String() == bare {
		q.name = v
	}
	return q, nil
}

// Exactly returns the query for v and nothing else. v is a release, not zero.
func Exactly(v Version) Query {
	return Query{text: v.String(), exact: v, named: []Version{v}}
}

// Floor returns the query for the newest patch of v's minor line that is not
// older than v. This is what a go line in a go.mod asks for: since Go 1.21 it
// is the least version that will do (golang/go#57001); before, it was a hint.
// v is a release, not zero.
func Floor(v Version) Query {
	q := Query{text: "~" + v.String(), named: []Version{v}}
	q.match, _ = semver.NewConstraint("~" + v.semverText()) // numbers we wrote ourselves
	return q
}

// String returns the query as it was typed, without blanks around it. It
// holds no slash, no "..", and no control character.
func (q Query) String() string {
	if q.text == "" {
		return "latest"
	}
	return q.text
}

// Exact returns the release that the query names, if no list is needed to
// know it: 1.22.5, 1.20.0 (which is 1.20), 1.21rc2. The minor lines "1.22"
// and "1.20" are not exact.
func (q Query) Exact() (Version, bool) {
	return q.exact, !q.exact.IsZero()
}
