package shell_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// judges are the shells that read what was quoted, and how each runs a script.
// zsh has the option that changes what two quotes in a row mean.
var judges = map[string][]string{
	"bash":    {"bash", "--norc"},
	"dash":    {"dash"},
	"busybox": {"busybox", "ash"},
	"zsh":     {"zsh", "-f", "-o", "rc_quotes"},
	"fish":    {"fish", "--no-config"},
}

// installed skips the test where the shell is missing, unless REQUIRE_NAME is set.
func installed(t *testing.T, argv []string) []string {
	t.Helper()
	if _, err := exec.LookPath(argv[0]); err != nil {
		if os.Getenv("REQUIRE_"+strings.ToUpper(argv[0])) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return argv
}

func TestQuote(t *testing.T) {
	require.Equal(t, `''`, shell.Quote("bash", ""))
	require.Equal(t, `'a b'`, shell.Quote("zsh", "a b"))
	require.Equal(t, `'it'\''s \ $x'`, shell.Quote("bash", `it's \ $x`))
	require.Equal(t, `'it'\''s'`, shell.Quote("sh", `it's`))
	require.Equal(t, `'it\'s \\ $x'`, shell.Quote("fish", `it's \ $x`))
}

// Real shells print back what they have read: all single bytes, what shells take
// for more than text, and random mixtures of both.
func TestShellsReadWhatWasQuoted(t *testing.T) {
	for name, argv := range judges {
		t.Run(name, func(t *testing.T) {
			argv := installed(t, argv)
			texts := difficult()
			var script strings.Builder
			for _, text := range texts {
				script.WriteString(`printf '%s\0' ` + shell.Quote(hookOf(name), text) + "\n")
			}
			path := filepath.Join(t.TempDir(), "script")
			require.NoError(t, os.WriteFile(path, []byte(script.String()), 0o644))
			cmd := exec.Command(argv[0], append(argv[1:], path)...)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"}
			out, err := cmd.Output()
			require.NoError(t, err)
			got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
			require.Len(t, got, len(texts))
			for i, text := range texts {
				require.Equal(t, text, got[i])
			}
		})
	}
}

// A line for people is what it was in each POSIX shell.
func TestLine(t *testing.T) {
	require.Equal(t, `go test -bench=. ./a,b:c@v1 'a b' '' 'it'\''s'`, shell.Line([]string{"go", "test", "-bench=.", "./a,b:c@v1", "a b", "", "it's"}))
	words := append([]string{"printf", `%s\0`}, difficult()...)
	for _, name := range []string{"bash", "dash", "busybox"} {
		t.Run(name, func(t *testing.T) {
			script := filepath.Join(t.TempDir(), "script")
			require.NoError(t, os.WriteFile(script, []byte(shell.Line(words)+"\n"), 0o600))
			argv := append(installed(t, judges[name]), script)
			out, err := exec.Command(argv[0], argv[1:]...).Output()
			require.NoError(t, err)
			require.Equal(t, strings.Join(words[2:], "\x00")+"\x00", string(out))
		})
	}
}

func difficult() (texts []string) {
	parts := []string{
		"'", "''", `"`, `\`, `\\`, `\'`, "$(id)", "`id`", "$HOME", "${x}", "\n", "\r\n", "\t", " ", "*", "?", "[a]", "{a,b}", "~", "!", "!!", "#",
		"&", ";", "|", "<(id)", ">", "(", ")", "=", "%", "^", "-n", "ä", "日本", "a", "/", "=ls", "@", ":",
	}
	for b := 1; b < 256; b++ {
		texts = append(texts, string([]byte{byte(b)}), "a"+string([]byte{byte(b)})+"'")
	}
	texts = append(texts, parts...)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var text strings.Builder
		for range 1 + random.IntN(8) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		texts = append(texts, text.String())
	}
	return texts
}
