package wsl

import "strings"

// A Setting is one line of /etc/wsl.conf or of .wslconfig, which the Windows user has.
type Setting struct {
	Section, Key, Value string
	Line                int // from 1
}

// Name is the setting as Microsoft's documents have it: "wsl2.memory".
func (s Setting) Name() string { return s.Section + "." + s.Key }

// Settings are those of one file, in its order.
type Settings []Setting

// ParseSettings reads what both files are written in: sections in brackets,
// key=value, comments behind # or ;. It takes CRLF and a byte order mark, with which
// WSL itself has trouble (microsoft/WSL#12502).
func ParseSettings(text string) (settings Settings) {
	section, number := "", 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if inner, ok := strings.CutPrefix(line, "["); ok {
			inner, _, _ = strings.Cut(inner, "]")
			section = strings.TrimSpace(inner)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		settings = append(settings, Setting{section, strings.TrimSpace(key), value, number})
	}
	return settings
}

// Get is the last setting of a name, which is the one that counts. WSL does not care
// about case.
func (settings Settings) Get(name string) (Setting, bool) {
	for i := len(settings) - 1; i >= 0; i-- {
		if strings.EqualFold(settings[i].Name(), name) {
			return settings[i], true
		}
	}
	return Setting{}, false
}
