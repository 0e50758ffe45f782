package release

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A table is a list of releases in the text form that both the embedded table
// and the cached lists have:
//
//	# any number of comments
//	key value
//	columns linux-386 linux-amd64
//	1.5.2 - -
//	1.22.5 3630c5...d5:66303123 904b92...a0:68964131
//
// One line is one version, oldest first; one column is one platform, named as
// its archives are. A cell is "." where no archive exists, "-" where it has no
// published sum, else the sum; ":" and the size in bytes follow where it is
// known.
//
// Nothing is parsed before it is asked for, because list-all has 15 ms in all,
// process start included, and the JSON of go.dev takes longer than that. It is
// sums as hex digits all the same, so that grep finds them and a diff shows them.
type table struct {
	columns []string
	body    string // complete lines
}

// file is what a table says of one archive.
type file struct {
	sum  string // 64 lower case hex digits, "" where none is published
	size int64  // bytes, -1 where unknown
}

const noFile = "."

// parseTable cuts text into the values above "columns" and the table below it.
// It checks the shape of no row.
func parseTable(text string) (fields map[string]string, t table, err error) {
	fields = make(map[string]string)
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		key, value, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case key == "columns":
			if text != "" && !strings.HasSuffix(text, "\n") {
				return nil, table{}, fmt.Errorf("parse release table: the last line is cut short")
			}
			return fields, table{columns: strings.Fields(value), body: text}, nil
		default:
			fields[key] = value
		}
	}
	return nil, table{}, fmt.Errorf("parse release table: no line names the columns")
}

// column is the index of a platform's column, -1 if there is none.
func (t table) column(p Platform) int {
	name := p.Archive()
	for i, c := range t.columns {
		if c == name {
			return i
		}
	}
	return -1
}

// has says whether any version was asked for on the system os.
func (t table) has(os string) bool {
	for _, c := range t.columns {
		if strings.HasPrefix(c, os+"-") {
			return true
		}
	}
	return false
}

// versions returns all versions with an archive for p, in the table's order. A
// name that is no version is left out: upstream has invented new forms before.
func (t table) versions(p Platform) []goversion.Version {
	i := t.column(p)
	if i < 0 {
		return nil
	}
	var vs []goversion.Version
	for rest := t.body; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, cells, _ := strings.Cut(line, " ")
		if c := cell(cells, i); c == "" || c == noFile {
			continue
		}
		if v, err := goversion.Parse(name); err == nil {
			vs = append(vs, v)
		}
	}
	return vs
}

// find returns what the table says of v for p.
func (t table) find(v goversion.Version, p Platform) (file, bool) {
	i := t.column(p)
	if i < 0 || v.IsZero() {
		return file{}, false
	}
	key := v.String() + " "
	rest := t.body
	if !strings.HasPrefix(rest, key) {
		at := strings.Index(rest, "\n"+key)
		if at < 0 {
			return file{}, false
		}
		rest = rest[at+1:]
	}
	line, _, _ := strings.Cut(rest, "\n")
	return parseCell(cell(line[len(key):], i))
}

// cell returns the i-th word, "" if there are fewer.
func cell(cells string, i int) string {
	for ; i > 0; i-- {
		at := strings.IndexByte(cells, ' ')
		if at < 0 {
			return ""
		}
		cells = cells[at+1:]
	}
	word, _, _ := strings.Cut(cells, " ")
	return word
}

func parseCell(s string) (file, bool) {
	sum, size, sized := strings.Cut(s, ":")
	f := file{sum: sum, size: -1}
	if sized {
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil || n <= 0 {
			return file{}, false
		}
		f.size = n
	}
	if sum == "-" {
		f.sum = ""
		return f, true
	}
	if !isSum(sum) {
		return file{}, false
	}
	return f, true
}

// isSum says whether s is a sha256 in the one form that is used here.
func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && s == strings.ToLower(s)
}
