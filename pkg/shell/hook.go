// Package shell has what a login puts into the user's shells: the hooks, which
// point asdf, mise and PATH at the data directory of the kind of Linux that the
// shell runs on, and the editing of the rc files that source them.
//
//	text, err := shell.Hook("bash", []goenv.Var{{Name: "GOLANG_WSL_WSL1_DATA_DIR", Value: "/data/one"}})
//
// The hooks are the files hook.bash, hook.zsh and hook.fish beside this one, but
// that the bodies of functions which few shells call are quoted. hook.bash is written for any POSIX sh with local,
// such as dash and busybox ash: ~/.profile sources it as well. A hook starts no
// process; the one exception is a kernel with a truly ambiguous name, about
// which the helper is asked once per boot.
//
// The package runs no shell, and reads no environment: it is handed paths,
// texts and variables.
package shell

import (
	"bytes"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
)

//go:embed hook.bash hook.zsh hook.fish
var hooks embed.FS

// identifier is what all three shells take as the name of a variable.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Names are the shells that there is a hook for.
func Names() []string { return []string{"bash", "zsh", "fish"} }

// Hook is the text that a shell sources when it starts. The variables are
// defaults, such as those of the configuration: they hold where the shell has no
// value, or an empty one, and are not exported. It is an error if the shell is
// none of [Names], if a name is no identifier, or if a value has a NUL byte, which
// no shell can keep.
func Hook(shell string, vars []goenv.Var) ([]byte, error) {
	if !slices.Contains(Names(), shell) {
		return nil, fmt.Errorf("no hook for the shell %q", shell)
	}
	var text bytes.Buffer
	for _, v := range vars {
		if !identifier.MatchString(v.Name) {
			return nil, fmt.Errorf("write hook: %q is no name for a variable", v.Name)
		}
		if strings.ContainsRune(v.Value, 0) {
			return nil, fmt.Errorf("write hook: the value of %s has a NUL byte", v.Name)
		}
		text.WriteString(setDefault(shell, v))
	}
	file, err := hooks.ReadFile("hook." + shell)
	text.WriteString(postpone(shell, string(file)))
	return text.Bytes(), err
}

// mark is behind the opening line of a function that few shells call.
const mark = " # parsed when called\n"

// postpone makes the bodies of the marked functions arguments of eval, without
// comments and indentation. To read a quoted text costs bash a quarter of what it
// costs to parse it, and a shell must start in no time. A function ends with the
// brace below the beginning of its first line. What fails under set -e must end the
// shell behind the function: bash 5.2 complains if that happens inside of eval.
func postpone(shell, text string) string {
	var b, body strings.Builder
	end := "" // of the marked function that the line is in
	for line := range strings.Lines(text) {
		start, marked := strings.CutSuffix(line, mark)
		switch {
		case end != "" && line == end:
			b.WriteString("eval " + Quote(shell, body.String()) + " || return\n" + line)
			body.Reset()
			end = ""
		case end != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			body.WriteString(strings.TrimLeft(line, " "))
		case end == "" && marked:
			b.WriteString(start + "\n")
			end = line[:len(line)-len(strings.TrimLeft(line, " "))] + "}\n"
		case end == "":
			b.WriteString(line)
		}
	}
	return b.String() + body.String()
}

// setDefault is the line that gives a variable its value where it has none.
func setDefault(shell string, v goenv.Var) string {
	value := Quote(shell, v.Value)
	if shell == "fish" {
		return fmt.Sprintf("test -n \"$%s\"; or set -g %s %s\n", v.Name, v.Name, value)
	}
	return fmt.Sprintf("[ -n \"${%s-}\" ] || %s=%s\n", v.Name, v.Name, value)
}
