package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	sh "mvdan.cc/sh/v3/shell"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// A side is one of the two things that are compared, or the only one.
type side struct {
	name  string   // "A", "B"; "" where there is one only
	words []string // the command
	dir   string   // where it runs
	rev   string   // the commit that is checked out there; "" is the tree of the user
	note  string   // "the work tree, with changes that are not committed"
}

// String is how a page calls it.
func (s side) String() string {
	text := shell.Line(s.words)
	if s.note != "" {
		text += " (" + s.note + ")"
	}
	return text
}

// isGoTest reports whether the side is a go test that runs benchmarks.
func (s side) isGoTest(env func(string) string) bool { return gotest.Is(s.words, env("GOFLAGS")) }

const (
	versus        = "--vs"
	escapedVersus = `\--vs`
)

// sides are what the words after "--" say, and --vs in front of it: A, or A and B. The
// first word --vs ends A; a program that has such a flag itself is handed it as \--vs.
// One word after it is B as a shell would read it, several are B as they are.
func sides(words []string, vs string, env func(string) string) (list []side, err error) {
	a, b := words, []string(nil)
	if at := slices.Index(words, versus); at >= 0 {
		if vs != "" {
			return nil, &usageError{"--vs is there twice", ""}
		}
		a, b = words[:at], words[at+1:]
		if len(b) == 0 {
			return nil, &usageError{"--vs is the last word: there is nothing to compare with", "-- A --vs B"}
		}
		if len(b) == 1 {
			vs = b[0]
		}
	}
	if vs != "" {
		if b, err = split(vs, env); err != nil {
			return nil, err
		}
	}
	if len(a) == 0 {
		return nil, &usageError{"there is no command to run", "usage: " + calledAs + " run [FLAG...] -- COMMAND [ARG...]"}
	}
	if b == nil {
		return []side{{words: unescaped(a)}}, nil
	}
	return []side{{name: "A", words: unescaped(a)}, {name: "B", words: unescaped(b)}}, nil
}

// split reads a line as a shell does: quotes, backslashes and variables, and nothing
// that would run a command.
func split(line string, env func(string) string) ([]string, error) {
	if !strings.ContainsAny(line, "~ \t\n'\"\\$`") {
		return []string{line}, nil // a path, whatever it looks like
	}
	words, err := sh.Fields(line, env)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("--vs %q: %v", line, err), "have a shell run it: --vs \"sh -c '...'\""}
	}
	if len(words) == 0 {
		return nil, &usageError{fmt.Sprintf("--vs %q is no command", line), ""}
	}
	return words, nil
}

func unescaped(words []string) []string {
	words = slices.Clone(words)
	for i, w := range words {
		if w == escapedVersus {
			words[i] = versus
		}
	}
	return words
}

// lookup is the file that a word stands for in a directory.
func lookup(word, dir string) (string, error) {
	if !strings.Contains(word, "/") {
		path, err := exec.LookPath(word)
		if err != nil {
			return "", fmt.Errorf("run %s: it is not on PATH", word)
		}
		return filepath.Abs(path)
	}
	if !filepath.IsAbs(word) {
		word = filepath.Join(dir, word)
	}
	info, err := os.Stat(word)
	switch {
	case err != nil:
		return "", fmt.Errorf("run %s: %w", word, err)
	case info.IsDir():
		return "", fmt.Errorf("run %s: it is a directory", word)
	case info.Mode()&0o111 == 0:
		return "", fmt.Errorf("run %s: it is not executable", word)
	}
	return word, nil
}
