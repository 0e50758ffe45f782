// Package spell finds the word that somebody may have meant:
//
//	spell.Distance("daat_dir", "data_dir") // 2
package spell

// Distance is Levenshtein's: how many letters (bytes) must come, go or change to
// make one word of another. It takes time and memory by the product of the two
// lengths: words from outside need a limit.
func Distance(a, b string) int {
	row := make([]int, len(b)+1) // of the matrix: to make b[:j] of a[:i]
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
