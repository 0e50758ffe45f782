package shell_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

func ExampleHook() {
	text, err := shell.Hook("bash", []goenv.Var{{Name: "GOLANG_WSL_WSL1_DATA_DIR", Value: "/mnt/it's big"}})
	if err != nil {
		panic(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	fmt.Println(first)
	// Output: [ -n "${GOLANG_WSL_WSL1_DATA_DIR-}" ] || GOLANG_WSL_WSL1_DATA_DIR='/mnt/it'\''s big'
}

// Each line of a hook is one of the file, or of a body that has been quoted, and
// none but comments is lost.
func TestHookIsTheFile(t *testing.T) {
	for _, name := range shell.Names() {
		file, err := os.ReadFile("hook." + name)
		require.NoError(t, err)
		text, err := shell.Hook(name, nil)
		require.NoError(t, err)
		marked := strings.Count(string(file), "{ # parsed when called\n")
		require.Equal(t, name != "fish", marked >= 4)
		require.Equal(t, marked, strings.Count(string(text), "\neval '"))
		got := strings.ReplaceAll(string(text), `'\''`, "'")
		got = strings.ReplaceAll(strings.ReplaceAll(got, "\neval '", "\n"), "\n' || return\n", "\n")
		require.Equal(t, code(strings.ReplaceAll(string(file), " # parsed when called\n", "\n")), code(got))
	}
}

// code is a script without comments and indentation.
func code(script string) (lines []string) {
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestHookRefuses(t *testing.T) {
	tests := map[string]struct {
		shell string
		v     goenv.Var
		want  string
	}{
		"another shell":      {"tcsh", goenv.Var{Name: "A"}, `no hook for the shell "tcsh"`},
		"a path for a shell": {"../hook.bash", goenv.Var{Name: "A"}, `no hook for the shell "../hook.bash"`},
		"no name":            {"bash", goenv.Var{Name: ""}, `write hook: "" is no name for a variable`},
		"code for a name":    {"zsh", goenv.Var{Name: "A;id"}, `write hook: "A;id" is no name for a variable`},
		"two lines":          {"fish", goenv.Var{Name: "A\n"}, `write hook: "A\n" is no name for a variable`},
		"a NUL":              {"fish", goenv.Var{Name: "A", Value: "a\x00b"}, "write hook: the value of A has a NUL byte"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := shell.Hook(test.shell, []goenv.Var{test.v})
			require.EqualError(t, err, test.want)
		})
	}
}

// What the shell has stays, what it has not or is empty is set, and a program that
// the shell starts sees none of it.
func TestHookSetsDefaults(t *testing.T) {
	vars := []goenv.Var{{Name: "T_UNSET", Value: "it's $(new)\\"}, {Name: "T_EMPTY", Value: "n\new"}, {Name: "T_SET", Value: "new"}}
	for name, argv := range judges {
		t.Run(name, func(t *testing.T) {
			argv := installed(t, argv)
			text, err := shell.Hook(hookOf(name), vars)
			require.NoError(t, err)
			rest, err := shell.Hook(hookOf(name), nil)
			require.NoError(t, err)
			script := strings.TrimSuffix(string(text), string(rest)) + `printf '%s|' "$T_UNSET" "$T_EMPTY" "$T_SET"; env`
			path := filepath.Join(t.TempDir(), "script")
			require.NoError(t, os.WriteFile(path, []byte(script), 0o644))
			cmd := exec.Command(argv[0], append(argv[1:], path)...)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nowhere", "T_EMPTY=", "T_SET=old"}
			out, err := cmd.Output()
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(out), "it's $(new)\\|n\new|old|"), "%q", out)
			require.NotContains(t, string(out), "T_UNSET=")
		})
	}
}

// hookOf is the shell whose hook another shell sources.
func hookOf(judge string) string {
	if judge == "zsh" || judge == "fish" {
		return judge
	}
	return "bash"
}
