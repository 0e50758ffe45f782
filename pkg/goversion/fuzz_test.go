package goversion

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pathSafe is what the name of a version may look like: it becomes the name
// of a directory and a part of a URL.
var pathSafe = regexp.MustCompile(`^[1-9][0-9]{0,3}(\.[0-9]{1,4}){0,2}((beta|rc)[0-9]{1,4})?$`)

// requireSafe checks what must hold for every version, wherever it came from.
func requireSafe(t *testing.T, v Version) {
	t.Helper()
	require.Regexp(t, pathSafe, v.String())
	again, err := Parse(v.String())
	require.NoError(t, err)
	require.Equal(t, v, again)
	require.Zero(t, v.Compare(again))
}

// requireParseError checks that an error is the one that was promised.
func requireParseError(t *testing.T, err error) {
	t.Helper()
	var bad *ParseError
	require.True(t, errors.As(err, &bad), "%v", err)
	require.Less(t, len(err.Error()), 500)
}

func FuzzParse(f *testing.F) {
	for _, seed := range append([]string{"1.22.5", "go1.20rc1", "1.9.2rc2", "1", "1.4beta1"}, garbage...) {
		f.Add(seed)
	}
	other, _ := Parse("1.21rc2")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			requireParseError(t, err)
			require.True(t, v.IsZero())
			return
		}
		requireSafe(t, v)
		require.Equal(t, v == other, v.Compare(other) == 0)
		require.Equal(t, v.Compare(other), -other.Compare(v))
	})
}

func FuzzParseQuery(f *testing.F) {
	list := next(f)
	for _, seed := range append([]string{"latest", "oldstable", "1.22.x", "~1.22.3", "^1.21", ">=1.21rc2 <1.24", "1.21 - 1.23 || 1.9.2rc2", "latest:1.22", "*"}, garbage...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseName(s)
		if err != nil {
			requireParseError(t, err)
			return
		}
		require.Regexp(t, `^[0-9a-zA-Z.*=!<>~^|,: -]+$`, q.String())
		require.NotContains(t, q.String(), "..")
		if v, ok := q.Exact(); ok {
			requireSafe(t, v)
		}
		v, err := q.Resolve(list)
		if err == nil {
			require.Contains(t, list, v)
			require.True(t, v.IsStable() || strings.ContainsAny(s, "br"), "%s was not asked for", v)
			return
		}
		var none *NoMatchError
		require.True(t, errors.As(err, &none))
		require.LessOrEqual(t, len(none.Near), maxNear)
	})
}

func FuzzParseToolVersions(f *testing.F) {
	f.Add([]byte("\ufeffgolang 1.22.5 1.20\r\n# no\n\tnodejs\t20 # yes\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, line := range ParseToolVersions(data) {
			require.NotEmpty(t, line.Words)
			for _, word := range append([]string{line.Tool}, line.Words...) {
				require.NotEmpty(t, word)
				require.False(t, strings.ContainsAny(word, "# \t\r\n"), "%q", word)
			}
		}
	})
}

func FuzzParseGoVersionFile(f *testing.F) {
	f.Add([]byte("\ufeff# no\r\n\r\n go1.22.5 # yes\r\n"))
	f.Add([]byte("system\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := ParseGoVersionFile(data)
		if err != nil {
			requireParseError(t, err)
			return
		}
		if text != System {
			_, err = ParseName(text)
			require.NoError(t, err)
		}
	})
}

func FuzzParseMod(f *testing.F) {
	f.Add([]byte("module x\n\ngo 1.22.3\n\ntoolchain go1.22.5-custom // why\n\nrequire (\n\ta/v2 v2.0.0\n)\nretract [v1.0.0, v1.1.0]\n"))
	f.Add([]byte("\ufeffgo 1.21\r\nuse (\r\n\t.\r\n)\r\n"))
	f.Add([]byte("module gopkg.in/x.v3\nretract main\nrequire gopkg.in/y.v1-unstable x\nignore ./a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		mod, err := ParseMod("go.mod", data)
		if err != nil {
			require.True(t, mod.Go.IsZero() || mod.Toolchain.IsZero())
			return
		}
		for _, v := range []Version{mod.Go, mod.Toolchain} {
			if !v.IsZero() {
				requireSafe(t, v)
			}
		}
		q, ok := mod.Query()
		require.Equal(t, ok, mod != Mod{})
		if ok {
			_, err := ParseQuery(q.String())
			require.NoError(t, err, "a query says what it is")
		}
	})
}
