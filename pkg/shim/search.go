package shim

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// A search is a request under way.
type search struct {
	Request
	home, fileName string
	rc             *asdfrc // when it has been read
}

// A choice is what is asked for, before anybody has looked what is installed.
type choice struct {
	words  []string
	source string
}

// choose asks in asdf's order: the variable, each directory up to and with the
// root, the home directory. The names of directories are the shell's, so that a
// link into a project belongs to the directory that it lies in.
func (s *search) choose() (*choice, error) {
	if s.Word != "" {
		return &choice{[]string{s.Word}, "the name go" + s.Word}, nil
	}
	if words, _ := s.Env(s.variable()); words != "" {
		return &choice{fields(words), s.variable()}, nil
	}
	for dir := s.Dir; ; {
		found, err := s.inDir(dir)
		if found != nil || err != nil {
			return found, err
		}
		up := path.Dir(dir)
		if up == dir {
			return s.inDir(s.home)
		}
		dir = up
	}
}

// inDir asks the files of one directory.
func (s *search) inDir(dir string) (*choice, error) {
	file := path.Join(dir, s.fileName)
	data, err := readFile(file)
	switch {
	case err == nil:
		if words := toolWords(string(data), s.Plugin); len(words) > 0 {
			return &choice{words, file}, nil
		}
	case !errors.Is(err, fs.ErrNotExist) && exists(file): // and cannot be read
		return nil, err
	}
	rc, err := s.asdfrc()
	if err != nil || !rc.legacy {
		return nil, err
	}
	return s.legacyIn(dir)
}

// legacyIn asks the first file of another program. If that asks for nothing, or
// cannot be read, the others in the same directory are not asked.
func (s *search) legacyIn(dir string) (*choice, error) {
	for _, name := range LegacyFiles() {
		file := path.Join(dir, name)
		if !exists(file) {
			continue
		}
		if s.Legacy == nil {
			return nil, ErrLegacy
		}
		if text, err := s.Legacy(file); err == nil {
			if words := fields(text); len(words) > 0 {
				return &choice{words, file}, nil
			}
		}
		return nil, nil
	}
	return nil, nil
}

// exists is what asdf takes for it: that stat(2) has an answer.
func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// toolWords are the words of the first line for a tool that has some. asdf splits
// at blanks and only trims what is between them: a tab makes one word of two, and
// a byte order mark is part of the first.
func toolWords(text, tool string) []string {
	for len(text) > 0 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line, _, _ = strings.Cut(line, "#")
		if !strings.Contains(line, tool) {
			continue
		}
		if words := fields(line); len(words) > 1 && words[0] == tool {
			return words[1:]
		}
	}
	return nil
}

// fields splits a line as asdf does.
func fields(line string) (words []string) {
	for word := range strings.SplitSeq(line, " ") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// readFile is os.ReadFile for small files: without asking the kernel how large a
// file is, or whether it can be polled.
func readFile(name string) ([]byte, error) {
	f, err := open(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer f.close()
	data := make([]byte, 0, 1024)
	for {
		n, err := f.read(data[len(data):cap(data)])
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if n == 0 {
			return data, nil
		}
		if data = data[:len(data)+n]; len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}
