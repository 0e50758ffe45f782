package goversion

import (
	"fmt"
	"strconv"
	"strings"
)

// A Version is one Go release. Versions are comparable with ==, and two of
// them are equal exactly if [Version.Compare] gives 0. The zero value is no
// version at all; it sorts before every release.
type Version struct {
	major, minor, patch uint16
	kind                kind
	pre                 uint16 // the number after beta or rc
}

// A kind tells a stable release from the two sorts of prerelease.
type kind uint8

const (
	stable kind = iota
	beta
	rc
)

// String returns the word that stands between version and number.
func (k kind) String() string {
	return [...]string{stable: "", beta: "beta", rc: "rc"}[k]
}

// A ParseError says that a text is not what it should be.
type ParseError struct {
	Text string // the text as it was given
	Want string // what would have been right, as a phrase
}

// maxShown bounds how much of a foreign text an error repeats, in bytes.
const maxShown = 60

// Error quotes the text, shortened, and says what was wanted.
func (e *ParseError) Error() string {
	text := e.Text
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	return fmt.Sprintf("parse %q: want %s", text, e.Want)
}

const wantVersion = "a Go version such as 1.22.5, 1.20 or 1.21rc2"

// Parse reads the name of a release, with or without "go" before it. The
// error is a [*ParseError].
//
// A number that upstream leaves out or adds is understood: "1.20.0" is 1.20
// and "1.21" is 1.21.0. So a directory is named for a release only if
// Parse(name).String() is name again.
func Parse(s string) (Version, error) {
	v, _, ok := parse(strings.TrimPrefix(s, "go"))
	if !ok {
		return Version{}, &ParseError{Text: s, Want: wantVersion}
	}
	return v, nil
}

// parse reads a name without "go" and counts how many numbers it spells out,
// which is what tells the minor line "1.22" from the release "1.22.0".
func parse(s string) (v Version, parts int, ok bool) {
	for _, n := range []*uint16{&v.major, &v.minor, &v.patch} {
		if parts > 0 {
			if !strings.HasPrefix(s, ".") {
				break
			}
			s = s[1:]
		}
		if *n, s, ok = cutNumber(s); !ok {
			return Version{}, 0, false
		}
		parts++
	}
	if s != "" {
		if v.kind, s, ok = cutKind(s); ok {
			v.pre, s, ok = cutNumber(s)
		}
	}
	if !ok || s != "" || v.major == 0 {
		return Version{}, 0, false
	}
	return v, parts, true
}

// cutKind takes "beta" or "rc" off the front of s.
func cutKind(s string) (k kind, rest string, ok bool) {
	for _, k := range []kind{beta, rc} {
		if rest, ok := strings.CutPrefix(s, k.String()); ok {
			return k, rest, true
		}
	}
	return stable, s, false
}

// maxDigits bounds a number to what fits the fields of a Version. No part of
// a release name has needed more than two digits yet.
const maxDigits = 4

// cutNumber takes a decimal number with no leading zero off the front of s.
func cutNumber(s string) (n uint16, rest string, ok bool) {
	i := 0
	for i < len(s) && i <= maxDigits && isDigit(s[i]) {
		n = n*10 + uint16(s[i]-'0')
		i++
	}
	if i == 0 || i > maxDigits || i > 1 && s[0] == '0' {
		return 0, "", false
	}
	return n, s[i:], true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// String returns the name as upstream spells it, without "go": "1.22.5",
// "1.20", "1.21.0", "1.9.2rc2", "1". It holds only the characters 0-9, a-z and
// the dot, whatever was parsed. The zero value gives "".
func (v Version) String() string {
	if v.IsZero() {
		return ""
	}
	b := make([]byte, 0, 16)
	b = strconv.AppendUint(b, uint64(v.major), 10)
	if v.minor > 0 || v.patch > 0 || v.major > 1 {
		b = append(b, '.')
		b = strconv.AppendUint(b, uint64(v.minor), 10)
	}
	if v.patch > 0 || v.IsStable() && v.spellsZero() {
		b = append(b, '.')
		b = strconv.AppendUint(b, uint64(v.patch), 10)
	}
	if !v.IsStable() {
		b = append(b, v.kind.String()...)
		b = strconv.AppendUint(b, uint64(v.pre), 10)
	}
	return string(b)
}

// spellsZero reports whether the first stable release of this minor line is
// spelled with ".0", which began with Go 1.21 (golang/go#62278).
func (v Version) spellsZero() bool {
	return v.major > 1 || v.minor >= 21
}

// IsZero reports whether v is no version.
func (v Version) IsZero() bool { return v == Version{} }

// IsStable reports whether v is a release that is neither a beta nor a
// release candidate.
func (v Version) IsStable() bool { return v.kind == stable && !v.IsZero() }

// Minor returns the minor line of v, such as "1.22", or "" for no version.
func (v Version) Minor() string {
	if v.IsZero() {
		return ""
	}
	return strconv.Itoa(int(v.major)) + "." + strconv.Itoa(int(v.minor))
}

// sameMinor reports whether v and w are of one minor line.
func (v Version) sameMinor(w Version) bool {
	return v.major == w.major && v.minor == w.minor
}

// MarshalText gives [Version.String], so that a Version can stand in JSON.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText is [Parse], but that an empty text is no version.
func (v *Version) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*v = Version{}
		return nil
	}
	w, err := Parse(string(text))
	if err != nil {
		return err
	}
	*v = w
	return nil
}
