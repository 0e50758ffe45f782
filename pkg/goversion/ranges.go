package goversion

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// parseRange reads a range whose versions are spelled as Go spells them. It
// checks every character and every version itself and hands the library a
// text of its own making: the library would take "1.22-1.23" for a prerelease
// and "1|2" for a number.
func parseRange(s string) (match *semver.Constraints, named []Version, ok bool) {
	var out strings.Builder
	for s != "" {
		n := 1
		switch c := s[0]; {
		case c == ' ' || c == '\t' || c == ',':
			out.WriteByte(' ')
		case strings.HasPrefix(s, "||"):
			out.WriteString(" || ")
			n = 2
		case strings.HasPrefix(s, "- ") && strings.HasSuffix(out.String(), " "):
			out.WriteByte('-') // 1.21 - 1.23
		case strings.IndexByte("=!<>~^", c) >= 0:
			n = len(s) - len(strings.TrimLeft(s, "=!<>~^"))
			out.WriteString(" " + s[:n])
		default:
			word := s[:len(s)-len(strings.TrimLeft(s, wordBytes))]
			semverWord, v, ok := parseRangeWord(word)
			if !ok {
				return nil, nil, false
			}
			if !v.IsZero() {
				named = append(named, v)
			}
			out.WriteString(semverWord)
			n = len(word)
		}
		s = s[n:]
	}
	match, err := semver.NewConstraint(strings.Join(strings.Fields(out.String()), " "))
	return match, named, err == nil
}

// wordBytes are the bytes that a version in a range is made of. Only those of
// "go", "beta", "rc" and "x" among the letters can make a valid one.
const wordBytes = "0123456789.*abcdefghijklmnopqrstuvwxyzX"

// parseRangeWord turns one version of a range into a semantic one: "go1.22"
// into "1.22", "1.22.x" into the same, "1.21rc2" into "1.21.0-rc.2". A number
// that is left out stays out, for there it means any. The version is none
// for "*".
func parseRangeWord(word string) (string, Version, bool) {
	if word == "*" {
		return word, Version{}, true
	}
	bare, wild := strings.TrimPrefix(word, "go"), false
	for {
		i := len(bare) - len(".x")
		if i < 0 || bare[i] != '.' || strings.IndexByte("xX*", bare[i+1]) < 0 {
			break
		}
		bare, wild = bare[:i], true
	}
	v, parts, ok := parse(bare)
	switch {
	case !ok, wild && (parts == 3 || !v.IsStable()):
		return "", Version{}, false
	case parts < 3 && v.IsStable():
		return bare, v, true
	}
	return v.semverText(), v, true
}

// accepts reports whether v is one of those that a range query asks for. The
// library lets any prerelease in once the query names one, so that
// ">=1.21rc2 <1.24" would give 1.24rc1; only prereleases of the very release
// named are meant.
func (q Query) accepts(v Version) bool {
	if !v.IsStable() && !q.namesPrereleaseOf(v) {
		return false
	}
	if q.match == nil {
		return true
	}
	return q.match.Check(semver.New(uint64(v.major), uint64(v.minor), uint64(v.patch), v.semverPre(), ""))
}

func (q Query) namesPrereleaseOf(v Version) bool {
	for _, n := range q.named {
		if n.kind != stable && n.sameMinor(v) && n.patch == v.patch {
			return true
		}
	}
	return false
}
