package goversion

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetToolVersions(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"no file":                      {"", "go default\n"},
		"another tool":                 {"nodejs 20\n", "nodejs 20\ngo default\n"},
		"no final newline":             {"nodejs 20", "nodejs 20\ngo default\n"},
		"a number":                     {"a 1\ngo 1.22.5\nb 2\n", "a 1\ngo default\nb 2\n"},
		"several words":                {"go 1.22.5 1.20.14 system\n", "go default\n"},
		"a comment stays":              {"go 1.22.5 # why\n", "go default # why\n"},
		"a comment is no line":         {"# go 1.22.5\n", "# go 1.22.5\ngo default\n"},
		"only the first line counts":   {"go 1.1\ngo 1.2\n", "go default\ngo 1.2\n"},
		"Windows line ends of others":  {"a 1\r\ngo 1.22.5\r\nb 2\r\n", "a 1\r\ngo default\nb 2\r\n"},
		"a comment with a Windows end": {"go 1.22.5 # why\r\n", "go default # why\n"},
		"a byte order mark":            {"\ufeffgo 1.22.5\n", "go default\n"},
		"somebody else's mark":         {"\ufeffa 1\ngo 1\n", "\ufeffa 1\ngo default\n"},
		"a tab":                        {"go\t1.22.5\n", "go default\n"},
		"no version":                   {"go\n", "go\ngo default\n"},
		"a longer name":                {"golang 1.22.5\n", "golang 1.22.5\ngo default\n"},
		"as it should be":              {"a 1\ngo default\n", "a 1\ngo default\n"},
		"empty lines":                  {"\n\na 1\n\n", "\n\na 1\n\ngo default\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, string(SetToolVersions([]byte(test.data), "go", "default")))
		})
	}
}

func FuzzSetToolVersions(f *testing.F) {
	f.Add("a 1\r\ngo 1.22.5 # x\r\n\ufeffb")
	f.Fuzz(func(t *testing.T, text string) {
		once := SetToolVersions([]byte(text), "go", "default")
		require.Equal(t, string(once), string(SetToolVersions(once, "go", "default")), "twice is once")
		for _, line := range ParseToolVersions(once) {
			if line.Tool == "go" {
				require.Equal(t, []string{"default"}, line.Words)
				break
			}
		}
		require.GreaterOrEqual(t, strings.Count(string(once), "\n"), strings.Count(text, "\n"), "no line is lost")
	})
}
