package doctor

import (
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A Listed is a distribution in the answer of "wsl.exe --list --verbose".
type Listed struct {
	Name    string
	State   string // Running, Stopped, ...
	Version int    // 1 or 2
	Default bool
}

// ParseList reads the answer of "wsl.exe --list --verbose". Lines are read from
// the right: the last field is 1 or 2, the one before is the state, the rest is the
// name, which may have blanks. Headers, in whatever language, have no such line.
func ParseList(data []byte) (list []Listed) {
	for line := range strings.Lines(wsl.Decode(data)) {
		line = strings.TrimSpace(line)
		rest, star := strings.CutPrefix(line, "*")
		fields := strings.Fields(rest)
		version := slices.Index([]string{"1", "2"}, last(fields)) + 1
		if len(fields) < 3 || version == 0 || fields[0] == "wsl:" { // which begins a warning
			continue
		}
		name := strings.TrimSpace(strings.TrimSuffix(rest, last(fields)))
		state := fields[len(fields)-2]
		name = strings.TrimSpace(strings.TrimSuffix(name, state))
		list = append(list, Listed{Name: name, State: state, Version: version, Default: star})
	}
	return list
}

func last(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}
