package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Values are what a file sets: dotted key ("wsl2.data_dir") to value. An array is
// joined by commas. A key with an empty value is not among them.
type Values map[string]string

// Parse reads a file. Any error is an [*Error].
func Parse(data []byte) (Values, error) {
	f, err := read(data)
	if err != nil {
		return nil, err
	}
	return f.values, nil
}

// Lines returns the line, counted from 1, of each key that a file sets.
func Lines(data []byte) (map[string]int, error) {
	f, err := read(data)
	if err != nil {
		return nil, err
	}
	return f.lines, nil
}

// file is a file while it is read.
type file struct {
	data   []byte
	table  []string // the last header
	values Values
	lines  map[string]int
}

// read goes through the file as TOML, and then again by its syntax, which is what
// knows the lines. The first reading finds what is wrong between two lines, such
// as a key that is set twice.
func read(data []byte) (*file, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // Windows editors like it
	var ignored map[string]any
	if err := toml.Unmarshal(data, &ignored); err != nil {
		return nil, syntaxError(err)
	}
	f := &file{data: data, values: make(Values), lines: make(map[string]int)}
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		if err := f.expression(p.Expression()); err != nil {
			return nil, err
		}
	}
	if err := p.Error(); err != nil {
		return nil, syntaxError(err)
	}
	if err := f.checkChosen(); err != nil {
		return nil, err
	}
	return f, nil
}

func syntaxError(err error) error {
	line := 1
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ = bad.Position()
	}
	return &Error{Line: line, Text: strings.TrimPrefix(err.Error(), "toml: ")}
}

func (f *file) expression(e *unstable.Node) error {
	path, line := f.path(e)
	switch {
	case e.Kind == unstable.KeyValue:
		return f.set(slices.Concat(f.table, path), e.Value(), line)
	case path[0] == profileTable && len(path) == 2:
		if err := checkNewProfile(path, line); err != nil {
			return err
		}
	case !isTable(path):
		return unknown("table", path, line)
	}
	if name := dotted(path); e.Kind == unstable.ArrayTable {
		return &Error{
			Line: line, Key: name, Text: name + ": a table, not a list of tables",
			Want: fmt.Sprintf("write [%s]", name),
		}
	}
	f.table = path
	return nil
}

// isTable reports whether a path is that of a table, a profile's included.
func isTable(path []string) bool {
	return len(path) == 1 && (slices.Contains(kinds, path[0]) || path[0] == profileTable) || len(path) == 2 && path[0] == profileTable
}

// path is the key of an expression, and the line that it begins in.
func (f *file) path(e *unstable.Node) (path []string, line int) {
	for it := e.Key(); it.Next(); {
		if line == 0 {
			line = 1 + bytes.Count(f.data[:it.Node().Raw.Offset], []byte("\n"))
		}
		path = append(path, string(it.Node().Data))
	}
	return path, line
}

// set takes the value of one key, or those of a table in one line.
func (f *file) set(path []string, value *unstable.Node, line int) error {
	table := isTable(path)
	if table && value.Kind == unstable.InlineTable {
		for it := value.Children(); it.Next(); {
			sub, line := f.path(it.Node())
			if err := f.set(slices.Concat(path, sub), it.Node().Value(), line); err != nil {
				return err
			}
		}
		return nil
	}
	name := dotted(path)
	if table {
		return &Error{Line: line, Key: name, Text: name + ": a table, not a value", Want: fmt.Sprintf("write [%s] in a line of its own", name)}
	}
	if path[0] == profileTable && len(path) > 1 {
		if err := checkNewProfile(path, line); err != nil {
			return err
		}
	}
	key, ok := Find(name)
	if !ok || key.Name != name {
		return unknown("key", path, line)
	}
	text, err := key.text(value)
	if err == nil {
		err = key.Check(text)
	}
	if bad := (*ValueError)(nil); errors.As(err, &bad) {
		return &Error{Line: line, Key: name, Text: name + ": " + bad.Error(), Want: bad.Want}
	} else if err != nil {
		return &Error{Line: line, Key: name, Text: name + ": " + err.Error(), Want: key.example()}
	}
	if text != "" {
		f.values[name], f.lines[name] = text, line
	}
	return nil
}

// text is the value of a key as the environment would have it.
func (k Key) text(value *unstable.Node) (string, error) {
	switch {
	case value.Kind == unstable.String:
		return string(value.Data), nil
	case value.Kind != unstable.Array || !k.Many:
		return "", fmt.Errorf("want a string, not %s", called(value.Kind))
	}
	var items []string
	for it := value.Children(); it.Next(); {
		if it.Node().Kind != unstable.String {
			return "", fmt.Errorf("want strings, not %s", called(it.Node().Kind))
		}
		items = append(items, string(it.Node().Data))
	}
	return strings.Join(items, ","), nil
}

// called is what a message calls a value that is no string.
func called(kind unstable.Kind) string {
	switch kind {
	case unstable.Array:
		return "an array"
	case unstable.InlineTable:
		return "a table"
	case unstable.Integer, unstable.Float:
		return "a number"
	case unstable.Bool:
		return "a boolean"
	}
	return "a date or a time"
}

// example is what a line with this key looks like.
func (k Key) example() string {
	_, name, ok := strings.Cut(k.Name, ".")
	if !ok {
		name = k.Name
	}
	if k.Many {
		return fmt.Sprintf(`write %s = "..." or %[1]s = ["...", "..."]`, name)
	}
	return fmt.Sprintf(`write %s = "..."`, name)
}

// dotted is a path as a file may write it: what is not a plain word is quoted, so
// that "wsl1.default" in quotes is not taken for default in [wsl1].
func dotted(path []string) string {
	words := slices.Clone(path)
	for i, word := range words {
		if word == "" || strings.ContainsFunc(word, notBare) {
			words[i] = strconv.Quote(word)
		}
	}
	return strings.Join(words, ".")
}

// notBare is for letters that TOML allows in a key only between quotes.
func notBare(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
}
