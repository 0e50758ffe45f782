// Package goenv is the Go environment of one kind of Linux: GOBIN, GOTOOLCHAIN
// and their like, kept in a file that three readers must understand alike: the
// shell that asdf runs, which sources it; mise, which does the same; and the fast
// shim, which has no shell and reads it by [Parse].
//
//	vars := []goenv.Var{{"GOBIN", "/home/me/.asdf-wsl2/golang-wsl/bin"}, {"GOROOT", ""}}
//	text, err := goenv.Format(vars)
//
// makes
//
//	[ -n "${GOBIN:-}" ] || export GOBIN='/home/me/.asdf-wsl2/golang-wsl/bin'
//	if [ -n "${GOROOT:-}" ]; then export GOROOT=; fi
//
// A value is a default: who says "GOBIN=$PWD/bin go install ./..." means that. An
// empty value takes away what was inherited. It does so by emptying: asdf 0.16
// and later, and mise, forget what a plugin unsets, and to the go command an
// empty variable is one that is not set.
package goenv

import (
	"fmt"
	"strings"
)

// A Var is a variable of the environment.
type Var struct {
	Name  string
	Value string // where the environment has none; "" empties an inherited one
}

const (
	ifSet     = `if [ -n "${`
	thenEmpty = `:-}" ]; then export `
	end       = "=; fi"

	unlessSet = `[ -n "${`
	orExport  = `:-}" ] || export `
)

// Format writes a file for a POSIX shell to source. It fails on what no
// environment can hold: a name that is none, or a value with a NUL.
func Format(vars []Var) ([]byte, error) {
	var b strings.Builder
	for _, v := range vars {
		switch {
		case !isName(v.Name):
			return nil, fmt.Errorf("%q is no name of a variable", v.Name)
		case strings.Contains(v.Value, "\x00"):
			return nil, fmt.Errorf("%s: a NUL in %q", v.Name, v.Value)
		case v.Value == "":
			b.WriteString(ifSet + v.Name + thenEmpty + v.Name + end + "\n")
		default:
			b.WriteString(unlessSet + v.Name + orExport + v.Name + "=" + quote(v.Value) + "\n")
		}
	}
	return []byte(b.String()), nil
}

// quote is for POSIX shells, where nothing but the quote itself ends a quoted
// string.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// A ParseError says which line is not one that [Format] writes.
type ParseError struct {
	Line int // from 1
	Text string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d is not one that golang-wsl writes: %q", e.Line, e.Text)
}

// Parse reads what [Format] has written, comments and empty lines beside it. It
// takes nothing else: what only a shell could read would mean something else to
// every other reader.
func Parse(data []byte) ([]Var, error) {
	var vars []Var
	rest, line := string(data), 1
	for rest != "" {
		v, n, ok := parseLine(rest)
		if !ok {
			text, _, _ := strings.Cut(rest, "\n")
			return nil, &ParseError{line, text}
		}
		if v.Name != "" {
			vars = append(vars, v)
		}
		line += strings.Count(rest[:n], "\n")
		rest = rest[n:]
	}
	return vars, nil
}

// parseLine reads one statement at the start of text and says how long it is.
// Nothing, and a comment, have no name.
func parseLine(text string) (v Var, n int, ok bool) {
	line, _, _ := strings.Cut(text, "\n")
	n = min(len(line)+1, len(text))
	if line == "" || line[0] == '#' {
		return v, n, true
	}
	if rest, ok := strings.CutPrefix(line, ifSet); ok {
		name, _, _ := strings.Cut(rest, ":")
		return Var{Name: name}, n, isName(name) && rest == name+thenEmpty+name+end
	}
	rest, ok := strings.CutPrefix(text, unlessSet)
	name, rest, _ := strings.Cut(rest, ":")
	rest, found := strings.CutPrefix(":"+rest, orExport+name+"=")
	if !ok || !found || !isName(name) {
		return v, 0, false
	}
	value, after, ok := unquote(rest)
	if !ok || value == "" || after != "" && after[0] != '\n' {
		return v, 0, false
	}
	n = len(text) - len(after)
	return Var{name, value}, min(n+1, len(text)), true
}

// unquote reads what quote has made at the start of s.
func unquote(s string) (value, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "'")
	if !ok {
		return "", "", false
	}
	for {
		part, after, ok := strings.Cut(s, "'")
		if !ok || strings.Contains(part, "\x00") {
			return "", "", false
		}
		value += part
		if s, ok = strings.CutPrefix(after, `\''`); !ok {
			return value, after, true
		}
		value += "'"
	}
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// Apply returns an environment in which the variables hold as they would after a
// shell had sourced the file. The slice that it is given stays as it is.
func Apply(environ []string, vars []Var) []string {
	for _, v := range vars {
		old, ok := Lookup(environ, v.Name)
		if v.Value == "" && !ok || v.Value != "" && old != "" {
			continue
		}
		environ = Set(environ, v)
	}
	return environ
}

// Lookup finds a variable in an environment such as os.Environ gives.
func Lookup(environ []string, name string) (value string, ok bool) {
	for _, pair := range environ {
		if len(pair) > len(name) && pair[len(name)] == '=' && pair[:len(name)] == name {
			return pair[len(name)+1:], true
		}
	}
	return "", false
}

// Set returns an environment in which a variable has the value, were that empty.
// The slice that it is given stays as it is.
func Set(environ []string, v Var) []string {
	changed := make([]string, 0, len(environ)+1)
	for _, pair := range environ {
		if !strings.HasPrefix(pair, v.Name+"=") {
			changed = append(changed, pair)
		}
	}
	return append(changed, v.Name+"="+v.Value)
}
