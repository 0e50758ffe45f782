package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// completers load the script on standard input of `golang-wsl completion`, then
// print, a line each, what the Tab key would offer for the words that follow.
var completers = map[string][]string{
	// The first function is the one that the script wants from the package
	// bash-completion; compopt works only while a key is being answered.
	"bash": {"bash", "--norc", "-c", `
_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}; }
compopt() { :; }
source <(golang-wsl completion bash)
complete -p golang-wsl >/dev/null
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9
COMP_POINT=${#COMP_LINE}
__start_golang-wsl
printf '%s\n' "${COMPREPLY[@]}"`, "tab"},

	// _describe is what zsh would draw the list with.
	"zsh": {"zsh", "-fc", `
autoload -Uz compinit && compinit -u -d ./zcompdump
source <(golang-wsl completion zsh)
[[ ${_comps[golang-wsl]} = _golang-wsl ]] || exit 1
_describe() { print -rl -- "${completions[@]}" }
words=("$@") CURRENT=$#
_golang-wsl`, "tab"},

	"fish": {"fish", "--no-config", "-c", `
golang-wsl completion fish | source
complete --do-complete "$argv"`},
}

func TestShellsComplete(t *testing.T) {
	server := fakerelease.Start(t, fakerelease.New("1.98.7"), fakerelease.New("1.99.1"), fakerelease.New("1.99.2"))
	m := newMachine(t, server, "official")
	m.run(t, "install", "1.98.7").requireOK(t) // and the list is in the cache
	for shell, call := range completers {
		t.Run(shell, func(t *testing.T) {
			need(t, shell)
			tab := func(words ...string) []string { return m.complete(t, shell, call, words) }

			require.Equal(t, []string{"install"}, tab("golang-wsl", "inst"))
			require.Equal(t, []string{"1.99.2", "1.99.1"}, tab("golang-wsl", "install", "1.99"))
			require.Equal(t, []string{"1.98.7"}, tab("golang-wsl", "exec", "1."))
			require.Equal(t, []string{"1.98.7"}, tab("golang-wsl", "verify", ""))
			require.Equal(t, []string{"bash"}, tab("golang-wsl", "completion", "b"))
			require.Contains(t, tab("golang-wsl", "list", "--"), "--json")
		})
	}
}

// complete returns the words that a shell offers, without their descriptions.
func (m *machine) complete(t *testing.T, shell string, call, words []string) (offered []string) {
	t.Helper()
	args := append(append([]string(nil), call...), words...)
	if shell == "fish" {
		args = append(append([]string(nil), call...), strings.Join(words, " "))
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = m.root
	cmd.Env = append(append([]string(nil), m.env...), "PATH="+filepath.Dir(m.path)+":"+os.Getenv("PATH"))
	got := run(t, cmd)
	require.Empty(t, got.stderr)
	got.requireOK(t)
	for line := range strings.Lines(got.stdout) {
		word := strings.TrimSpace(line)
		word, _, _ = strings.Cut(word, "\t")
		word, _, _ = strings.Cut(word, ":")
		word, _, _ = strings.Cut(word, " ")
		if word != "" && strings.HasPrefix(word, words[len(words)-1]) {
			offered = append(offered, word)
		}
	}
	return offered
}
