package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withAsdf gives the machine an asdf that tells how it was called and exits with 7,
// the plugin under two names with a command that does the same and exits with 5,
// and another plugin.
func (h *hooked) withAsdf(t *testing.T) {
	t.Helper()
	writeScript(t, filepath.Join(h.home, "bin", "asdf"), `printf 'asdf'; printf ' <%s>' "$@"; exit 7`)
	h.set("PATH=" + filepath.Join(h.home, "bin") + ":" + hookPath)
	h.proc = hookKinds["wsl2"]
	for _, name := range []string{"golang-wsl", "golang"} {
		writeScript(t, filepath.Join(h.data("wsl2"), "plugins", name, "lib", "commands", "command-default"),
			`printf 'default of `+name+`'; printf ' <%s>' "$@"; exit 5`)
	}
	h.write(t, ".asdf-wsl2/plugins/plain/lib/commands/command-default", "not executable")
	for _, dir := range []string{"plugins/nodejs", "installs/golang-wsl/1.22.5", "installs/golang-wsl/ref-abc", "installs/my_tool-x9/2", "installs/golang-wsl/latest"} {
		require.NoError(t, os.MkdirAll(filepath.Join(h.data("wsl2"), dir), 0o755))
	}
}

func TestHookTurnsTheGlobalVersionIntoTheDefault(t *testing.T) {
	tests := map[string]string{ // what is said to asdf, and who gets it
		"global golang-wsl 1.22.5":        "default of golang-wsl <1.22.5>",
		"global golang 1.22.5 1.21":       "default of golang <1.22.5> <1.21>",
		"set -u golang-wsl 1.22":          "default of golang-wsl <1.22>",
		"set golang-wsl -u latest":        "default of golang-wsl <latest>",
		"set golang-wsl 1.22 1.21 --home": "default of golang-wsl <1.22> <1.21>",
		"set --home golang path:/x|y z":   "default of golang <path:/x y> <z>",

		"set golang-wsl 1.22":         "asdf <set> <golang-wsl> <1.22>",
		"set -u -p golang-wsl 1.22":   "asdf <set> <-u> <-p> <golang-wsl> <1.22>",
		"set -u golang-wsl -p 1.22":   "asdf <set> <-u> <golang-wsl> <-p> <1.22>",
		"set -u golang-wsl 1.22 -p":   "asdf <set> <-u> <golang-wsl> <1.22> <-p>",
		"global plain 1":              "asdf <global> <plain> <1>",
		"set -p golang-wsl 1.22":      "asdf <set> <-p> <golang-wsl> <1.22>",
		"set -u nodejs 20":            "asdf <set> <-u> <nodejs> <20>",
		"set -u golang-wsl":           "asdf <set> <-u> <golang-wsl>",
		"set -u":                      "asdf <set> <-u>",
		"set":                         "asdf <set>",
		"global":                      "asdf <global>",
		"global nodejs 20":            "asdf <global> <nodejs> <20>",
		"global golang-wsl":           "asdf <global> <golang-wsl>",
		"global none 1":               "asdf <global> <none> <1>",
		"local golang-wsl 1.22":       "asdf <local> <golang-wsl> <1.22>",
		"install golang-wsl a|b * $x": "asdf <install> <golang-wsl> <a b> <*> <$x>",
		"--version":                   "asdf <--version>",
		"":                            "asdf <>", // printf prints its format once
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		h.withAsdf(t)
		for words, want := range tests {
			args := strings.Fields(words)
			for i, arg := range args {
				args[i] = strings.ReplaceAll(arg, "|", " ")
			}
			code := 7
			if strings.HasPrefix(want, "default") {
				code = 5
			}
			got := h.run(t, "SOURCE\nasdf ARGS", args...)
			require.Equal(t, want, got.stdout, words)
			require.Equal(t, code, got.code, words)
			require.Empty(t, got.stderr, words)
		}
	})
}

func TestHookGivesAsdfShellBack(t *testing.T) {
	const name = "ASDF_GOLANG_WSL_VERSION"
	eachShell(t, func(t *testing.T, h *hooked) {
		h.withAsdf(t)
		base := h.environ(t, "SOURCE")
		shell := func(args ...string) map[string]string {
			return h.environ(t, "SOURCE\nasdf shell ARGS", args...)
		}
		require.Equal(t, "1.22.5", shell("golang-wsl", "1.22.5")[name])
		require.Equal(t, "system", shell("golang-wsl", "system")[name])
		require.Equal(t, "ref:abc", shell("golang-wsl", "ref:abc")[name])
		require.Equal(t, "latest", shell("golang-wsl", "latest")[name], "an alias")
		require.Equal(t, "path:"+h.home, shell("golang-wsl", "path:"+h.home)[name])
		require.Equal(t, "2", shell("my_tool-x9", "2")["ASDF_MY_TOOL_X9_VERSION"])
		require.Equal(t, base, shell("golang-wsl", "--unset"), "there was none")

		h.set(name + "=1.22.5")
		require.Equal(t, base, shell("golang-wsl", "--unset"))
		require.Equal(t, "1.22.5", h.environ(t, "SOURCE\nasdf shell my_tool-x9 2")[name])

		for _, wrong := range [][]string{
			{"golang-wsl", "9.9.9"}, {"golang-wsl", ""}, {"golang-wsl", ".."}, {"golang-wsl", "../golang-wsl/1.22.5"}, {"golang-wsl", "path:"},
			{"golang-wsl", "path:/none"}, {"golang-wsl", "ref:none"}, {"golang-wsl"}, {}, {"golang-wsl", "1.22.5", "1.22.5"},
			{"", "system"}, {"A B", "system"}, {"x;id", "system"}, {"Golang", "--unset"}, {"../installs/golang-wsl", "1.22.5"},
		} {
			got := h.run(t, "SOURCE\nasdf shell ARGS", wrong...)
			require.Equal(t, 1, got.code, "%q", wrong)
			require.Empty(t, got.stdout)
			require.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
			require.Contains(t, got.stderr, "golang-wsl: asdf shell NAME VERSION|--unset: ")
		}

		// What is not the name of an install, asdf is asked for.
		writeScript(t, filepath.Join(h.home, "bin", "asdf"), `[ "$*" = "latest my_tool-x9" ] || [ "$*" = "latest golang-wsl 1.22" ] || exit 1
			[ "$2" = golang-wsl ] && echo 1.22.5 || echo 2`)
		require.Equal(t, "2", shell("my_tool-x9", "latest")["ASDF_MY_TOOL_X9_VERSION"])
		require.Equal(t, "1.22.5", shell("golang-wsl", "latest:1.22")[name])
		require.Equal(t, 1, h.run(t, "SOURCE\nasdf shell golang-wsl latest:1.21").code)
	})
}

// In Turkish the large letter of i has a dot.
func TestHookUpperCasesForAsdf(t *testing.T) {
	locales := t.TempDir()
	need(t, "localedef")
	out := run(t, commandIn(locales, "localedef", "-i", "tr_TR", "-f", "UTF-8", "./tr_TR.UTF-8"))
	if out.code != 0 {
		require.Empty(t, os.Getenv("REQUIRE_LOCALEDEF"), out.stderr)
		t.Skipf("no sources of the locale tr_TR: %s", out.stderr)
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		h.withAsdf(t)
		h.set("LOCPATH="+locales, "LC_ALL=tr_TR.UTF-8")
		require.NoError(t, os.MkdirAll(filepath.Join(h.data("wsl2"), "installs", "vim-i", "1"), 0o755))
		got := h.environ(t, "SOURCE\nasdf shell vim-i 1")
		require.Equal(t, "1", got["ASDF_VIM_I_VERSION"])
		require.Equal(t, "tr_TR.UTF-8", got["LC_ALL"])
	})
}

// The rest of a script under set -e goes on or not, as with asdf itself.
func TestHookAsdfInScripts(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		if h.argv[0] == os.Getenv("OLD_BASH") {
			t.Skip("bash 3.2 ends a script where command fails, in front of || as well")
		}
		h.withAsdf(t)
		for words, code := range map[string]int{"asdf list": 7, "asdf global golang-wsl 1": 5, "asdf shell x y": 1} {
			or := "; or echo STATUS"
			if !h.fish {
				or = " || echo STATUS"
			}
			got := h.run(t, "SOURCE\n"+words+or)
			got.requireOK(t)
			require.True(t, strings.HasSuffix(got.stdout, strconv.Itoa(code)+"\n"), got.stdout)
		}
	})
}

func commandIn(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd
}
