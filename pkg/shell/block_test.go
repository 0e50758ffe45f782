package shell

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	hookLine   = ". hook\n"
	beginLine  = "# >>> golang-wsl >>>\n"
	endLine    = "# <<< golang-wsl <<<\n"
	wholeBlock = beginLine + about + "\n" + hookLine + endLine
	oldBlock   = beginLine + "an older one\n" + endLine
)

func noted(note string) string { return strings.Replace(wholeBlock, beginStart, beginStart+note, 1) }

func TestInsert(t *testing.T) {
	tests := map[string]struct{ content, inserted, removed string }{
		"empty":                      {"", wholeBlock, ""},
		"lines":                      {"a\nb\n", "a\nb\n" + wholeBlock, "a\nb\n"},
		"no final line end":          {"a", "a\n" + noted(", after a line without an end"), "a"},
		"CRLF":                       {"a\r\nb\r\n", "a\r\nb\r\n" + wholeBlock, "a\r\nb\r\n"},
		"CR at the end":              {"a\r", "a\r\n" + noted(", after a line without an end"), "a\r"},
		"NUL":                        {"\x00\xff\n", "\x00\xff\n" + wholeBlock, "\x00\xff\n"},
		"a line that goes on":        {"a \\\n", "a \\\n\n" + noted(", after a line that goes on"), "a \\\n"},
		"a line that goes on to EOF": {"a\\", "a\\\n\n" + noted(", after a line that goes on and is without an end"), "a\\"},
		"old block":                  {"a\n" + oldBlock + "b\n", "a\n" + wholeBlock + "b\n", "a\nb\n"},
		"old block without its line end": {
			"a\n" + strings.TrimSuffix(oldBlock, "\n"), "a\n" + wholeBlock, "a\n",
		},
		"block with CRLF": {"a\r\n" + strings.ReplaceAll(oldBlock, "\n", "\r\n") + "b\r\n", "a\r\n" + wholeBlock + "b\r\n", "a\r\nb\r\n"},
		"block with a later version's note": {
			strings.Replace(wholeBlock, " >>>\n", ", by moonlight >>>\n", 1), strings.Replace(wholeBlock, " >>>\n", ", by moonlight >>>\n", 1), "",
		},
		"two blocks":              {oldBlock + "a\n" + wholeBlock + "b\n", wholeBlock + "a\nb\n", "a\nb\n"},
		"two blocks, no line end": {"a\n" + noted(", after a line without an end") + "a\n" + noted(", after a line without an end"), "a\n" + noted(", after a line without an end") + "a", "a\na"},
		"a line came after the block": {
			"a\n" + noted(", after a line without an end") + "b\n", "a\n" + noted(", after a line without an end") + "b\n", "a\nb\n",
		},
		"begin without end":      {beginLine + "a\n", beginLine + "a\n" + wholeBlock, beginLine + "a\n"},
		"end without begin":      {endLine + "a\n", endLine + "a\n" + wholeBlock, endLine + "a\n"},
		"begin, then a block":    {beginLine + "a\n" + oldBlock + "b\n", beginLine + "a\n" + wholeBlock + "b\n", beginLine + "a\nb\n"},
		"a block, then an end":   {oldBlock + "a\n" + endLine, wholeBlock + "a\n" + endLine, "a\n" + endLine},
		"marks in the wrong way": {endLine + "a\n" + beginLine, endLine + "a\n" + beginLine + wholeBlock, endLine + "a\n" + beginLine},
		"not at a line's start":  {" " + beginLine + "a\n" + endLine, " " + beginLine + "a\n" + endLine + wholeBlock, " " + beginLine + "a\n" + endLine},
		"block between lone marks": {
			oldBlock + beginLine + "a\n" + oldBlock + "b\n" + endLine, wholeBlock + beginLine + "a\n" + wholeBlock + "b\n" + endLine, beginLine + "a\nb\n" + endLine,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content := []byte(test.content)
			once := Insert(content, hookLine, false)
			require.Equal(t, test.inserted, string(once))
			require.Equal(t, test.inserted, string(Insert(once, hookLine, false)))
			rest, created := Remove(once)
			require.Equal(t, test.removed, string(rest))
			require.False(t, created)
			require.Equal(t, test.content, string(content), "the argument is not written to")
		})
	}
}

func TestRemoveTellsOfNewFile(t *testing.T) {
	content := Insert(nil, hookLine, true)
	require.Equal(t, noted(", in a new file"), string(content))
	content = Insert(content, ". other\n", false)
	rest, created := Remove(content)
	require.True(t, created)
	require.Empty(t, rest)
	require.True(t, HasBlock(content))
	require.False(t, HasBlock(rest))
}

// pieces make contents that are hard on the rules: whole and half blocks in any
// order, and marks that are nearly one.
var pieces = []string{
	beginLine, endLine, wholeBlock, oldBlock, "a\n", "b", "\n", "\r\n", "\\\n", "\\", "\x00", "é\xff\n", strings.ReplaceAll(oldBlock, "\n", "\r\n"),
	noted(", in a new file"), noted(", after a line without an end"), noted(", after a line that goes on"),
	"#" + beginLine, strings.TrimSuffix(beginLine, "\n"), strings.TrimSuffix(endLine, "\n"), "# >>> golang-wsl, UP >>>\n", "# >>> golang-wsl\n",
}

// requireSurvives is the promise: whatever the content, setup, setup and undo
// change nothing outside blocks.
func requireSurvives(t *testing.T, content []byte) {
	t.Helper()
	before := bytes.Clone(content)
	once := Insert(content, hookLine, false)
	twice := Insert(once, hookLine, false)
	require.Equal(t, string(once), string(twice), "%q", before)
	require.Contains(t, string(once), about+"\n"+hookLine+endLine, "%q", before)
	rest, _ := Remove(twice)
	without, _ := Remove(content)
	require.Equal(t, string(without), string(rest), "%q", before)
	if !HasBlock(content) {
		require.Equal(t, string(before), string(rest))
	}
	require.Equal(t, userLines(before), userLines(rest), "%q", before)
	require.Equal(t, before, content)
}

// userLines is a second, slower opinion about which lines are the user's: what
// is neither between a begin mark and an end mark next to it, nor empty.
func userLines(content []byte) (lines []string) {
	open := -1 // where in lines the last begin mark is
	for text := range strings.SplitSeq(string(content), "\n") {
		text = strings.TrimSuffix(text, "\r")
		lines = append(lines, text)
		switch {
		case text == strings.TrimSuffix(endLine, "\n") && open >= 0:
			lines, open = lines[:open], -1
		case text == strings.TrimSuffix(endLine, "\n"):
			open = -1
		case isBegin(text):
			open = len(lines) - 1
		}
	}
	return strings.Fields(strings.Join(lines, " "))
}

func isBegin(text string) bool {
	text, starts := strings.CutPrefix(text, beginStart)
	note, ends := strings.CutSuffix(text, beginEnd)
	words, some := strings.CutPrefix(note, ", ")
	return starts && ends && (note == "" || some && words != "" && strings.Trim(words, "abcdefghijklmnopqrstuvwxyz ") == "")
}

func TestAnyContentSurvives(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 14))
	for range 20_000 {
		var content []byte
		for range random.IntN(9) {
			content = append(content, pieces[random.IntN(len(pieces))]...)
		}
		if nested(content) {
			continue
		}
		requireSurvives(t, content)
	}
}

// nested contents have a block between lone marks. Without it these are a block
// in the eyes of a second reader, so that the opinions differ; TestInsert has one.
func nested(content []byte) bool {
	rest, _ := Remove(content)
	return HasBlock(rest)
}

func TestLargeContentSurvives(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 71))
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(random.UintN(256))
	}
	requireSurvives(t, content)
	requireSurvives(t, bytes.Repeat([]byte(beginLine), 1<<20/len(beginLine)))
	requireSurvives(t, bytes.Repeat([]byte(wholeBlock), 1<<20/len(wholeBlock)))
}

func FuzzInsert(f *testing.F) {
	for _, p := range pieces {
		f.Add([]byte(p), []byte(p))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		// Fuzzers are slow to find marks: there is one to begin with.
		for _, content := range [][]byte{a, append(append(bytes.Clone(a), beginLine...), b...), append(append(bytes.Clone(a), wholeBlock...), b...)} {
			once := Insert(content, hookLine, false)
			require.Equal(t, string(once), string(Insert(once, hookLine, false)))
			if !nested(content) {
				requireSurvives(t, content)
			}
		}
	})
}

// The shells judge the line: whatever the directories are called, the hook runs.
func TestSourceRunsHook(t *testing.T) {
	odd := `it's "a" $(touch x) $HOME \ ` + "`id`\nline*"
	root := t.TempDir()
	homes := map[string]string{"below": filepath.Join(root, odd), "beside": filepath.Join(root, "other")}
	for _, hook := range []string{filepath.Join(root, odd, "plain", "hook"), filepath.Join(root, odd, odd, "hook")} {
		require.NoError(t, os.MkdirAll(filepath.Dir(hook), 0o755))
		require.NoError(t, os.WriteFile(hook, []byte("echo from the hook\n"), 0o644))
		for shell, command := range map[string]string{"bash": "bash", "dash": "dash", "busybox": "busybox", "zsh": "zsh", "fish": "fish"} {
			path, err := exec.LookPath(command)
			if err != nil {
				require.Empty(t, os.Getenv("REQUIRE_"+strings.ToUpper(command)))
				continue
			}
			for where, home := range homes {
				text, err := Source(shell, home, hook)
				require.NoError(t, err)
				require.Equal(t, where == "below", strings.Contains(text, `"$HOME`), text)
				args := []string{"-c", string(Insert([]byte("set -e; echo on \\"), text, false)) + "echo after\n"}
				if shell == "busybox" {
					args = append([]string{"ash"}, args...)
				}
				if shell == "fish" {
					args[1] = strings.TrimPrefix(args[1], "set -e; ")
				}
				cmd := exec.Command(path, args...)
				cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s: %s", shell, out)
				require.Equal(t, "on\nfrom the hook\nafter\n", string(out), "%s: %s", shell, text)
			}
		}
	}
}

func TestSource(t *testing.T) {
	text, err := Source("bash", "/home/me", "/home/me/.config/golang-wsl/hook.bash")
	require.NoError(t, err)
	require.Equal(t, `if [ -r "$HOME/.config/golang-wsl/hook.bash" ]; then . "$HOME/.config/golang-wsl/hook.bash"; fi`+"\n", text)
	text, err = Source("fish", "/home/me", "/home/me2/hook.fish")
	require.NoError(t, err)
	require.Equal(t, "if test -r '/home/me2/hook.fish'; source '/home/me2/hook.fish'; end\n", text)
	_, err = Source("bash", "/home/me", "/x\n"+endLine+"/hook.bash")
	require.Error(t, err)
}
