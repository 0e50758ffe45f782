package doctor

import (
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/spell"
)

// nearest is the name that takes the fewest changes, if no more than a third of
// the letters change. Case counts for nothing.
func nearest(name string, names []string) (near string) {
	if len(name) > 64 { // no name here is nearly as long
		return ""
	}
	least := max(len(name)/3, 1) + 1
	for _, n := range names {
		if d := spell.Distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			near, least = n, d
		}
	}
	return near
}
