package release

import (
	"slices"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A draft is a table that grows: for each version the archives by column.
type draft map[goversion.Version]map[string]file

func (d draft) add(v goversion.Version, column string, f file) {
	if d[v] == nil {
		d[v] = make(map[string]file)
	}
	d[v][column] = f
}

// table puts the draft in order: versions by age, columns by name.
func (d draft) table() table {
	var versions []goversion.Version
	var columns []string
	for v, files := range d {
		versions = append(versions, v)
		for c := range files {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	goversion.Sort(versions)
	slices.Sort(columns)

	var b strings.Builder
	for _, v := range versions {
		b.WriteString(v.String())
		for _, c := range columns {
			b.WriteByte(' ')
			if f, ok := d[v][c]; ok {
				f.write(&b)
			} else {
				b.WriteString(noFile)
			}
		}
		b.WriteByte('\n')
	}
	return table{columns: columns, body: b.String()}
}

func (f file) write(b *strings.Builder) {
	if f.sum == "" {
		b.WriteByte('-')
	} else {
		b.WriteString(f.sum)
	}
	if f.size > 0 {
		b.WriteByte(':')
		b.WriteString(strconv.FormatInt(f.size, 10))
	}
}

// text is the table as parseTable reads it.
func (t table) text() string {
	return "columns " + strings.Join(t.columns, " ") + "\n" + t.body
}
