package doctor

import "strings"

// nearest is the name that takes the fewest changes, if no more than a third of
// the letters change. Case counts for nothing.
func nearest(name string, names []string) (near string) {
	if len(name) > 64 { // no name here is nearly as long
		return ""
	}
	least := max(len(name)/3, 1) + 1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			near, least = n, d
		}
	}
	return near
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // to make b[:j] of a[:i]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
