package page

// A table is one of the page. It scrolls in a box of its own where it is too wide.
type table struct {
	Caption string
	Head    []string
	Rows    []row
	Note    string // below it
}

// A row is one of a table.
type row struct {
	Cells []cell
	Class string // "muted" for what does not count, "changed" for what did
}

// A cell is text; numbers stand on the right.
type cell struct {
	Text   string
	Number bool
	Class  string
}

// Right reports whether a column is of numbers.
func (t table) Right(column int) bool {
	return len(t.Rows) > 0 && column < len(t.Rows[0].Cells) && t.Rows[0].Cells[column].Number
}

// textRow is a row of texts.
func textRow(cells ...string) row {
	r := row{}
	for _, c := range cells {
		r.Cells = append(r.Cells, cell{Text: c})
	}
	return r
}
