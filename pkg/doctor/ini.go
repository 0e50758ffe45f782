package doctor

import "strings"

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
// probably meant: the same key in another section, or one that looks alike. Those
// that look like nothing known are apart: a newer WSL may know them.
func misspelt(settings []setting, known []string) (wrong map[string]string, strange []string) {
	wrong = make(map[string]string)
	for _, s := range settings {
		near := nearest(s.name(), known)
		for _, k := range known {
			if _, key, _ := strings.Cut(k, "."); strings.EqualFold(key, s.key) && near != k && !strings.EqualFold(near, s.name()) {
				near = k
			}
		}
		switch {
		case strings.EqualFold(near, s.name()):
		case near == "":
			strange = append(strange, s.name())
		default:
			wrong[s.name()] = near
		}
	}
	return wrong, strange
}
