package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"golang.org/x/mod/module"
)

// settingChecks are about settings of the network.
func settingChecks() []Check {
	return []Check{
		{
			ID: "goprivate", Title: "patterns for private modules", Look: lookGOPRIVATE,
			Reads:   "`GOPRIVATE`, `GONOPROXY`, `GONOSUMDB`, `GOINSECURE`, `GOSUMDB` as the go command sees them",
			Decides: "patterns that match nothing or everything, and one of GOPRIVATE that GONOPROXY or GONOSUMDB leaves out, are warnings; where env.sh has them that match everything, they are info",
			Why:     "a private module that they do not match is asked for, by its name, at public servers; one of a stranger that they do is taken unseen",
			Cure:    "golang-wsl env profile mixed with the patterns, or go env -w GOPRIVATE=PATTERNS",
		},
		{
			ID: "go-overrides", Title: "variables and GOFLAGS that outrank the settings", Look: lookOverrides,
			Reads:   "the environment, `golang-wsl/env.sh` in the data directory, `GOFLAGS` there and by `go env -w`",
			Decides: "a variable of a network profile that this shell has otherwise, and flags in GOFLAGS that break go install or go get or change what is built, are warnings; others are info",
			Why:     "what the shell has comes before env.sh, and GOFLAGS comes with every go command, also with those of editors",
			Cure:    "unset the variable, and take it out of the rc files",
		},
	}
}

func lookGOPRIVATE(_ context.Context, m *Machine) Finding {
	var texts, cures []string
	status := OK
	add := func(s Status, text, cure string) {
		texts = append(texts, text)
		switch {
		case rank(s) > rank(status):
			status, cures = s, []string{cure}
		case s == status && !slices.Contains(cures, cure):
			cures = append(cures, cure)
		}
	}
	set := 0
	for _, name := range []string{"GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"} {
		value, source := m.goSetting(name)
		if value == "" {
			continue
		}
		set++
		if bad := syntax(value); bad != nil {
			add(Warning, fmt.Sprintf("%s: %q %s", name, bad.Value, bad.Problem), fmt.Sprintf("correct it in %s: %s", source, bad.Want))
		}
		if covers := name != "GONOPROXY"; covers && matchesAll(value) {
			s := Warning
			if strings.HasSuffix(source, "/golang-wsl/env.sh") && name != "GOINSECURE" {
				s = Info // a profile was chosen with --yes-unverified
			}
			add(s, fmt.Sprintf("%s=%s, from %s, matches the modules of strangers", name, hide(value), source), m.unset(name, source))
		}
	}
	for _, t := range m.uncovered() {
		add(t.status, t.text, t.cure)
	}
	switch {
	case len(texts) > 0:
		return Finding{Status: status, Text: strings.Join(texts, "; "), Cure: strings.Join(cures, "; ")}
	case set == 0:
		return ok("none")
	}
	return ok("%d set", set)
}

// syntax is profile.Check for patterns, by whatever variable.
func syntax(patterns string) *profile.Error {
	var bad *profile.Error
	if errors.As(profile.Check(goenv.Var{Name: "GOPRIVATE", Value: patterns}), &bad) {
		return bad
	}
	return nil
}

func matchesAll(patterns string) bool {
	return profile.Profile{Vars: []goenv.Var{{Name: "GONOSUMDB", Value: patterns}}}.Unverified()
}

// uncovered are patterns of GOPRIVATE that another variable leaves out: it stands in
// the place of GOPRIVATE, not beside it. "none" is how to say that a proxy has the
// private modules (https://go.dev/ref/mod#private-modules).
func (m *Machine) uncovered() (list []*trouble) {
	private, _ := m.goSetting("GOPRIVATE")
	database, _ := m.database()
	for _, o := range []struct{ name, sent string }{{"GONOSUMDB", "the checksum database"}, {"GONOPROXY", "the proxies of GOPROXY"}} {
		value, source := m.goSetting(o.name)
		if value == "" || o.name == "GONOSUMDB" && database == "off" || o.name == "GONOPROXY" && value == "none" {
			continue
		}
		var missing []string
		for glob := range strings.SplitSeq(private, ",") {
			if glob != "" && !covered(value, glob) {
				missing = append(missing, glob)
			}
		}
		if len(missing) > 0 {
			list = append(list, &trouble{
				status: Warning, text: fmt.Sprintf("%s, from %s, takes the place of GOPRIVATE and leaves out %s, whose names are sent to %s", o.name, source, strings.Join(missing, ","), o.sent),
				cure: m.unset(o.name, source),
			})
		}
	}
	return list
}

// covered tries a path that the pattern matches. Of one with a class of characters
// none is made up.
func covered(patterns, glob string) bool {
	if strings.ContainsAny(glob, `[\`) {
		return true
	}
	example := strings.NewReplacer("*", "x", "?", "x").Replace(glob)
	return module.MatchPrefixPatterns(patterns, example) || module.MatchPrefixPatterns(patterns, glob)
}
