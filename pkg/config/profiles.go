package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
)

// profileTable is the table that has the profiles of the user in it.
const profileTable = "profiles"

// findProfileKey makes the key "profiles.work.goproxy", whatever the profile is
// called.
func findProfileKey(name string) (Key, bool) {
	path := strings.Split(name, ".")
	if len(path) != 3 || path[0] != profileTable || !profile.IsName(path[1]) {
		return Key{}, false
	}
	variable := strings.ToUpper(path[2])
	if path[2] != strings.ToLower(path[2]) || !slices.Contains(profile.Variables(), variable) {
		return Key{}, false
	}
	return Key{
		Name: name, Usage: variable + " of the profile " + path[1], Many: variable != "GOSUMDB",
		check: func(value string) error {
			var bad *profile.Error
			if err := profile.Check(goenv.Var{Name: variable, Value: value}); errors.As(err, &bad) {
				return not(bad.Value, bad.Problem, bad.Want)
			}
			return nil
		},
	}, true
}

// profileKeysLike are the keys of the profile that a name is in; none where it is
// in no profile.
func profileKeysLike(name string) (names []string) {
	path := strings.Split(name, ".")
	if len(path) != 3 || path[0] != profileTable {
		return nil
	}
	for _, variable := range profile.Variables() {
		names = append(names, strings.Join([]string{profileTable, path[1], strings.ToLower(variable)}, "."))
	}
	return names
}

func checkProfileName(value string) error {
	if !profile.IsName(value) {
		return not(value, "is no name for a profile", "write it with letters, digits, - and _")
	}
	return nil
}

// checkNewProfile says what is wrong with the name of a table below profiles.
func checkNewProfile(path []string, line int) error {
	name := dotted(path[:2])
	bad := &Error{Line: line, Key: name}
	if _, ok := profile.Find(path[1]); ok || path[1] == profile.Tuned {
		bad.Text, bad.Want = fmt.Sprintf("%s: %s is built in", name, path[1]), "choose another name"
		return bad
	}
	if err := (*ValueError)(nil); errors.As(checkProfileName(path[1]), &err) {
		bad.Text, bad.Want = name+": "+err.Text, err.Want
		return bad
	}
	return nil
}

// Profiles are those that a file defines, by name. One without a variable is not
// among them.
func (v Values) Profiles() (list []profile.Profile) {
	for key, value := range v {
		path := strings.Split(key, ".")
		if len(path) != 3 || path[0] != profileTable {
			continue
		}
		i := slices.IndexFunc(list, func(p profile.Profile) bool { return p.Name == path[1] })
		if i < 0 {
			i = len(list)
			list = append(list, profile.Profile{Name: path[1]})
		}
		list[i] = list[i].With(goenv.Var{Name: strings.ToUpper(path[2]), Value: value})
	}
	slices.SortFunc(list, func(a, b profile.Profile) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Profile returns the profile of that name, of the file or built in. The error is
// a [*ValueError].
func (v Values) Profile(name string) (profile.Profile, error) {
	all := append(profile.Builtin(), v.Profiles()...)
	var names []string
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	want := "there are " + strings.Join(names, ", ")
	if near := nearest(name, names); near != "" {
		want = fmt.Sprintf("did you mean %q?", near)
	}
	return profile.Profile{}, not(name, "is no profile", want)
}

// ChosenProfile is [Values.Profile] for a name that stands in a setting. There it
// cannot come with what mixed needs, nor with the consent that modules are taken
// unverified: a line that is copied to another machine consents to nothing.
func (v Values) ChosenProfile(name string) (profile.Profile, error) {
	p, err := v.Profile(name)
	switch {
	case err != nil:
		return p, err
	case name == profile.Mixed:
		return p, not(name, "needs patterns", `write [profiles.NAME] with goprivate = "..." and choose that, or run "golang-wsl env profile mixed --private PATTERNS"`)
	case p.Unverified():
		return p, not(name, "takes modules unverified, and no setting can agree to that", fmt.Sprintf("run \"golang-wsl env profile %s --yes-unverified\" instead", name))
	}
	return p, nil
}

// checkChosen holds the key profile of each kind against the profiles, once all
// are known: a table may be used above the line that opens it.
func (f *file) checkChosen() error {
	for _, kind := range kinds {
		name := kind + ".profile"
		value := f.values[name]
		if value == "" {
			continue
		}
		var bad *ValueError
		if _, err := f.values.ChosenProfile(value); errors.As(err, &bad) {
			return &Error{Line: f.lines[name], Key: name, Text: name + ": " + bad.Text, Want: bad.Want}
		}
	}
	return nil
}
