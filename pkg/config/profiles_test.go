package config

import (
	"errors"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/stretchr/testify/require"
)

func TestProfiles(t *testing.T) {
	work := []profile.Profile{{Name: "work", Vars: []goenv.Var{{Name: "GOPROXY", Value: "https://a.example,direct"}, {Name: "GOPRIVATE", Value: "corp.example,*.corp.example"}}}}
	tests := map[string]struct {
		text string
		want []profile.Profile
	}{
		"none":     {"", nil},
		"a table":  {"[profiles.work]\ngoprivate = ['corp.example', '*.corp.example']\ngoproxy = 'https://a.example,direct'", work},
		"a line":   {"[profiles]\nwork = {goproxy = ['https://a.example', 'direct'], goprivate = 'corp.example,*.corp.example'}", work},
		"lines":    {"profiles.work.goproxy = 'https://a.example,direct'\nprofiles.work.goprivate = 'corp.example,*.corp.example'", work},
		"an array": {"profiles = {work = {goproxy = 'https://a.example,direct', goprivate = ['corp.example', '*.corp.example']}}", work},
		"two": {"[profiles.b]\ngonosumdb = 'x'\n[wsl1]\nprofile = 'a'\n[profiles.a]\ngosumdb = 'sum.golang.org'\ngonoproxy = ''\n[profiles.empty]", []profile.Profile{
			{Name: "a", Vars: []goenv.Var{{Name: "GOSUMDB", Value: "sum.golang.org"}}}, {Name: "b", Vars: []goenv.Var{{Name: "GONOSUMDB", Value: "x"}}},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			values, err := Parse([]byte(test.text))
			require.NoError(t, err)
			require.Equal(t, test.want, values.Profiles())
		})
	}
}

func TestProfileErrors(t *testing.T) {
	tests := map[string]struct {
		text string
		want Error
	}{
		"unknown key":   {"[profiles.work]\ngorpoxy = 'off'", Error{Line: 2, Key: "profiles.work.gorpoxy", Text: `unknown key "profiles.work.gorpoxy"`, Near: "goproxy"}},
		"upper case":    {"[profiles.work]\nGOPROXY = 'off'", Error{Line: 2, Key: "profiles.work.GOPROXY", Text: `unknown key "profiles.work.GOPROXY"`, Near: "goproxy"}},
		"deeper":        {"[profiles.work]\na.goproxy = 'off'", Error{Line: 2, Key: "profiles.work.a.goproxy", Text: `unknown key "profiles.work.a.goproxy"`}},
		"table":         {"[profile.work]", Error{Line: 1, Key: "profile.work", Text: `unknown table "profile.work"`, Near: "profiles"}},
		"deeper table":  {"[profiles.work.home]", Error{Line: 1, Key: "profiles.work.home", Text: `unknown table "profiles.work.home"`}},
		"no table":      {"profiles = 'work'", Error{Line: 1, Key: "profiles", Text: "profiles: a table, not a value", Want: "write [profiles] in a line of its own"}},
		"no profile":    {"[profiles]\nwork = 'china'", Error{Line: 2, Key: "profiles.work", Text: "profiles.work: a table, not a value", Want: "write [profiles.work] in a line of its own"}},
		"list":          {"[[profiles.work]]", Error{Line: 1, Key: "profiles.work", Text: "profiles.work: a table, not a list of tables", Want: "write [profiles.work]"}},
		"built in":      {"\n[profiles.china]", Error{Line: 2, Key: "profiles.china", Text: "profiles.china: china is built in", Want: "choose another name"}},
		"taken":         {"\n[profiles.tuned]", Error{Line: 2, Key: "profiles.tuned", Text: "profiles.tuned: tuned is built in", Want: "choose another name"}},
		"built in, too": {"profiles.china.goproxy = 'off'", Error{Line: 1, Key: "profiles.china", Text: "profiles.china: china is built in", Want: "choose another name"}},
		"name":          {"[profiles.'a b']", Error{Line: 1, Key: `profiles."a b"`, Text: `profiles."a b": "a b" is no name for a profile`, Want: "write it with letters, digits, - and _"}},
		"value": {"[profiles.work]\ngoprivate = ['a.example', 'https://b.example']", Error{
			Line: 2, Key: "profiles.work.goprivate", Text: `profiles.work.goprivate: "https://b.example" is a URL, and the path of a module has no scheme`,
			Want: "write it like corp.example,*.corp.example,github.com/you",
		}},
		"password": {"[profiles.work]\ngoproxy = 'ftp://me:secret@a.example'", Error{
			Line: 2, Key: "profiles.work.goproxy", Text: `profiles.work.goproxy: "ftp://me:xxxxx@a.example" is no https, http or file URL`, Want: "write it like https://proxy.example,direct",
		}},
		"chosen":  {"[wsl2]\nprofile = 'chnia'", Error{Line: 2, Key: "wsl2.profile", Text: `wsl2.profile: "chnia" is no profile`, Want: `did you mean "china"?`}},
		"no word": {"[wsl2]\nprofile = 'a.b'", Error{Line: 2, Key: "wsl2.profile", Text: `wsl2.profile: "a.b" is no name for a profile`, Want: "write it with letters, digits, - and _"}},
		"unverified": {"[native]\nprofile = 'blind'\n[profiles.blind]\ngoprivate = '*'", Error{
			Line: 2, Key: "native.profile", Text: `native.profile: "blind" takes modules unverified, and no setting can agree to that`,
			Want: `run "golang-wsl env profile blind --yes-unverified" instead`,
		}},
		"mixed": {"[wsl1]\nprofile = 'mixed'", Error{
			Line: 2, Key: "wsl1.profile", Text: `wsl1.profile: "mixed" needs patterns`,
			Want: `write [profiles.NAME] with goprivate = "..." and choose that, or run "golang-wsl env profile mixed --private PATTERNS"`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			require.Equal(t, &test.want, err)
		})
	}
}

func TestProfileByName(t *testing.T) {
	values, err := Parse([]byte("[profiles.work]\ngosumdb = 'off'"))
	require.NoError(t, err)
	for _, name := range []string{"work", "china", "private", "mixed", "default"} {
		p, err := values.Profile(name)
		require.NoError(t, err)
		require.Equal(t, name, p.Name)
	}
	var bad *ValueError
	_, err = values.Profile("elsewhere")
	require.True(t, errors.As(err, &bad))
	require.Equal(t, "there are default, china, private, mixed, work", bad.Want)
}
