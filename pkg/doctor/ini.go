package doctor

import (
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// misspelt are the settings that are no known key, each with the one that was
// probably meant. Those that look like nothing known are apart: a newer WSL may
// know them.
func misspelt(settings wsl.Settings, known []string) (wrong map[string]string, strange []string) {
	wrong = make(map[string]string)
	for _, s := range settings {
		switch meant := meant(s, known); {
		case strings.EqualFold(meant, s.Name()):
		case meant == "":
			strange = append(strange, s.Name())
		default:
			wrong[s.Name()] = meant
		}
	}
	return wrong, strange
}

// meant is the known key that a setting is or should have been: the same key in
// another section that there is, if only one has it ("enabled" says nothing); else
// one of its section that looks alike; else its key in a section that looks alike.
// It is "" if there is none.
func meant(s wsl.Setting, known []string) string {
	var sections, keys, same []string // keys are those of the setting's section
	for _, name := range known {
		section, key, _ := strings.Cut(name, ".")
		sections = append(sections, section)
		if strings.EqualFold(section, s.Section) {
			keys = append(keys, key)
		}
		if strings.EqualFold(key, s.Key) {
			same = append(same, name)
			if strings.EqualFold(section, s.Section) {
				return name
			}
		}
	}
	if len(keys) == 0 { // no such section
		i := slices.Index(known, nearest(s.Section, sections)+"."+s.Key)
		if i < 0 {
			return ""
		}
		return known[i]
	}
	if len(same) == 1 {
		return same[0]
	}
	if near := nearest(s.Key, keys); near != "" {
		i := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, s.Section+"."+near) })
		return known[i]
	}
	return ""
}
