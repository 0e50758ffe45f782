package goversion

import (
	"cmp"
	"fmt"
	"slices"
)

// A NoMatchError says that no version of the list is what the query asks for.
type NoMatchError struct {
	Query string    // as it was typed
	Near  []Version // what the list has instead, the nearest first; at most three
}

// Error names the query. It leaves Near to whoever words the hint.
func (e *NoMatchError) Error() string {
	return fmt.Sprintf("no Go release matches %q", e.Query)
}

// Resolve returns the newest version of list that the query asks for. A
// prerelease matches only where the query names one. list may be in any order
// and is left alone. The error is a [*NoMatchError].
func (q Query) Resolve(list []Version) (Version, error) {
	if v := q.find(list); !v.IsZero() {
		return v, nil
	}
	return Version{}, &NoMatchError{Query: q.String(), Near: q.near(list)}
}

// find is Resolve, and gives no version where nothing matches.
func (q Query) find(list []Version) Version {
	if !q.name.IsZero() && slices.Contains(list, q.name) {
		return q.name
	}
	if !q.exact.IsZero() {
		if slices.Contains(list, q.exact) {
			return q.exact
		}
		return Version{}
	}
	v := newest(list, q.accepts)
	if q.old {
		return newest(list, func(w Version) bool { return w.IsStable() && !w.sameMinor(v) })
	}
	return v
}

// maxNear is how many near misses are worth showing.
const maxNear = 3

// near returns the versions of list that are closest to the first version
// that the query names. Where the list knows its minor line those are the
// closest patches; where not, the newest stable releases of the closest lines.
// Prereleases are near only to a prerelease, or if their line has nothing else.
func (q Query) near(list []Version) []Version {
	if len(q.named) == 0 {
		return nil
	}
	want := q.named[0]
	near := filter(list, want.sameMinor)
	if stable := filter(near, Version.IsStable); len(stable) > 0 && want.IsStable() {
		near = stable
	}
	if len(near) == 0 {
		near = newestOfLines(list)
	}
	Sort(near)
	slices.Reverse(near) // of two at the same distance the newer first
	slices.SortStableFunc(near, func(v, w Version) int {
		return cmp.Or(
			cmp.Compare(gap(v.major, want.major), gap(w.major, want.major)),
			cmp.Compare(gap(v.minor, want.minor), gap(w.minor, want.minor)),
			cmp.Compare(gap(v.patch, want.patch), gap(w.patch, want.patch)),
		)
	})
	near = slices.Compact(near)
	return near[:min(len(near), maxNear)]
}

// gap returns the distance between two numbers.
func gap(a, b uint16) uint16 { return max(a, b) - min(a, b) }

// newestOfLines returns the newest stable release of every minor line.
func newestOfLines(list []Version) []Version {
	sorted := filter(list, Version.IsStable)
	Sort(sorted)
	var out []Version
	for i, v := range sorted {
		if i+1 == len(sorted) || !v.sameMinor(sorted[i+1]) {
			out = append(out, v)
		}
	}
	return out
}

// filter returns a new list of those that keep accepts.
func filter(list []Version, keep func(Version) bool) []Version {
	return slices.DeleteFunc(slices.Clone(list), func(v Version) bool { return !keep(v) })
}
