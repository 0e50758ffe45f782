package goversion

import (
	"bytes"
	"strings"
)

// A Line is one setting of a .tool-versions file.
type Line struct {
	Tool  string   // the plugin's name, as written
	Words []string // at least one; where there are several, asdf takes the first that is installed
}

// ParseToolVersions reads a .tool-versions file. It takes what any of asdf
// and mise takes and more: Windows line ends, a byte order mark, tabs, blanks
// at either end, and comments from # to the end of the line. A line that
// names a tool and no version says nothing and is left out. Which tool is Go
// is for the caller to know, for the plugin may be added under any name. The
// words are foreign text; give them to [ParseName] before they go anywhere.
func ParseToolVersions(data []byte) []Line {
	var lines []Line
	for text := range textLines(data) {
		if words := strings.Fields(text); len(words) > 1 {
			lines = append(lines, Line{Tool: words[0], Words: words[1:]})
		}
	}
	return lines
}

// SetToolVersions returns a .tool-versions file in which a tool has these words:
// in the place of its first line, which is the one that counts, else at the end.
// All else stays to the byte. The new line ends as asdf 0.14 needs it, without a
// carriage return, and without the byte order mark that would hide it from asdf.
func SetToolVersions(data []byte, tool string, words ...string) []byte {
	line := strings.Join(append([]string{tool}, words...), " ")
	out := make([]byte, 0, len(data)+len(line)+2)
	done := false
	for old := range bytes.Lines(data) {
		text, comment, found := strings.Cut(string(withoutBOM(old)), "#")
		if fields := strings.Fields(text); len(fields) < 2 || fields[0] != tool || done {
			out = append(out, old...)
			continue
		}
		done = true
		if found {
			line += " #" + strings.TrimRight(comment, "\r\n")
		}
		out = append(append(out, line...), '\n')
	}
	if done {
		return out
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return append(append(out, line...), '\n')
}

// System is the word that means whatever Go the system has. It is not a
// query, but a .go-version file may hold it.
const System = "system"

// ParseGoVersionFile reads a .go-version file and returns the text of its
// first line that is not empty and not a comment, without a "go" before it.
// That is [System] or something that [ParseName] takes; an error is a
// [*ParseError].
func ParseGoVersionFile(data []byte) (string, error) {
	for text := range textLines(data) {
		if text == "" {
			continue
		}
		if text == System {
			return text, nil
		}
		if _, err := ParseName(text); err != nil {
			return "", err
		}
		return strings.TrimPrefix(text, "go"), nil
	}
	return "", &ParseError{Text: "", Want: "a line with a Go version"}
}

// textLines yields the lines of data without byte order mark, comments and
// blanks around them.
func textLines(data []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range bytes.Lines(withoutBOM(data)) {
			text, _, _ := strings.Cut(string(line), "#")
			if !yield(strings.TrimSpace(text)) {
				return
			}
		}
	}
}

// withoutBOM cuts off the byte order mark that Windows editors leave, which
// neither asdf nor modfile knows.
func withoutBOM(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\ufeff"))
}
