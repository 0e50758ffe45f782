package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A reader follows the README from top to bottom: the blocks run in order, in a
// home of the reader's own, and what the README shows is what comes out.
type reader struct {
	root, repository, dir string
	env                   []string
}

func newReader(t *testing.T, env ...string) *reader {
	t.Helper()
	root := t.TempDir()
	r := &reader{root: root, repository: checkout(t), dir: filepath.Join(root, "home")}
	copyTree(t, filepath.Join(repository(t), "scripts"), filepath.Join(r.repository, "scripts"))
	commit(t, r.repository)
	require.NoError(t, os.Mkdir(r.dir, 0o755))
	r.env = append([]string{
		"HOME=" + r.dir, "PATH=" + filepath.Join(r.dir, ".local", "bin") + ":" + os.Getenv("PATH"),
		"GOENV=off", "MISE_YES=1",
		// The helper is built, from what this machine has fetched and compiled before.
		"GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE"),
	}, env...)
	return r
}

// follow types one command, and returns what a terminal would show of it. Where
// a command has changed the directory the next one starts there.
func (r *reader) follow(t *testing.T, command string) (string, int) {
	t.Helper()
	command = strings.ReplaceAll(command, "git clone <this repository>", "git clone -q file://"+r.repository)
	where := filepath.Join(r.root, "pwd")
	cmd := exec.Command("bash", "-c", "exec 2>&1; "+command+"\ncode=$?; pwd >'"+where+"'; exit $code")
	cmd.Dir, cmd.Env = r.dir, r.env
	got := run(t, cmd)
	dir, err := os.ReadFile(where)
	require.NoError(t, err)
	r.dir = strings.TrimSpace(string(dir))
	return got.stdout, got.code
}

// normalise takes out of what was shown, or is to be shown, what differs between
// machines: the file size, the home directory, who built the helper. On a
// terminal there is a bar instead of the line with the size.
func (r *reader) normalise(text string) string {
	text = strings.ReplaceAll(text, filepath.Join(r.root, "home"), "/home/you")
	text = strings.ReplaceAll(text, "linux/"+runtime.GOARCH, "linux/amd64")
	text = strings.ReplaceAll(text, "sum.fake.test", "sum.golang.org")
	text = regexp.MustCompile(`\(once\).* \.\.\.`).ReplaceAllString(text, "(once) ...")
	return regexp.MustCompile(`(?m)^golang-wsl: downloading .*\n`).ReplaceAllString(text, "")
}

// A block is a fenced part of a Markdown file.
type block struct{ language, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func blocks(markdown string) (list []block) {
	for _, m := range fence.FindAllStringSubmatch(markdown, -1) {
		list = append(list, block{m[1], m[2]})
	}
	return list
}

// A step is a command and what it shows.
type step struct{ command, shows string }

// steps reads a block: in sh each line is a command, in console those after "$ ".
func (b block) steps() (list []step) {
	for line := range strings.Lines(b.text) {
		command, typed := strings.CutPrefix(line, "$ ")
		switch {
		case b.language == "sh" || typed:
			list = append(list, step{command: strings.TrimSpace(command)})
		default:
			list[len(list)-1].shows += line
		}
	}
	return list
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	require.NoError(t, err)
	return string(text)
}

// The fake releases have numbers that no built-in table knows: 1.99.3 for 1.25.3.
func TestReadmeCommands(t *testing.T) {
	text := strings.ReplaceAll(readme(t), "1.25", "1.99")
	server := fakerelease.Start(t, fakerelease.New("1.99.3"), fakerelease.New("1.23.12"))
	env := append(server.Env(), "GOPROXY="+server.GOPROXY()+",off", "GOLANG_WSL_SOURCE=official")
	r := newReader(t, env...)
	ran := 0
	for _, b := range blocks(text) {
		for _, s := range b.steps() {
			tool, _, _ := strings.Cut(s.command, " ")
			if _, err := exec.LookPath(tool); err != nil && (tool == "asdf" || tool == "mise") {
				continue // scripts/test brings mise; asdf is tried where it is
			}
			if _, old, ok := strings.Cut(s.command, "# asdf 0.14: "); ok && asdfIsOld() {
				s.command = old
			}
			shown, code := r.follow(t, s.command)
			ran++
			if b.language == "console" {
				require.Equal(t, r.normalise(s.shows), r.normalise(shown), s.command)
			}
			require.Equal(t, strings.Contains(s.shows, "golang-wsl: error: "), code != 0, "%s: %s", s.command, shown)
		}
	}
	require.Greater(t, ran, 6)
}

// asdfIsOld says whether the asdf on PATH is of the line that ended with 0.15.
func asdfIsOld() bool {
	out, err := exec.Command("asdf", "--version").Output()
	return err == nil && regexp.MustCompile(`\bv?0\.1[0-5]\.`).Match(out)
}

// The two commands of the first block, as they are, with the real releases.
func TestReadmeQuickStart(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_NETWORK") == "" {
		t.Skip("GOLANG_WSL_TEST_NETWORK is not set")
	}
	r := newReader(t, append(reach(), "GOPROXY="+goEnv(t, "GOPROXY"))...)
	for _, s := range blocks(readme(t))[0].steps() {
		shown, code := r.follow(t, s.command)
		require.Zero(t, code, shown)
		shows := strings.Split(r.normalise(s.shows), "\n")
		for _, line := range shows[max(0, len(shows)-3):] { // which source was first is chance
			require.Contains(t, r.normalise(shown), line)
		}
	}
}

func TestReadmeBlocksAreAllRun(t *testing.T) {
	text := readme(t)
	for _, b := range blocks(text) {
		require.Contains(t, []string{"sh", "console"}, b.language)
		require.NotEmpty(t, b.steps())
	}
	require.Equal(t, strings.Count(text, "```"), 2*len(blocks(text)), "a block without a language is not run")
	require.Contains(t, text, "<!-- bench:begin -->\n")
	require.Contains(t, text, "<!-- bench:end -->\n")
}
