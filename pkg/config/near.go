package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/spell"
)

// unknown is the error for a key or table that nobody reads.
func unknown(what string, path []string, line int) error {
	name := dotted(path)
	e := &Error{Line: line, Key: name, Text: fmt.Sprintf("unknown %s %q", what, name)}
	if what == "table" {
		e.Near = nearest(name, append(slices.Clone(kinds), profileTable))
	} else {
		e.Near = Near(name)
		e.Near = strings.TrimPrefix(e.Near, name[:strings.LastIndex(name, ".")+1])
	}
	return e
}

// Near returns the known key that is most like a name, or "" where none is like
// it. A variable stands for its key, and a key of the same name in another table
// is nearest.
func Near(name string) string {
	if key, ok := Find(name); ok {
		return key.Name
	}
	last := name[strings.LastIndex(name, ".")+1:]
	names := profileKeysLike(name)
	if len(names) > 0 {
		return nearest(name, names)
	}
	for _, k := range keys {
		if k.Name == last || strings.HasSuffix(k.Name, "."+last) {
			names = append(names, k.Name)
		}
	}
	if len(names) > 0 {
		return slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
	}
	for _, k := range keys {
		names = append(names, k.Name)
	}
	return nearest(name, names)
}

// nearest is the name that takes the fewest changes, if no more than half of the
// letters change.
func nearest(name string, names []string) (near string) {
	const longest = 64 // no key is nearly as long
	least := len(name)/2 + 1
	if len(name) > longest {
		return ""
	}
	for _, n := range names {
		if d := distance(name, n); d < least {
			near, least = n, d
		}
	}
	return near
}

// distance is how unlike two names are. Case, and which line joins words, count
// for nothing.
func distance(a, b string) int {
	fold := strings.NewReplacer("-", "_")
	return spell.Distance(fold.Replace(strings.ToLower(a)), fold.Replace(strings.ToLower(b)))
}
