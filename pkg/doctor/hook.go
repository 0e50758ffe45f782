package doctor

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

func hookChecks() []Check {
	return []Check{
		{
			ID: "hook", Title: "the hook in this shell", Look: lookHook,
			Reads:   "`PATH`, `ASDF_DATA_DIR`, `SHELL`, the data directories, the rc files that setup edits, `golang-wsl/hook.*` in the configuration",
			Decides: "set up, but not in this shell, is a warning; never set up is info",
			Why:     "without it go is not the one of this kind of Linux",
			Cure:    "golang-wsl setup, then a new shell", Safe: true,
		},
		{
			ID: "hook-old", Title: "hooks as this golang-wsl writes them", Look: lookHookOld,
			Reads:   "`golang-wsl/hook.*` in the configuration, `config.toml`",
			Decides: "a hook that reads otherwise is a warning",
			Why:     "shells go by the rules of another version, or by data directories that config.toml no longer has",
			Cure:    "golang-wsl setup, then a new shell", Safe: true,
		},
		{
			ID: "hook-twice", Title: "one hook in each rc file", Look: lookHookTwice,
			Reads:   "the rc files that setup edits",
			Decides: "two blocks of setup, or a line of one's own beside a block, are a warning; two lines of one's own are info",
			Why:     "each one more is time at every start of a shell, and the last one decides, whatever was put first on PATH in between",
			Cure:    "leave one of them", Safe: true,
		},
	}
}

func lookHook(_ context.Context, m *Machine) Finding {
	bin := path.Join(m.dataDir(), "golang-wsl", "bin")
	switch {
	case !m.setUp():
		return Finding{Status: Info, Text: "never set up; golang-wsl setup keeps the kinds of Linux apart"}
	case slices.Contains(m.entries(), bin) && m.Env("ASDF_DATA_DIR") != "":
		return ok("%s is on PATH", bin)
	}
	f := Finding{Status: Warning, Text: "set up, but no rc file sources the hook"}
	if len(m.Hooks) == 0 {
		f.Text = "set up, but this shell has not sourced the hook"
	}
	for _, h := range m.loginHooks() {
		for _, rc := range h.Rc {
			if s := m.sourced(h, rc); s.blocks+len(s.lines) == 0 {
				continue
			}
			if m.exists(h.File) {
				return Finding{Status: Warning, Text: fmt.Sprintf("this shell has not sourced the hook, as %s has it", rc), Cure: "start a new shell"}
			}
			f.Text = fmt.Sprintf("%s sources %s, which is not there", rc, h.File)
		}
	}
	if len(m.Setup) > 0 && m.Trouble == nil {
		f.Fix = &Fix{Commands: []Command{{Args: []string{"setup"}, Touches: m.Setup}}}
	}
	return f
}

// loginHooks are those of the login shell. Where it is none that there is a hook
// for, any may be the one that is in use.
func (m *Machine) loginHooks() []Hook {
	login := path.Base(m.Env("SHELL"))
	if i := slices.IndexFunc(m.Hooks, func(h Hook) bool { return h.Shell == login }); i >= 0 {
		return m.Hooks[i : i+1]
	}
	return m.Hooks
}

// sourced is how an rc file comes to a hook.
type sourced struct {
	blocks int      // of setup
	lines  []string // the user's own
}

func (m *Machine) sourced(h Hook, rc string) (s sourced) {
	text, _ := m.read(rc)
	s.blocks = shell.Blocks([]byte(text))
	rest, _ := shell.Remove([]byte(text))
	own := ownLine(h.Shell)
	for line := range strings.Lines(string(rest)) {
		line = strings.TrimSpace(line)
		if own.MatchString(line) && line[0] != '#' {
			s.lines = append(s.lines, line)
		}
	}
	return s
}

// ownLine finds a line that sources the hook, by its file or by what "golang-wsl
// hook" prints.
func ownLine(name string) *regexp.Regexp {
	name = regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?:^|[\s;&|(])(?:\.|source|eval)\s.*golang-wsl(?:/hook\.|\s+hook\s+)` + name + `\b` +
		`|golang-wsl\s+hook\s+` + name + `\s*\|\s*(?:\.|source)\b`)
}

func lookHookOld(_ context.Context, m *Machine) Finding {
	var old []string
	there := 0
	fix := &Fix{}
	for _, h := range m.Hooks {
		file, text, whole := m.whole(h.File)
		switch {
		case !m.exists(h.File):
			continue
		case h.Text == nil:
			return skipped("what " + h.File + " should say is not known: config.toml cannot be read")
		case text != string(h.Text):
			old = append(old, h.File)
			if whole {
				fix.Edits = append(fix.Edits, Edit{File: file, Old: []byte(text), New: h.Text, What: "write the hook for " + h.Shell + " anew"})
			}
		}
		there++
	}
	switch {
	case there == 0:
		return skipped("setup has written no hook")
	case len(old) == 0:
		return ok("%d as this golang-wsl writes them", there)
	}
	f := Finding{Status: Warning, Text: "not as this golang-wsl writes it: " + strings.Join(old, ", ")}
	if len(fix.Edits) > 0 {
		f.Fix = fix
	}
	return f
}

func lookHookTwice(_ context.Context, m *Machine) Finding {
	f := Finding{Status: OK, Text: "none twice"}
	var texts []string
	fix := &Fix{}
	files := 0
	for _, h := range m.Hooks {
		for _, rc := range h.Rc {
			s := m.sourced(h, rc)
			if s.blocks+len(s.lines) > 0 {
				files++
			}
			if s.blocks+len(s.lines) < 2 {
				continue
			}
			texts = append(texts, fmt.Sprintf("%s has %s", rc, s))
			for _, line := range s.lines {
				f.Evidence = append(f.Evidence, rc+": "+line)
			}
			if edit, ok := m.oneBlock(h, rc); ok {
				fix.Edits = append(fix.Edits, edit)
			}
			if f.Status == OK {
				f.Status = Info
			}
			if s.blocks > 0 {
				f.Status = Warning
			}
		}
	}
	switch {
	case files == 0:
		return skipped("no rc file sources a hook")
	case len(texts) == 0:
		return f
	}
	f.Text = strings.Join(texts, "; ")
	switch {
	case len(fix.Edits) > 0 && len(f.Evidence) > 0:
		f.Fix, f.Cure = fix, "golang-wsl setup leaves one block; take out the lines of your own"
	case len(fix.Edits) > 0:
		f.Fix, f.Cure = fix, "golang-wsl setup"
	default:
		f.Cure = "take out the lines of your own, or all but one of them"
	}
	return f
}

func (s sourced) String() string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{s.blocks, "one block of setup", "%d blocks of setup"}, {len(s.lines), "one line of your own", "%d lines of your own"}} {
		switch {
		case p.n == 1:
			parts = append(parts, p.one)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf(p.many, p.n))
		}
	}
	return strings.Join(parts, " and ")
}

// oneBlock takes all blocks but one out of an rc file, as setup does.
func (m *Machine) oneBlock(h Hook, rc string) (e Edit, ok bool) {
	file, text, whole := m.whole(rc)
	line, err := shell.Source(h.Shell, m.home(), h.File)
	if !whole || err != nil {
		return e, false
	}
	e = Edit{File: file, Old: []byte(text), What: "leave one block of golang-wsl setup"}
	e.New = shell.Insert(e.Old, line, false)
	before := shell.Blocks(e.Old)
	return e, before > 1 && shell.Blocks(e.New) < before
}
