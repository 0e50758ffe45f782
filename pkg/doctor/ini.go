package doctor

import (
	"slices"
	"strings"
)

// A setting is one line of wsl.conf or .wslconfig.
type setting struct {
	section, key, value string
	line                int // from 1
}

func (s setting) name() string { return s.section + "." + s.key }

// parseINI reads what both files are written in: sections in brackets, key=value,
// comments behind # or ;. It takes CRLF and a byte order mark, which lookConf
// complains about by itself.
func parseINI(text string) (settings []setting) {
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
		settings = append(settings, setting{section, strings.TrimSpace(key), value, number})
	}
	return settings
}

// find is the last value of a key, which is the one that counts. WSL does not
// care about case.
func find(settings []setting, name string) (setting, bool) {
	for i := len(settings) - 1; i >= 0; i-- {
		if strings.EqualFold(settings[i].name(), name) {
			return settings[i], true
		}
	}
	return setting{}, false
}

// misspelt are the settings that are no known key, each with the one that was
// probably meant. Those that look like nothing known are apart: a newer WSL may
// know them.
func misspelt(settings []setting, known []string) (wrong map[string]string, strange []string) {
	wrong = make(map[string]string)
	for _, s := range settings {
		switch meant := s.meant(known); {
		case strings.EqualFold(meant, s.name()):
		case meant == "":
			strange = append(strange, s.name())
		default:
			wrong[s.name()] = meant
		}
	}
	return wrong, strange
}

// meant is the known key that a setting is or should have been: the same key in
// another section that there is, if only one has it ("enabled" says nothing); else
// one of its section that looks alike; else its key in a section that looks alike.
// It is "" if there is none.
func (s setting) meant(known []string) string {
	var sections, keys, same []string // keys are those of the setting's section
	for _, name := range known {
		section, key, _ := strings.Cut(name, ".")
		sections = append(sections, section)
		if strings.EqualFold(section, s.section) {
			keys = append(keys, key)
		}
		if strings.EqualFold(key, s.key) {
			same = append(same, name)
			if strings.EqualFold(section, s.section) {
				return name
			}
		}
	}
	if len(keys) == 0 { // no such section
		i := slices.Index(known, nearest(s.section, sections)+"."+s.key)
		if i < 0 {
			return ""
		}
		return known[i]
	}
	if len(same) == 1 {
		return same[0]
	}
	if near := nearest(s.key, keys); near != "" {
		i := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, s.section+"."+near) })
		return known[i]
	}
	return ""
}
