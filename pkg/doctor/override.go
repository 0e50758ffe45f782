package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
)

// flagMeanings are flags that do not belong in GOFLAGS. Tried with Go 1.26.
var flagMeanings = []struct{ flag, means string }{
	{"-C", "no go command runs with it: it must be the first flag"},
	{"-n", "nothing is built, only shown"},
	{"-insecure", "go get refuses it since Go 1.16; GOINSECURE is its successor"},
	{"-mod=vendor", "go install PACKAGE@VERSION refuses it"},
	{"-modfile", "builds read another file than go.mod, whatever the project"},
	{"-overlay", "builds read other files than those of the project"},
	{"-toolexec", "builds start another program in front of the compiler"},
}

func lookOverrides(_ context.Context, m *Machine) Finding {
	var texts, notes []string
	cure := ""
	say := func(text, how string) {
		if texts = append(texts, text); cure == "" {
			cure = how
		}
	}
	for _, v := range m.outranked() {
		text := fmt.Sprintf("%s is %s in this shell, %s in env.sh", v.Name, hide(m.Env(v.Name)), hide(v.Value))
		if slices.Contains(profile.Variables(), v.Name) {
			say(text, "unset "+v.Name+", and take it out of the rc files")
		} else {
			notes = append(notes, text)
		}
	}
	flags, source := m.goSetting("GOFLAGS")
	for _, flag := range words(flags) {
		if means := flagMeaning(flag); means != "" {
			name, _, _ := strings.Cut(flag, "=")
			say(fmt.Sprintf("GOFLAGS has %s: %s", flag, means), fmt.Sprintf("take %s out of GOFLAGS in %s", name, source))
		} else {
			name, _, _ := strings.Cut(flag, "=") // the value may be secret
			notes = append(notes, "GOFLAGS has "+name)
		}
	}
	switch {
	case len(texts) > 0:
		return Finding{Status: Warning, Text: strings.Join(texts, "; "), Cure: cure, Evidence: notes}
	case len(notes) > 0:
		return Finding{Status: Info, Text: strings.Join(notes, "; ")}
	}
	return ok("none")
}

// outranked are variables of env.sh that this shell has otherwise.
func (m *Machine) outranked() (list []goenv.Var) {
	text, _ := m.read(below(m.dataDir(), "golang-wsl", "env.sh"))
	vars, _ := goenv.Parse([]byte(text))
	for _, v := range vars {
		if set := m.Env(v.Name); set != "" && v.Value != "" && set != v.Value {
			list = append(list, v)
		}
	}
	return list
}

// words splits GOFLAGS, in which a flag with blanks stands in quotes.
func words(flags string) (list []string) {
	for rest := strings.TrimSpace(flags); rest != ""; rest = strings.TrimSpace(rest) {
		end := " "
		if i := strings.IndexAny(rest, " \t\r\n"); i >= 0 {
			end = rest[i : i+1]
		}
		if rest[0] == '\'' || rest[0] == '"' {
			end, rest = rest[:1], rest[1:]
		}
		word, after, _ := strings.Cut(rest, end)
		list, rest = append(list, word), after
	}
	return list
}

// flagMeaning is why a flag is a problem, or "". Two dashes are as good as one.
func flagMeaning(flag string) string {
	flag = "-" + strings.TrimLeft(flag, "-")
	name, value, _ := strings.Cut(flag, "=")
	for _, f := range flagMeanings {
		if flag == f.flag || name == f.flag && value != "false" {
			return f.means
		}
	}
	return ""
}
