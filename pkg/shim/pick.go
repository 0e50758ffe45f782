package shim

import (
	"os"
	"path/filepath"
	"strings"
)

// pick takes the first version that is installed. Only if none is, "system"
// counts, and after that the first path, wherever they stand in the line: that
// is how asdf compares the line with what is in its shims file.
func (s *search) pick(c *choice) (*Resolution, error) {
	var broken string
	for _, word := range c.words {
		kind, value := parseWord(word)
		name := dirName(kind, value)
		if name == "" {
			continue
		}
		root := filepath.Join(s.DataDir, "installs", s.Plugin, name)
		if info, err := os.Lstat(root); err != nil || !info.IsDir() {
			continue // asdf lists no links
		}
		if file := filepath.Join(root, "bin", s.Command); executable(file) {
			return &Resolution{Word: word, Type: kind, Name: name, Source: c.source, Root: root, Path: file}, nil
		}
		broken = root
	}
	for _, word := range c.words {
		if word == TypeSystem {
			return s.system(c)
		}
	}
	for _, word := range c.words {
		if kind, value := parseWord(word); kind == TypePath {
			return s.inPath(c, word, value)
		}
	}
	return nil, &NotInstalledError{Command: s.Command, Words: c.words, Source: c.source, DataDir: s.DataDir, Broken: broken}
}

// inPath is for a Go that somebody has built. A relative path is left to the
// kernel, which knows no links that led to this directory, and "~" is a name like
// any other.
func (s *search) inPath(c *choice, word, root string) (*Resolution, error) {
	file := filepath.Join(root, "bin", s.Command)
	if !executable(file) || s.isExe(file) {
		return nil, &NotExecutableError{s.Command, word, c.source}
	}
	return &Resolution{Word: word, Type: TypePath, Source: c.source, Root: root, Path: file}, nil
}

// parseWord splits a word of a file with versions.
func parseWord(word string) (kind, value string) {
	before, after, _ := strings.Cut(word, ":")
	switch {
	case before == TypeRef || before == TypePath:
		return before, after
	case word == TypeSystem:
		return TypeSystem, ""
	}
	return TypeVersion, word
}

// dirName is the directory that a word means below the installs, or "" where asdf
// would not list one under that word: it lists names, and gives ref-abc as
// ref:abc only.
func dirName(kind, value string) string {
	switch {
	case strings.Contains(value, "/"), value == "":
		return ""
	case kind == TypeRef:
		return "ref-" + value
	case kind != TypeVersion, value == ".", value == "..", strings.HasPrefix(value, "ref-"):
		return ""
	}
	return value
}

// executable is asdf's test: an entry of a directory that is no directory itself,
// and that this user may execute.
func executable(file string) bool {
	info, err := os.Lstat(file)
	return err == nil && !info.IsDir() && mayExecute(file)
}

// isExe reports whether file is the program that asks: to execute that would
// never end.
func (s *search) isExe(file string) bool {
	info, err := os.Stat(file)
	if err != nil || s.Exe == "" {
		return false
	}
	self, err := os.Stat(s.Exe)
	return err == nil && os.SameFile(info, self)
}
