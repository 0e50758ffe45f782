// Package profile is what the go command is told about the network: from which
// proxy modules come, who vouches for them, and which modules are nobody's
// business. A profile is a few such variables with a name, one for each kind of
// Linux.
//
//	p, ok := profile.Find("china")
//	// p.Vars: GOPROXY=https://goproxy.cn,direct GOSUMDB=sum.golang.google.cn
//	err := profile.Check(goenv.Var{Name: "GOPRIVATE", Value: "https://corp.example"})
//	// GOPRIVATE: "https://corp.example" is a URL
//
// Values are checked on the way in, because the go command reads them late: a
// scheme in GOPRIVATE matches nothing, and the path of a private module is sent to
// a public server without a word.
//
// It is no part of pkg/goenv, which writes the variables down: the fast shim is
// made of that, and what is needed to parse a URL would start before each go. The
// package writes nothing, asks no server and does not choose: that is for a
// command.
package profile

import (
	"cmp"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"golang.org/x/mod/module"
)

// A Profile is some of [Variables] under a name.
type Profile struct {
	Name string
	Vars []goenv.Var // in the order of Variables, none of them empty
}

// variables leaves out GOINSECURE, GOVCS and GOFLAGS: they say how the go command
// talks and builds, not with whom, and each opens something that a name like
// "china" does not announce.
var variables = []string{"GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB"}

// Variables are those that a profile may hold.
func Variables() []string { return slices.Clone(variables) }

// The names of the built-in profiles. Mixed is only half of one: it needs patterns
// for GOPRIVATE, see [Profile.With].
const (
	Default = "default"
	China   = "china"
	Private = "private"
	Mixed   = "mixed"
)

// Tuned is the name of what "golang-wsl env tune" has measured, on top of another
// profile. It is not among the built-in ones: what is in it differs from place to
// place.
const Tuned = "tuned"

var builtin = []Profile{
	{Name: Default},
	{China, []goenv.Var{{Name: "GOPROXY", Value: "https://goproxy.cn,direct"}, {Name: "GOSUMDB", Value: "sum.golang.google.cn"}}},
	{Private, []goenv.Var{{Name: "GOPROXY", Value: "direct"}, {Name: "GOSUMDB", Value: "off"}}},
	{Name: Mixed},
}

// Builtin returns the profiles that are there without a configuration.
func Builtin() []Profile {
	list := slices.Clone(builtin)
	for i := range list {
		list[i].Vars = slices.Clone(list[i].Vars)
	}
	return list
}

// Find returns the built-in profile of that name.
func Find(name string) (Profile, bool) {
	list := Builtin()
	i := slices.IndexFunc(list, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, false
	}
	return list[i], true
}

// IsName reports whether a profile can be called so: a word that needs quotes
// neither in TOML nor in a shell.
func IsName(name string) bool {
	for i, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || c != '-' && c != '_') {
			return false
		}
	}
	return name != "" && len(name) <= 32
}

// Get is the value of one variable, "" where the profile has none.
func (p Profile) Get(name string) string {
	for _, v := range p.Vars {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// With returns the profile with one more variable, or with another value for it.
func (p Profile) With(v goenv.Var) Profile {
	p.Vars = slices.DeleteFunc(slices.Clone(p.Vars), func(old goenv.Var) bool { return old.Name == v.Name })
	p.Vars = append(p.Vars, v)
	slices.SortStableFunc(p.Vars, func(a, b goenv.Var) int {
		return slices.Index(variables, a.Name) - slices.Index(variables, b.Name)
	})
	return p
}

// strangers are modules that no pattern for one's own can mean.
var strangers = []string{"golang.org/x/mod", "github.com/golang-wsl/stranger", "gopkg.in/stranger.v1", "stranger.example/module"}

// Unverified reports whether modules of strangers would be taken unseen: GOSUMDB
// is off, or the patterns for modules that need no sum match all of them.
func (p Profile) Unverified() bool {
	patterns := cmp.Or(p.Get("GONOSUMDB"), p.Get("GOPRIVATE"))
	return p.Get("GOSUMDB") == "off" || !slices.ContainsFunc(strangers, func(path string) bool {
		return !module.MatchPrefixPatterns(patterns, path)
	})
}
