package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// derive makes again what follows from the measured. A bundle is what somebody has
// sent: whatever goes wrong with it is a finding.
func (b *Bundle) derive(v *Verification, c Checks) {
	defer func() {
		if r := recover(); r != nil {
			v.find("", "it cannot be read: %v", r)
		}
	}()
	e, err := b.Evidence()
	if err != nil {
		v.find("", "%v", err)
		return
	}
	v.Runs = len(e.Set.Runs)
	e.holdRaw(v)
	files, err := e.files()
	if err != nil {
		v.find("", "%v", err)
		return
	}
	b.holdFiles(v, files, sameTool(b.Manifest.Tool, c.Tool))
}

// sameTool reports whether two are one program, so that one writes what the other
// does. Builds that nobody has given a version are so only byte by byte.
func sameTool(a, b Tool) bool {
	if a.SHA256 != "" && a.SHA256 == b.SHA256 {
		return true
	}
	return strings.HasPrefix(a.Version, "v") && a.Version == b.Version && a.Go == b.Go
}

// holdFiles holds the files of the bundle against those that this program makes.
func (b *Bundle) holdFiles(v *Verification, files []made, same bool) {
	theirs := make(map[string]Listed)
	for _, f := range b.Manifest.Files {
		theirs[f.Name] = f
	}
	for _, f := range files {
		listed, ok := theirs[f.name]
		delete(theirs, f.name)
		switch {
		case !ok:
			v.other(same, f.name, "it is missing, and follows from what was measured")
		case listed.Derived != f.derived:
			v.find(manifestName, "what it says of %s is not so", f.name)
		case !bytes.Equal(b.files[f.name], f.data):
			b.differs(v, f, same)
		}
	}
	for _, f := range b.Manifest.Files {
		if _, left := theirs[f.Name]; left {
			v.other(same, f.Name, "nothing that was measured has it follow")
		}
	}
	names := func(a, b Listed) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(b.Manifest.Files, names) {
		v.find(manifestName, "the files are not in the order of their names")
	}
}

// other is a finding where this program has written the bundle. What another version
// has written otherwise need not be wrong.
func (v *Verification) other(same bool, file, text string) {
	if same {
		v.find(file, "%s", text)
		return
	}
	v.doubt(file, "%s; it was made by another build, %s", text, v.Tool)
}

// differs says how a file differs from what this program makes. Numbers must be the
// same whoever has written them.
func (b *Bundle) differs(v *Verification, f made, same bool) {
	theirs := b.files[f.name]
	var rows []string
	switch f.name {
	case tablesName:
		rows = differentTables(theirs, f.data)
	case benchName:
		rows = differentBench(theirs, f.data)
	}
	for _, text := range rows {
		v.find(f.name, "%s", text)
	}
	if len(rows) == 0 {
		v.other(same, f.name, differentLine(theirs, f.data))
	}
}

// differentLine is the first line that two texts do not have in common.
func differentLine(theirs, ours []byte) string {
	a, b := bytes.Split(theirs, []byte("\n")), bytes.Split(ours, []byte("\n"))
	for i := range max(len(a), len(b)) {
		var left, right []byte
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		if !bytes.Equal(left, right) || i >= len(a) || i >= len(b) {
			return fmt.Sprintf("line %d is %s, and from what was measured follows %s", i+1, short(left), short(right))
		}
	}
	return "it is not what follows from what was measured"
}

// short is the beginning of a line, as it can be shown.
func short(line []byte) string {
	const most = 120
	if !utf8.Valid(line) {
		return fmt.Sprintf("%d bytes", len(line))
	}
	if len(line) > most {
		return fmt.Sprintf("%.120q...", line)
	}
	return fmt.Sprintf("%q", line)
}

// differentTables are the rows of two files of tables that differ.
func differentTables(theirs, ours []byte) []string {
	var a, b Tables
	if err := json.Unmarshal(theirs, &a); err != nil {
		return []string{"it cannot be read"}
	}
	if err := json.Unmarshal(ours, &b); err != nil {
		return []string{err.Error()}
	}
	return differentRows(a.Rows, b.Rows)
}

func differentBench(theirs, ours []byte) []string {
	a, err := bench.Read(bytes.NewReader(theirs), benchName)
	if err != nil {
		return []string{err.Error()}
	}
	b, err := bench.Read(bytes.NewReader(ours), benchName)
	if err != nil {
		return []string{err.Error()}
	}
	return differentRows(a.Rows(), b.Rows())
}

// differentRows says which rows differ, and in what.
func differentRows(theirs, ours []bench.Row) (list []string) {
	key := bench.Row.String
	index := make(map[string]bench.Row)
	for _, r := range theirs {
		index[key(r)] = r
	}
	for _, r := range ours {
		their, ok := index[key(r)]
		delete(index, key(r))
		switch {
		case !ok:
			list = append(list, fmt.Sprintf("row %q is missing", key(r)))
		case !slices.Equal(their.PerRun, r.PerRun):
			list = append(list, fmt.Sprintf("row %q has %v by run, and from the samples follows %v", key(r), their.PerRun, r.PerRun))
		case their.Estimate != r.Estimate:
			list = append(list, fmt.Sprintf("row %q has %s, and from the samples follows %s", key(r), estimate(their), estimate(r)))
		}
	}
	for name := range index {
		list = append(list, fmt.Sprintf("row %q follows from no sample", name))
	}
	slices.Sort(list)
	return list
}

func estimate(r bench.Row) string { return fmt.Sprintf("%v [%v, %v]", r.Center, r.Lo, r.Hi) }
