package shim

import (
	"path/filepath"
	"strings"
	"unicode"
)

// An asdfrc is what a user has set for asdf, as far as a shim must know.
type asdfrc struct {
	legacy bool // legacy_version_file = yes
	hook   bool // pre_PLUGIN_COMMAND = anything
}

// asdfrc reads the file once. asdf 0.16 and later read exactly one, and one that
// cannot be read says nothing.
func (s *search) asdfrc() (asdfrc, error) {
	if s.rc != nil {
		return *s.rc, nil
	}
	name, _ := s.Env("ASDF_CONFIG_FILE")
	if name == "" {
		name = "~/.asdfrc"
	}
	if name == "~" || strings.HasPrefix(name, "~/") {
		name = s.home + name[1:]
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.Dir, name)
	}
	rc := asdfrc{}
	if data, err := readFile(filepath.Clean(name)); err == nil {
		keys, err := parseINI(string(data), "legacy_version_file", "pre_"+s.Plugin+"_"+s.Command)
		if err != nil {
			return rc, &SetupError{name, err.Error()}
		}
		rc.legacy, rc.hook = strings.ToLower(keys[0]) == "yes", keys[1] != ""
	}
	s.rc = &rc
	return rc, nil
}

// parseINI returns the values of keys outside all sections, in the order of
// names. It reads the language of asdf's library, gopkg.in/ini.v1: comments after
// # and ;, values in quotes or over several lines. What it leaves out is
// %(name)s.
func parseINI(text string, names ...string) ([]string, error) {
	values := make([]string, len(names))
	p := &ini{strings.TrimPrefix(text, "\uFEFF")}
	outside := true
	for p.rest != "" {
		line := strings.TrimLeftFunc(p.line(), unicode.IsSpace)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			end := strings.LastIndexByte(line, ']')
			if end < 2 {
				return nil, &iniError{"no section", line}
			}
			outside = line[1:end] == "DEFAULT"
		default:
			key, rest, err := cutKey(line)
			if err != nil {
				return nil, err
			}
			value, err := p.value(rest)
			if err != nil {
				return nil, err
			}
			for i, name := range names {
				if outside && key == name {
					values[i] = value
				}
			}
		}
	}
	return values, nil
}

type iniError struct{ what, line string }

func (e *iniError) Error() string { return e.what + " in " + strings.TrimSpace(e.line) }

// cutKey splits a line at the first = or : that no quotes are around.
func cutKey(line string) (key, rest string, err error) {
	quote := ""
	switch {
	case len(line) > 6 && strings.HasPrefix(line, `"""`):
		quote = `"""`
	case line[0] == '"', line[0] == '`':
		quote = line[:1]
	}
	if quote != "" {
		var found bool
		if key, rest, found = strings.Cut(line[len(quote):], quote); !found {
			return "", "", &iniError{"no closing quote", line}
		}
		line = rest
	}
	at := strings.IndexAny(line, "=:")
	if at < 0 || quote == "" && at == 0 {
		return "", "", &iniError{"no key", line}
	}
	if quote == "" {
		key = line[:at]
	}
	if key = strings.TrimSpace(key); key == "" {
		return "", "", &iniError{"no key", line}
	}
	return key, line[at+1:], nil
}

// An ini is a text that is being read.
type ini struct{ rest string }

// line takes the next line, with its end.
func (p *ini) line() string {
	end := strings.IndexByte(p.rest, '\n') + 1
	if end == 0 {
		end = len(p.rest)
	}
	line := p.rest[:end]
	p.rest = p.rest[end:]
	return line
}

func (p *ini) value(line string) (string, error) {
	line = strings.TrimLeftFunc(line, unicode.IsSpace)
	quote := ""
	switch {
	case line == "":
		return "", nil
	case len(line) > 3 && strings.HasPrefix(line, `"""`):
		quote = `"""`
	case line[0] == '`':
		quote = "`"
	}
	if quote != "" {
		return p.quoted(line[len(quote):], quote)
	}
	line = strings.TrimSpace(line)
	if before, ok := strings.CutSuffix(line, `\`); ok {
		return p.continued(before), nil
	}
	if at := strings.IndexAny(line, "#;"); at >= 0 {
		line = strings.TrimSpace(line[:at])
	}
	for _, quote := range []byte{'\'', '"'} {
		if len(line) >= 2 && line[0] == quote && strings.IndexByte(line[1:], quote) == len(line)-2 {
			return line[1 : len(line)-1], nil
		}
	}
	return line, nil
}

// quoted reads on to the line that has the closing quote.
func (p *ini) quoted(value, quote string) (string, error) {
	if end := strings.LastIndex(value, quote); end >= 0 {
		return value[:end], nil
	}
	for p.rest != "" {
		line := p.line()
		if end := strings.LastIndex(line, quote); end >= 0 {
			return value + line[:end], nil
		}
		value += line
	}
	return "", &iniError{"no closing quote", value}
}

// continued reads lines that end with a backslash, and the one after them.
func (p *ini) continued(value string) string {
	for p.rest != "" {
		line := strings.TrimSpace(p.line())
		before, more := strings.CutSuffix(line, `\`)
		value += before
		if !more {
			break
		}
	}
	return value
}
