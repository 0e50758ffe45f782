package profile

import (
	"errors"
	"strings"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
)

func TestBuiltin(t *testing.T) {
	for _, p := range Builtin() {
		require.True(t, IsName(p.Name))
		for _, v := range p.Vars {
			require.NoError(t, Check(v), p.Name)
		}
		require.Equal(t, p.Name == Private, p.Unverified(), p.Name)
	}
	china, ok := Find(China)
	require.True(t, ok)
	require.Equal(t, "https://goproxy.cn,direct", china.Get("GOPROXY"))
	china.Vars[0].Value = "mine"
	again, _ := Find(China)
	require.Equal(t, "https://goproxy.cn,direct", again.Get("GOPROXY"), "who has one cannot change it for others")
	_, ok = Find("chna")
	require.False(t, ok)
}

func TestWith(t *testing.T) {
	p, _ := Find(China)
	q := p.With(goenv.Var{Name: "GOPRIVATE", Value: "a"}).With(goenv.Var{Name: "GOPROXY", Value: "off"})
	require.Equal(t, []goenv.Var{{Name: "GOPROXY", Value: "off"}, {Name: "GOSUMDB", Value: "sum.golang.google.cn"}, {Name: "GOPRIVATE", Value: "a"}}, q.Vars)
	require.Len(t, p.Vars, 2)
}

func TestUnverified(t *testing.T) {
	tests := []struct {
		vars string
		want bool
	}{
		{"", false}, {"GOSUMDB=off", true}, {"GOSUMDB=sum.golang.org", false}, {"GOPROXY=direct", false},
		{"GOPRIVATE=*", true}, {"GONOSUMDB=*", true}, {"GOPRIVATE=corp.example,*/*", true}, {"GOPRIVATE=*.*", true},
		{"GOPRIVATE=*.corp.example", false}, {"GONOPROXY=*", false}, {"GOPRIVATE=* GONOSUMDB=corp.example", false},
	}
	for _, test := range tests {
		var p Profile
		for pair := range strings.FieldsSeq(test.vars) {
			name, value, _ := strings.Cut(pair, "=")
			p = p.With(goenv.Var{Name: name, Value: value})
		}
		require.Equal(t, test.want, p.Unverified(), test.vars)
	}
}

func TestIsName(t *testing.T) {
	for _, name := range []string{"work", "a", "9", "At-Home_2"} {
		require.True(t, IsName(name), name)
	}
	for _, name := range []string{"", "-a", "_a", "a b", "a.b", "ä", "../a", "a\n", strings.Repeat("a", 33)} {
		require.False(t, IsName(name), name)
	}
}

const key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

func TestCheckTakes(t *testing.T) {
	tests := map[string][]string{
		"GOPROXY": {
			"off", "direct", "https://a.example", "https://a.example|http://b.example/c,direct", "file:///srv/proxy,off", "a.example",
			"https://me:secret@a.example,direct", ",https://a.example,", " https://a.example , direct",
		},
		"GOSUMDB":   {"off", "sum.golang.org", "sum.golang.google.cn", key, "sum.golang.org https://a.example", key + " https://a.example/x"},
		"GOPRIVATE": {"*", "corp.example", "*.corp.example,github.com/me/[a-z]*", "a.example,,b.example", "none"},
		"GONOPROXY": {"none"}, "GONOSUMDB": {"corp.example/a"},
	}
	for name, values := range tests {
		for _, value := range values {
			require.NoError(t, Check(goenv.Var{Name: name, Value: value}), "%s=%s", name, value)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"GOPROXY", "", `GOPROXY: "" is empty`},
		{"GOPROXY", ",|", `GOPROXY: ",|" has no entry`},
		{"GOPROXY", "noproxy", `GOPROXY: "noproxy" is no URL, and neither direct nor off`},
		{"GOPROXY", "https://a.example,ftp://b.example", `GOPROXY: "ftp://b.example" is no https, http or file URL`},
		{"GOPROXY", "https://", `GOPROXY: "https://" has no host`},
		{"GOPROXY", "https://a.example direct", `GOPROXY: "https://a.example direct" has a blank in it`},
		{"GOPROXY", "direct,https://a.example", `GOPROXY: "direct,https://a.example" goes on after direct, where the list ends`},
		{"GOPROXY", "https://a.example\n", `GOPROXY: "https://a.example\n" has a control character`},
		{"GOPROXY", "ftp://me:secret@a.example", `GOPROXY: "ftp://me:xxxxx@a.example" is no https, http or file URL`},
		{"GOSUMDB", "sum.example", `GOSUMDB: "sum.example" is no checksum database: key "sum.example": malformed verifier id`},
		{"GOSUMDB", "sum.golang.org a b", `GOSUMDB: "sum.golang.org a b" is no checksum database: too many fields`},
		{"GOSUMDB", "https://me:secret@a", `GOSUMDB: "https://me:xxxxx@a" is no checksum database: key "https://me:xxxxx@a": malformed verifier id`},
		{"GOPRIVATE", "https://corp.example", `GOPRIVATE: "https://corp.example" is a URL, and the path of a module has no scheme`},
		{"GONOPROXY", "a.example, b.example", `GONOPROXY: " b.example" has a blank in it, and then matches nothing`},
		{"GONOSUMDB", "a.example,[b", `GONOSUMDB: "[b" is no pattern: a [ or a \ is not closed`},
		{"GOPRIVATE", "corp.example/...", `GOPRIVATE: "corp.example/..." ends in dots, but a pattern is for all below it anyway`},
		{"GOPRIVATE", "/corp", `GOPRIVATE: "/corp" begins with a slash, and then matches nothing`},
		{"GOPRIVATE", ",", `GOPRIVATE: "," has no pattern`},
		{"GOFLAGS", "-mod=mod", `GOFLAGS: "-mod=mod" is for a variable that no profile sets`},
	}
	for _, test := range tests {
		err := Check(goenv.Var{Name: test.name, Value: test.value})
		var bad *Error
		require.True(t, errors.As(err, &bad), "%s=%s", test.name, test.value)
		require.Equal(t, test.want, bad.Error())
		require.NotEmpty(t, bad.Want)
	}
}

// What passes can be written down, is one line, and is what the go command reads.
func FuzzCheck(f *testing.F) {
	for i, value := range []string{"https://a.example,direct", "sum.golang.org https://a", "*.corp.example", "a|b", "[a-", "x://y:z@"} {
		f.Add(uint8(i), value)
	}
	f.Fuzz(func(t *testing.T, i uint8, value string) {
		v := goenv.Var{Name: variables[int(i)%len(variables)], Value: value}
		err := Check(v)
		var bad *Error
		if err != nil {
			require.True(t, errors.As(err, &bad))
			require.NotContains(t, err.Error(), "\n")
			return
		}
		data, err := goenv.Format([]goenv.Var{v})
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(data), "\n"))
		if v.Name != "GOPROXY" && v.Name != "GOSUMDB" {
			first, _, _ := strings.Cut(strings.TrimLeft(value, ","), ",")
			if !strings.ContainsAny(first, `*?[\`) {
				require.True(t, module.MatchPrefixPatterns(value, strings.TrimSuffix(first, "/")), "%q", first)
			}
		}
	})
}
