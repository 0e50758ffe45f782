package shim

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// findToolVersions is asdf 0.20's reader (internal/toolversions), retold.
func findToolVersions(content, tool string) []string {
	for _, line := range strings.Split(content, "\n") {
		before, _, _ := strings.Cut(line, "#")
		var tokens []string
		for _, token := range strings.Split(before, " ") {
			if token = strings.TrimSpace(token); len(token) > 0 {
				tokens = append(tokens, token)
			}
		}
		if len(tokens) > 1 && tokens[0] == tool {
			return tokens[1:]
		}
	}
	return nil
}

func FuzzToolVersions(f *testing.F) {
	for _, text := range []string{
		"golang-wsl 1.22.5\n", "golang-wsl 1.22.5 1.20.14\r\nnodejs 20\r\n", "\uFEFFgolang-wsl 1.22.5", "golang-wsl\t1.22.5\ngolang-wsl 1.20.14",
		"  golang-wsl   1.22.5  # why\n", "# golang-wsl 1.22.5\ngolang-wsl\ngolang-wsl # x\ngolang-wsl 1.20.14#x", "golang-wsl\u00a01.22.5 x",
		"golang 1\ngolang-wsl-x 2\ngolang-wsl 3", "golang-wsl \x00", "golang-wsl 1\rgolang-wsl 2", "\tgolang-wsl\t 1.22.5\t1.23",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		require.Equal(t, findToolVersions(text, "golang-wsl"), toolWords(text, "golang-wsl"))
		for _, word := range fields(text) {
			kind, value := parseWord(word)
			name := dirName(kind, value)
			require.NotContains(t, name, "/")
			require.NotContains(t, []string{".", ".."}, name)
		}
	})
}

func FuzzINI(f *testing.F) {
	for text := range inis {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseINI(text, "a", "b")
		require.True(t, (err == nil) == (values != nil))
	})
}
