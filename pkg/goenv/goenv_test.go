package goenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var odd = []Var{
	{"GOBIN", "/home/it's me/$(id)/`id`/\"x\"\\"},
	{"GOPROXY", "https://a.example,https://b.example|direct"},
	{"LINES", "one\ntwo\n'\n"},
	{"GOROOT", ""},
}

func TestParseReadsWhatFormatWrites(t *testing.T) {
	data, err := Format(odd)
	require.NoError(t, err)
	got, err := Parse(append([]byte("# a comment\n\n"), data...))
	require.NoError(t, err)
	require.Equal(t, odd, got)

	got, err = Parse([]byte(`[ -n "${A:-}" ] || export A='b'`)) // an editor took the last line's end
	require.NoError(t, err)
	require.Equal(t, []Var{{"A", "b"}}, got)
}

// The shells are the judges of what a file means.
func TestShellsAgree(t *testing.T) {
	data, err := Format(odd)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "env.sh")
	require.NoError(t, os.WriteFile(file, data, 0o644))
	for _, shell := range []string{"sh", "bash"} {
		cmd := exec.Command(shell, "-c", `. "$1"; printf '%s\0' "$GOBIN" "$GOPROXY" "$LINES" "$GOROOT"`, "-", file)
		cmd.Env = []string{"GOROOT=/stale"}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		want := odd[0].Value + "\x00" + odd[1].Value + "\x00" + odd[2].Value + "\x00\x00"
		require.Equal(t, want, string(out), shell)

		cmd = exec.Command(shell, "-euc", `. "$1"; . "$1"; echo "$GOBIN ${GOROOT-unset}"`, "-", file)
		cmd.Env = []string{"GOBIN=/mine"}
		out, err = cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, "/mine unset\n", string(out), "a wish is respected, and there was nothing to take away")
	}
}

func TestFormatRefuses(t *testing.T) {
	for _, v := range []Var{{"", "x"}, {"A B", "x"}, {"1A", "x"}, {"A;id", ""}, {"A", "x\x00"}} {
		_, err := Format([]Var{v})
		require.Error(t, err, "%q", v)
	}
}

func TestParseRefuses(t *testing.T) {
	const or = `[ -n "${A:-}" ] || `
	for _, text := range []string{
		"A='b'", "export A='b'", or + "A='b'", or + "export A=b", or + "export A='b", or + "export A='b'c", or + "export A='b' # c",
		or + "export A=''", or + "export B='b'", " " + or + "export A='b'", or + "export A='b';id", or + "export A='b\x00'", or,
		`[ -n "${1:-}" ] || export 1='b'`, "if [ -n \"${A:-}\" ]; then export B=; fi", "if [ -n \"${A:-}\" ]; then export A=; id; fi", "id",
	} {
		_, err := Parse([]byte("# one\n" + text + "\n"))
		var parse *ParseError
		require.ErrorAs(t, err, &parse, "%q", text)
		require.Equal(t, 2, parse.Line, "%q", text)
	}
}

func FuzzParse(f *testing.F) {
	data, err := Format(odd)
	require.NoError(f, err)
	f.Add(string(data))
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := Parse([]byte(text))
		if err != nil {
			return
		}
		data, err := Format(vars)
		require.NoError(t, err)
		again, err := Parse(data)
		require.NoError(t, err)
		require.Equal(t, vars, again)
		require.LessOrEqual(t, len(vars), strings.Count(text, "=")+strings.Count(text, "\n"))
	})
}

func TestApply(t *testing.T) {
	vars := []Var{{"GOBIN", "/ours"}, {"GOTOOLCHAIN", "local"}, {"GOPROXY", "off"}, {"GOROOT", ""}, {"GOX", ""}}
	before := []string{"GOBIN=/mine", "GOBINS=x", "GOPROXY=", "GOROOT=/stale", "A=b"}
	kept := append([]string(nil), before...)
	require.Equal(t, []string{"GOBIN=/mine", "GOBINS=x", "A=b", "GOTOOLCHAIN=local", "GOPROXY=off", "GOROOT="}, Apply(before, vars))
	require.Equal(t, kept, before)
}
