package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		text string
		want Values
	}{
		"nothing":           {"", Values{}},
		"only comments":     {"# a = 1\n\n  # [b]\n", Values{}},
		"empty tables":      {"[wsl1]\n[wsl2]\n[native]\n", Values{}},
		"above the tables":  {"stall = \"1m\"\nbundle = '~/go.tar.gz'\n", Values{"stall": "1m", "bundle": "~/go.tar.gz"}},
		"in a table":        {"[wsl2]\ndata_dir = '/d'\n[wsl1]\ndefault = '1.20'", Values{"wsl2.data_dir": "/d", "wsl1.default": "1.20"}},
		"dotted":            {"wsl2.data_dir = '/d'\nnative . gobin='~/b'", Values{"wsl2.data_dir": "/d", "native.gobin": "~/b"}},
		"table in a line":   {"wsl2 = {data_dir = '/d', default = 'latest'}", Values{"wsl2.data_dir": "/d", "wsl2.default": "latest"}},
		"quoted key":        {"\"stall\" = '2s'\n['wsl1']\n'default'='1.22'", Values{"stall": "2s", "wsl1.default": "1.22"}},
		"array":             {"source = ['official',\n  'bundle', # last\n]", Values{"source": "official,bundle"}},
		"comma list":        {"mirror = 'https://a, https://b'", Values{"mirror": "https://a, https://b"}},
		"empty is not set":  {"stall = ''\nsource = []", Values{}},
		"Windows' editor":   {"\uFEFFstall = '1m'\r\n[wsl1]\r\ndefault = '1.22'\r\n", Values{"stall": "1m", "wsl1.default": "1.22"}},
		"escapes":           {`wsl1.data_dir = "/a\u00e9 b"`, Values{"wsl1.data_dir": "/aé b"}},
		"toolchain":         {"native.gotoolchain = 'go1.22.5+auto'", Values{"native.gotoolchain": "go1.22.5+auto"}},
		"a version's range": {"native.default = '>=1.21 <1.24'", Values{"native.default": ">=1.21 <1.24"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(test.text))
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := map[string]struct {
		text string
		want Error
	}{
		"hyphen for underscore": {"\n[wsl2]\ndata-dir = '/d'", Error{Line: 3, Key: "wsl2.data-dir", Text: `unknown key "wsl2.data-dir"`, Near: "data_dir"}},
		"typing error":          {"\n\nstal = '1m'", Error{Line: 3, Key: "stal", Text: `unknown key "stal"`, Near: "stall"}},
		"outside of its table":  {"data_dir = '/d'", Error{Line: 1, Key: "data_dir", Text: `unknown key "data_dir"`, Near: "wsl1.data_dir"}},
		"inside of a table":     {"[native]\nstall = '1m'", Error{Line: 2, Key: "native.stall", Text: `unknown key "native.stall"`, Near: "stall"}},
		"variable":              {"GOLANG_WSL_STALL = '1m'", Error{Line: 1, Key: "GOLANG_WSL_STALL", Text: `unknown key "GOLANG_WSL_STALL"`, Near: "stall"}},
		"like nothing":          {"colour = 'red'", Error{Line: 1, Key: "colour", Text: `unknown key "colour"`}},
		"in one line":           {"wsl1 = {\n  Default = '1.22' }", Error{Line: 2, Key: "wsl1.Default", Text: `unknown key "wsl1.Default"`, Near: "default"}},
		"a dot in quotes":       {"'wsl1.default' = '1.22'", Error{Line: 1, Key: `"wsl1.default"`, Text: `unknown key "\"wsl1.default\""`, Near: "wsl1.default"}},
		"table":                 {"[wls2]", Error{Line: 1, Key: "wls2", Text: `unknown table "wls2"`, Near: "wsl2"}},
		"table in a table":      {"[wsl1.native]", Error{Line: 1, Key: "wsl1.native", Text: `unknown table "wsl1.native"`, Near: "native"}},
		"far-off table":         {"stall = '1m'\n[server]", Error{Line: 2, Key: "server", Text: `unknown table "server"`}},
		"list of tables":        {"[[wsl1]]", Error{Line: 1, Key: "wsl1", Text: "wsl1: a table, not a list of tables", Want: "write [wsl1]"}},
		"value for a table":     {"wsl1 = '/d'", Error{Line: 1, Key: "wsl1", Text: "wsl1: a table, not a value", Want: "write [wsl1] in a line of its own"}},

		"number":          {"[wsl1]\ndefault = 1.22", Error{Line: 2, Key: "wsl1.default", Text: "wsl1.default: want a string, not a number", Want: `write default = "..."`}},
		"boolean":         {"stall = true", Error{Line: 1, Key: "stall", Text: "stall: want a string, not a boolean", Want: `write stall = "..."`}},
		"date":            {"stall = 2024-01-01", Error{Line: 1, Key: "stall", Text: "stall: want a string, not a date or a time", Want: `write stall = "..."`}},
		"table in place":  {"mirror = {}", Error{Line: 1, Key: "mirror", Text: "mirror: want a string, not a table", Want: `write mirror = "..." or mirror = ["...", "..."]`}},
		"array of one":    {"stall = ['1m']", Error{Line: 1, Key: "stall", Text: "stall: want a string, not an array", Want: `write stall = "..."`}},
		"array of number": {"mirror = ['https://a', 1]", Error{Line: 1, Key: "mirror", Text: "mirror: want strings, not a number", Want: `write mirror = "..." or mirror = ["...", "..."]`}},

		"duration":       {"stall = 'soon'", Error{Line: 1, Key: "stall", Text: `stall: "soon" is not a duration`, Want: "write it like 10m or 30s"}},
		"no time at all": {"lock_timeout = '0s'", Error{Line: 1, Key: "lock_timeout", Text: `lock_timeout: "0s" is not a duration`, Want: "write it like 10m or 30s"}},
		"relative":       {"[wsl1]\ndata_dir = 'asdf'", Error{Line: 2, Key: "wsl1.data_dir", Text: `wsl1.data_dir: "asdf" is not an absolute path`, Want: `begin it with "/" or "~/"`}},
		"version":        {"[wsl2]\ndefault = 'new'", Error{Line: 2, Key: "wsl2.default", Text: `wsl2.default: "new" is not a version`, Want: "write it like 1.22.5, 1.22 or latest"}},
		"source":         {"source = ['official', 'pigeon']", Error{Line: 1, Key: "source", Text: `source: no source is called "pigeon"`, Want: "there are official, goproxy and bundle, or auto alone"}},
		"URL":            {"list_url = 'go.dev/dl'", Error{Line: 1, Key: "list_url", Text: `list_url: "go.dev/dl" is not a URL`, Want: "begin it with https://"}},
		"line break":     {`wsl1.gobin = "/a\nb"`, Error{Line: 1, Key: "wsl1.gobin", Text: `wsl1.gobin: "/a\nb" has a control character`, Want: "write it without tabs and line breaks"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			require.Equal(t, &test.want, err)
			_, err = Lines([]byte(test.text))
			require.Equal(t, &test.want, err)
		})
	}
}

// What the library says is its own; that it knows the line is what counts.
func TestParseSyntaxErrors(t *testing.T) {
	tests := map[string]struct {
		text string
		line int
	}{
		"no value":       {"stall = '1m'\nsource =\n", 2},
		"no quote":       {"\n\nstall = \"1m\n", 3},
		"not TOML":       {"stall: 1m", 1},
		"key twice":      {"stall = '1m'\nmirror = ''\nstall = '2m'", 3},
		"table twice":    {"[wsl1]\n[wsl2]\n[wsl1]", 3},
		"not UTF-8":      {"stall = '1m'\n# \xff\n", 2},
		"text of UTF-16": {"\xff\xfes\x00t\x00", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			var bad *Error
			require.True(t, errors.As(err, &bad), "%v", err)
			require.Equal(t, test.line, bad.Line, bad.Text)
			require.Empty(t, bad.Key)
			require.NotEmpty(t, bad.Text)
		})
	}
}

func TestLines(t *testing.T) {
	lines, err := Lines([]byte("\uFEFF# a comment\nstall = '1m'\nsource = ''\n\n[wsl1]\n\ndefault = '''\n1.22'''\ngobin = '/b'\n"))
	require.NoError(t, err)
	require.Equal(t, map[string]int{"stall": 2, "wsl1.default": 7, "wsl1.gobin": 9}, lines)
}

// Whatever the file, the answer is values that all pass, or an error with a line
// that the file has.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "stall = '1m'\n[wsl2]\ndata_dir = '~/d'\n", "source = ['auto']", "[profiles.a]\ngoproxy = 'off'\n[wsl1]\nprofile = 'a'", "[[wsl1]]", "wsl1 = {default = 1}",
		"\uFEFFmirror = \"https://a\"\r\n", "a.b.c = 1\n[d]", "[wsl1]\ndata-dir = ''", "'\"' = 1", "native.gobin = \"/\\u0000\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := Parse(data)
		lines, linesErr := Lines(data)
		require.Equal(t, err, linesErr)
		last := 1 + strings.Count(string(data), "\n")
		if err != nil {
			var bad *Error
			require.True(t, errors.As(err, &bad), "%v", err)
			require.True(t, 1 <= bad.Line && bad.Line <= last, "line %d of %d", bad.Line, last)
			return
		}
		require.Len(t, lines, len(values))
		for name, value := range values {
			key, ok := Find(name)
			require.True(t, ok && key.Name == name && value != "")
			require.NoError(t, key.Check(value))
			require.True(t, 1 <= lines[name] && lines[name] <= last)
		}
	})
}
