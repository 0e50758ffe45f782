package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// warnings are the lines about the file, of an interactive shell. What else it
// says is about the terminal that it does not have.
func (h *hooked) warnings(t *testing.T, script string) (lines []string) {
	t.Helper()
	interactive := *h
	interactive.argv = append(append([]string(nil), h.argv...), "-i")
	got := interactive.run(t, script)
	got.requireOK(t)
	for line := range strings.Lines(got.stderr) {
		if strings.HasPrefix(line, "golang-wsl: ~") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

func warning(file, plugin, version string) []string {
	return []string{"golang-wsl: ~/" + file + ` says "` + plugin + " " + version + `" for every kind of Linux; to make that the default of this kind only: golang-wsl default ` + version}
}

// write makes a file below the home.
func (h *hooked) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(h.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestHookWarnsOfASharedVersion(t *testing.T) {
	tests := map[string]struct{ text, version string }{
		"a version":            {"golang-wsl 1.22.5\n", "1.22.5"},
		"between others":       {"nodejs 20\n\n# golang-wsl 1\ngolang-wsl 1.22.5\npython 3\n", "1.22.5"},
		"several words":        {"golang-wsl 1.22.5 default\n", "1.22.5"},
		"no newline":           {"golang-wsl 1.22.5", "1.22.5"},
		"CRLF":                 {"nodejs 20\r\ngolang-wsl 1.22.5\r\n", "1.22.5"},
		"comment":              {"golang-wsl 1.22.5 # it's\n", "1.22.5"},
		"comment close by":     {"golang-wsl 1.22.5#c\n", "1.22.5"},
		"blanks":               {"  golang-wsl \t 1.22.5  \n", "1.22.5"},
		"system":               {"golang-wsl system\n", "system"},
		"a path":               {"golang-wsl path:/opt/go-1~x+y\n", "path:/opt/go-1~x+y"},
		"the first line wins":  {"golang-wsl 1.21\ngolang-wsl default\n", "1.21"},
		"default":              {"golang-wsl default\n", ""},
		"default, no newline":  {"golang-wsl default", ""},
		"default, CRLF":        {"golang-wsl default\r\n", ""},
		"default and more":     {"golang-wsl default 1.22.5\n", ""},
		"default, first":       {"golang-wsl default\ngolang-wsl 1.21\n", ""},
		"default with comment": {"golang-wsl default # 1.22\n", ""},
		"no word":              {"golang-wsl\n", ""},
		"only a comment":       {"golang-wsl # 1.22\n", ""},
		"longer names":         {"golang-wsl2 1.22\nxgolang-wsl 1\n", ""},
		"another name":         {"golang 1.22\n", ""},
		"empty":                {"", ""},
		"binary":               {"\x00\xff\xfe\n\x01golang-wsl 1\n", ""},
		"what a terminal or a shell would act upon": {"golang-wsl 1\x1b[31m$(id)\n", ""},
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		h.proc = hookKinds["wsl1"]
		h.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
		require.Empty(t, h.warnings(t, "SOURCE"), "there is no default")
		require.NoError(t, os.MkdirAll(filepath.Join(h.data("wsl1"), "installs", "golang-wsl", "default"), 0o755))
		require.Empty(t, h.run(t, "SOURCE").stderr, "not interactive")
		for name, test := range tests {
			h.write(t, ".tool-versions", test.text)
			var want []string
			if test.version != "" {
				want = warning(".tool-versions", "golang-wsl", test.version)
			}
			require.Equal(t, want, h.warnings(t, "SOURCE"), name)
		}
		require.NoError(t, os.Remove(filepath.Join(h.home, ".tool-versions")))
		require.Empty(t, h.warnings(t, "SOURCE"), "no file")
		require.NoError(t, os.Mkdir(filepath.Join(h.home, ".tool-versions"), 0o755))
		require.Empty(t, h.warnings(t, "SOURCE"), "a directory")
	})
}

func TestHookWarnsOnceAndOfTheRightFile(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		for _, plugin := range []string{"golang-wsl", "golang"} {
			require.NoError(t, os.MkdirAll(filepath.Join(h.data("native"), "installs", plugin, "default"), 0o755))
		}
		h.write(t, ".tool-versions", "golang 1.1\ngolang-wsl 1.2\n")
		require.Equal(t, warning(".tool-versions", "golang-wsl", "1.2"), h.warnings(t, "SOURCE\nSOURCE"))

		h.write(t, ".asdf/golang-wsl/plugin", "golang\n")
		require.Equal(t, warning(".tool-versions", "golang", "1.1"), h.warnings(t, "SOURCE"))

		h.write(t, ".tools", "golang 1.3\n")
		h.set("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME=.tools")
		require.Equal(t, warning(".tools", "golang", "1.3"), h.warnings(t, "SOURCE"))
		h.set("ASDF_TOOL_VERSIONS_FILENAME=.tool-versions") // the newer name outranks
		require.Equal(t, warning(".tool-versions", "golang", "1.1"), h.warnings(t, "SOURCE"))

		h.set("GOLANG_WSL_WARNED=1") // as the shell above said
		require.Empty(t, h.warnings(t, "SOURCE"))
	})
}

// The guard is exported, but where nothing was said there is none.
func TestHookWarnsNoNestedShell(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		require.NoError(t, os.MkdirAll(filepath.Join(h.data("native"), "installs", "golang-wsl", "default"), 0o755))
		guard := `env >"$HOME/env"`
		for version, want := range map[string]bool{"default": false, "1.2": true} {
			h.write(t, ".tool-versions", "golang-wsl "+version+"\n")
			h.warnings(t, "SOURCE\n"+guard)
			env, err := os.ReadFile(filepath.Join(h.home, "env"))
			require.NoError(t, err)
			require.Equal(t, want, strings.Contains(string(env), "GOLANG_WSL_WARNED=1\n"), version)
			require.NoError(t, os.Remove(filepath.Join(h.home, "env")))
		}
	})
}

// Somebody's shell must not hang on a file that is no list of versions.
func TestHookGivesUpOnAHugeFile(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		require.NoError(t, os.MkdirAll(filepath.Join(h.data("native"), "installs", "golang-wsl", "default"), 0o755))
		start := time.Now()
		h.write(t, ".tool-versions", "")
		require.Empty(t, h.warnings(t, "SOURCE"))
		usual := time.Since(start)
		h.write(t, ".tool-versions", strings.Repeat("tool 1.2.3\n", 500_000)+"golang-wsl 1.2\n")
		start = time.Now()
		require.Empty(t, h.warnings(t, "SOURCE"))
		require.Less(t, time.Since(start), usual+2*time.Second)

		h.write(t, ".tool-versions", strings.Repeat("tool 1.2.3\n", 50)+"golang-wsl 1.2\n"+strings.Repeat("tool 1.2.3\n", 100_000))
		require.Len(t, h.warnings(t, "SOURCE"), 1)
		h.write(t, ".tool-versions", strings.Repeat("x", 1<<20)) // one line
		start = time.Now()
		require.Empty(t, h.warnings(t, "SOURCE"))
		t.Logf("one line of 1 MB: %v, an empty file: %v", time.Since(start), usual)
	})
}
