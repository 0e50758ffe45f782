package goversion

import (
	"slices"
	"strconv"

	hashicorp "github.com/hashicorp/go-version"
)

// Compare returns -1 if v is older than w in Go's order, 0 if they are equal
// and +1 if it is newer. Prereleases come before the release they lead to
// (1.20rc1 < 1.20, 1.9.1 < 1.9.2rc2 < 1.9.2) and are counted, not spelled
// (rc2 < rc10).
func (v Version) Compare(w Version) int {
	switch {
	case v == w:
		return 0
	case v.IsZero():
		return -1
	case w.IsZero():
		return +1
	}
	return v.key().Compare(w.key())
}

// key returns v in the form that orders it. Making one runs a regular
// expression, about a microsecond, so loops make it once per version.
func (v Version) key() *hashicorp.Version {
	return hashicorp.Must(hashicorp.NewVersion(v.semverText())) // numbers we wrote ourselves
}

// semverText returns v as semantic versions spell it: "1.21.0-rc.2".
func (v Version) semverText() string {
	b := make([]byte, 0, 24)
	b = strconv.AppendUint(b, uint64(v.major), 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, uint64(v.minor), 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, uint64(v.patch), 10)
	if v.kind != stable {
		b = append(b, '-')
		b = append(b, v.semverPre()...)
	}
	return string(b)
}

// semverPre returns the prerelease of v as semantic versions spell it, where
// the dot makes the number compare as a number: "rc.2", or "".
func (v Version) semverPre() string {
	if v.kind == stable {
		return ""
	}
	return v.kind.String() + "." + strconv.Itoa(int(v.pre))
}

// A keyed version carries its key along.
type keyed struct {
	Version
	key *hashicorp.Version
}

// Sort puts vs in ascending order, oldest first.
func Sort(vs []Version) {
	ks := make([]keyed, len(vs))
	for i, v := range vs {
		ks[i] = keyed{v, v.key()}
	}
	slices.SortFunc(ks, func(a, b keyed) int { return a.key.Compare(b.key) })
	for i, k := range ks {
		vs[i] = k.Version
	}
}

// newest returns the newest version of list that want accepts, or none.
func newest(list []Version, want func(Version) bool) Version {
	var best keyed
	for _, v := range list {
		if !want(v) {
			continue
		}
		if k := (keyed{v, v.key()}); best.key == nil || k.key.Compare(best.key) > 0 {
			best = k
		}
	}
	return best.Version
}
