package goversion

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseToolVersions(t *testing.T) {
	line := func(tool string, words ...string) Line { return Line{Tool: tool, Words: words} }
	for _, tt := range []struct {
		name, in string
		want     []Line
	}{
		{"empty", "", nil},
		{"plain", "golang 1.22.5\nnodejs 20.1.0\n", []Line{line("golang", "1.22.5"), line("nodejs", "20.1.0")}},
		{"no final newline", "golang 1.22.5", []Line{line("golang", "1.22.5")}},
		{"several words", "golang-wsl 1.22.5 1.20.14 system\n", []Line{line("golang-wsl", "1.22.5", "1.20.14", "system")}},
		{"windows", "\ufeffgolang 1.22.5\r\nnodejs 20\r\n\r\n", []Line{line("golang", "1.22.5"), line("nodejs", "20")}},
		{"tabs and blanks", "\tgolang\t1.22.5 \n   nodejs   20\t21  \n", []Line{line("golang", "1.22.5"), line("nodejs", "20", "21")}},
		{"comments", "# golang 1.1\ngolang 1.22.5 # why\n  #\nnodejs 20#21\n", []Line{line("golang", "1.22.5"), line("nodejs", "20")}},
		{"no version", "golang\ngolang # 1.22\n", nil},
		{"twice", "golang 1\ngolang 2\n", []Line{line("golang", "1"), line("golang", "2")}},
		{"other words", "golang ref:abc path:~/go latest:1.22\n", []Line{line("golang", "ref:abc", "path:~/go", "latest:1.22")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, ParseToolVersions([]byte(tt.in)))
		})
	}
}

func TestParseGoVersionFile(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"1.22.5\n", "1.22.5"},
		{"1.22.5", "1.22.5"},
		{"go1.22.5\n", "1.22.5"},
		{"\ufeffgo1.22\r\n", "1.22"},
		{"\r\n\n  # chosen in 2024\r\n\t1.20 # not 1.21\r\n1.19\n", "1.20"},
		{">=1.21 <1.24\n", ">=1.21 <1.24"},
		{"latest\n", "latest"},
		{"system\n", "system"},
	} {
		got, err := ParseGoVersionFile([]byte(tt.in))
		require.NoError(t, err, "%q", tt.in)
		require.Equal(t, tt.want, got)
	}
	for _, in := range []string{"", "\n", "# 1.22\n", "\ufeff", "$(cmd)\n", "../x\n1.22.5\n", "golang 1.22.5\n", "1.22.5\x00"} {
		_, err := ParseGoVersionFile([]byte(in))
		var bad *ParseError
		require.ErrorAs(t, err, &bad, "%q", in)
	}
}

func TestParseMod(t *testing.T) {
	for _, tt := range []struct{ name, in, toolchain, goline string }{
		{"go.mod", "", "", ""},
		{"go.mod", "module x\n", "", ""},
		{"go.mod", "module x\n\ngo 1.21\n", "", "1.21.0"},
		{"go.mod", "module x\n\ngo 1.20\n", "", "1.20"},
		{"go.mod", "module x\ngo 1.22.3\ntoolchain go1.22.5\n", "1.22.5", "1.22.3"},
		{"go.mod", "module x\ngo 1.22.3\ntoolchain default\n", "", "1.22.3"},
		{"go.mod", "module x\ngo 1.22.3\ntoolchain go1.22.5-custom // ours\n", "1.22.5", "1.22.3"},
		{"go.mod", "module x\ngo 1.21rc2\ntoolchain go1.21rc3\n", "1.21rc3", "1.21rc2"},
		{"go.mod", "toolchain go1.22.5\n", "1.22.5", ""},
		{"go.mod", "\ufeffmodule x\r\n\r\ngo 1.22.3 // why\r\ntoolchain go1.22.5\r\n", "1.22.5", "1.22.3"},
		{"go.mod", "module x\ngo 1.30\nfrobnicate a b c\nwobble (\n\ta\n\tb => c\n)\ntool example.com/t\n", "", "1.30.0"},
		{"go.mod", "module x\ngo 1.22\nrequire example.com/a master\nrequire example.com/b/v2 main\nrequire gopkg.in/c.v3 main\nreplace nonsense\n", "", "1.22.0"},
		{"go.work", "go 1.22.3\n\ntoolchain go1.23.1\n\nuse (\n\t.\n\t./tools\n)\nreplace a => ./a\n", "1.23.1", "1.22.3"},
		{"go.work", "go 1.22.3\nuse .\nfrobnicate (\n\tx\n)\n", "", "1.22.3"},
	} {
		mod, err := ParseMod(tt.name, []byte(tt.in))
		require.NoError(t, err, "%q", tt.in)
		require.Equal(t, tt.toolchain, mod.Toolchain.String(), "%q", tt.in)
		require.Equal(t, tt.goline, mod.Go.String(), "%q", tt.in)
	}
}

func TestParseModErrors(t *testing.T) {
	for in, want := range map[string]string{
		"go 1.22\ngo 1.23\n":                "parse go.mod: go.mod:2: repeated go statement",
		"go 1.99999\n":                      `read the go line of go.mod: parse "1.99999": want a Go version such as 1.22.5, 1.20 or 1.21rc2`,
		"go $(cmd)\n":                       "parse go.mod: go.mod:1:",
		"module x (\n":                      "parse go.mod: go.mod:2:",
		"toolchain go1.22.5/../x\n":         "read the toolchain line of go.mod: parse \"go1.22.5/../x\": want a toolchain such as go1.22.5, or default",
		"toolchain go1.22.5-a/b\n":          "read the toolchain line of go.mod",
		"toolchain 1.22.5\n":                "read the toolchain line of go.mod",
		"toolchain local\n":                 "read the toolchain line of go.mod",
		"toolchain go1.22.5 go1.22.6\n":     "read the toolchain line of go.mod",
		"toolchain\n":                       "read the toolchain line of go.mod",
		"go 1.22\ntoolchain \"go1.22.5\"\n": "read the toolchain line of go.mod",
	} {
		_, err := ParseMod("go.mod", []byte(in))
		require.ErrorContains(t, err, want, "%q", in)
	}
}

func TestModQuery(t *testing.T) {
	available := next(t)
	for _, tt := range []struct{ in, installed, want, text string }{
		{"go 1.22.3", "", "1.22.12", "~1.22.3"},
		{"go 1.22.3", "1.22.2 1.22.4 1.22.7 1.23.1", "1.22.7", "~1.22.3"}, // the newest installed
		{"go 1.22.3", "1.22.2 1.23.1", "1.22.12", "~1.22.3"},              // none is enough
		{"go 1.21", "", "1.21.13", "~1.21.0"},
		{"go 1.20", "", "1.20.14", "~1.20"},
		{"go 1.2", "", "1.2.2", "~1.2"},
		{"go 1.21", "1.21rc2", "1.21.13", "~1.21.0"},
		{"go 1.28rc1", "", "1.28rc1", "~1.28rc1"},
		{"go 1.27rc1", "", "1.27.0", "~1.27rc1"},
		{"go 1.22.3\ntoolchain go1.22.5", "1.22.7", "1.22.5", "1.22.5"},
		{"go 1.22.3\ntoolchain go1.22.3", "", "1.22.3", "1.22.3"},
		{"go 1.22.3\ntoolchain go1.21.1", "", "1.22.12", "~1.22.3"}, // older than the go line: ignored
		{"go 1.22.3\ntoolchain default", "", "1.22.12", "~1.22.3"},
	} {
		mod, err := ParseMod("go.mod", []byte(tt.in))
		require.NoError(t, err)
		q, ok := mod.Query()
		require.True(t, ok)
		require.Equal(t, tt.text, q.String())
		v, err := q.Resolve(versions(t, tt.installed))
		if err != nil {
			v, err = q.Resolve(available)
		}
		require.NoError(t, err, "%q", tt.in)
		require.Equal(t, tt.want, v.String(), "%q with %q installed", tt.in, tt.installed)
	}
	_, ok := Mod{}.Query()
	require.False(t, ok)
	_, err := Floor(must(t, "1.28")).Resolve(available)
	require.Error(t, err, "a floor that names no prerelease gives none")
	v, err := Floor(must(t, "1")).Resolve(available)
	require.NoError(t, err)
	require.Equal(t, "1", v.String(), "the line of go1 is 1.0, not all of 1")
}
