package test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A world is a random tree and a call in it.
type world struct {
	*rand.Rand
	t          *testing.T
	s          *shimmed
	tools      string
	root, home string
	dir        string // where the command is called
	command    string
	env        []string
	system     string // PATH after the shims
	versions   string // what files with versions are called
	written    []string
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

func pick(w *world, words ...string) string { return words[w.IntN(len(words))] }

func (w *world) word() string {
	base := filepath.Dir(w.s.data)
	if w.chance(50) {
		return pick(w, "1.20.14", "1.22.5", "1.23.1", "default")
	}
	return pick(w, "1.99", "1.22", "latest", "latest:1.22", "system", "system", "ref:main", "ref-main", "ref:", "ref", "ref:none", "path", "path:",
		"path:"+base+"/own", "path:"+base+"/own/", "path:"+base+"/none", "path:../own", "path:own", "path:~/own", "path:"+w.s.root("1.22.5"),
		"link", "nogofmt", "nogo", "notexecutable", "isdir", "empty", ".stage", ".", "..", "../"+w.s.plugin+"/1.22.5", "/1.22.5", "1.22.5:x", "1.22.5\t1.23.1",
		"1.22.5\t", "\u00a01.22.5", "\uFEFF1.22.5", "\x00", "ü", "1.22.5\r", "System", "1.22.5#x", "*", "$HOME", "-v", "'1.22.5'")
}

func (w *world) words() string {
	list := []string{w.word()}
	for w.chance(25) {
		list = append(list, w.word())
	}
	return strings.Join(list, pick(w, " ", " ", " ", "  "))
}

// toolVersions is a file as people and their editors write it.
func (w *world) toolVersions() string {
	var b strings.Builder
	if w.chance(5) {
		b.WriteString("\uFEFF")
	}
	end := pick(w, "\n", "\n", "\n", "\r\n", "\r")
	for range w.IntN(4) {
		switch w.IntN(12) {
		case 0:
			b.WriteString("nodejs 20.1.0")
		case 1:
			b.WriteString("# " + w.s.plugin + " " + w.words())
		case 2:
			b.WriteString(pick(w, w.s.plugin, w.s.plugin+" ", w.s.plugin+" # 1.22.5", ""))
		case 3:
			b.WriteString(w.s.plugin + "\t" + w.words())
		case 4:
			b.WriteString(pick(w, " ", "\t", "\u00a0") + w.s.plugin + " " + w.words())
		case 5:
			b.WriteString(pick(w, w.s.plugin+"-x", "x"+w.s.plugin, strings.ToUpper(w.s.plugin)) + " 1.22.5")
		default:
			b.WriteString(w.s.plugin + pick(w, " ", " ", "   ") + w.words() + pick(w, "", "", "", " ", "\t", " # why", "#why"))
		}
		if w.chance(90) {
			b.WriteString(end)
		}
	}
	return b.String()
}

func (w *world) write(name, text string) {
	require.NoError(w.t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(w.t, os.WriteFile(name, []byte(text), 0o644))
	w.written = append(w.written, fmt.Sprintf("%s: %q", name, text))
}

// file makes what may lie at the place of a file with versions.
func (w *world) file(name string) {
	switch w.IntN(20) {
	case 0:
		require.NoError(w.t, os.MkdirAll(name, 0o755))
		w.written = append(w.written, name+": a directory")
	case 1:
		require.NoError(w.t, os.Symlink(filepath.Join(w.root, pick(w, "none", "shared")), name))
		w.written = append(w.written, name+": a link")
	default:
		w.write(name, w.toolVersions())
	}
}

func (w *world) legacy(dir string) {
	if w.chance(12) {
		w.write(filepath.Join(dir, ".go-version"), pick(w, "1.22.5\n", "go1.20.14", "1.22", "system\n", "", "# x\n", "1.99.9\n", "nonsense here\n", "stable\n"))
	}
	if w.chance(12) {
		w.write(filepath.Join(dir, "go.mod"), pick(w, "module m\n", "module m\ngo 1.22.5\n", "module m\n\ngo 1.20\n", "module m\ngo 1.21\ntoolchain go1.23.1\n", "<<<<\n", ""))
	}
	if w.chance(5) {
		w.write(filepath.Join(dir, "go.work"), pick(w, "go 1.22.5\n", "go 1.20\n\nuse .\n", "x\n"))
	}
}

// build makes the tree.
func (w *world) build() {
	w.home = filepath.Join(w.root, "home")
	top := pick(w, w.home, filepath.Join(w.root, "p"), w.root)
	if w.chance(10) {
		top, w.home = filepath.Join(w.root, "p"), filepath.Join(w.root, "p", "home")
	}
	require.NoError(w.t, os.MkdirAll(w.home, 0o755))
	w.command = pick(w, "go", "go", "go", "gofmt")
	w.write(filepath.Join(w.root, "shared"), w.toolVersions())
	w.write(filepath.Join(w.root, "p", "own", "x"), "")
	fakeCommands(w.t, filepath.Join(w.root, "p", "own"), "p/own")
	w.versions = ".tool-versions"
	if w.chance(6) {
		w.versions = pick(w, ".versions", "sub/versions", "../versions")
		w.env = append(w.env, pick(w, "ASDF_TOOL_VERSIONS_FILENAME", "ASDF_DEFAULT_TOOL_VERSIONS_FILENAME")+"="+w.versions)
	}
	dirs := []string{w.home, top}
	for w.dir = top; w.chance(70) && len(dirs) < 9; dirs = append(dirs, w.dir) {
		w.dir = filepath.Join(w.dir, pick(w, "a", "b c", "ü", "it's", "d"))
	}
	require.NoError(w.t, os.MkdirAll(w.dir, 0o755))
	if w.chance(30) {
		fakeCommands(w.t, filepath.Join(w.dir, "own"), "own here")
		require.NoError(w.t, os.Symlink("own/bin/go", filepath.Join(w.dir, "go")))
	}
	seen := make(map[string]bool)
	for _, dir := range dirs {
		if !seen[dir] && w.chance(50) {
			require.NoError(w.t, os.MkdirAll(filepath.Dir(filepath.Join(dir, w.versions)), 0o755))
			if _, err := os.Lstat(filepath.Join(dir, w.versions)); err != nil {
				w.file(filepath.Join(dir, w.versions))
			}
		}
		if !seen[dir] {
			w.legacy(dir)
		}
		seen[dir] = true
	}
	if w.chance(8) { // called by another name of the directory
		link := filepath.Join(w.root, "p", "link")
		require.NoError(w.t, os.MkdirAll(filepath.Dir(link), 0o755))
		require.NoError(w.t, os.Symlink(w.dir, link))
		w.dir = link
	}
	w.setEnv()
}

func (w *world) setEnv() {
	base := filepath.Dir(w.s.data)
	if w.chance(40) {
		name := filepath.Join(w.home, ".asdfrc")
		if w.chance(10) {
			name = filepath.Join(w.root, "rc")
			w.env = append(w.env, "ASDF_CONFIG_FILE="+name)
		}
		w.write(name, pick(w, "legacy_version_file = yes\n", "legacy_version_file = yes\n", "legacy_version_file = yes\r\n", "legacy_version_file=YES # x", "legacy_version_file: 'yes'", "legacy_version_file = no\n",
			"legacy_version_file = yes\n", "[x]\nlegacy_version_file = yes\n", "nonsense\n", "pre_"+w.s.plugin+"_go = echo hook $1\n", "pre_"+w.s.plugin+"_gofmt = \"echo hook\"", "post_x = `a\nb`\nlegacy_version_file = yes"))
	}
	if w.chance(15) {
		w.env = append(w.env, "ASDF_"+strings.ReplaceAll(strings.ToUpper(w.s.plugin), "-", "_")+"_VERSION="+strings.ReplaceAll(pick(w, w.words(), w.words(), " ", ""), "\x00", ""))
	}
	if w.chance(30) {
		w.env = append(w.env, "GOROOT=/stale")
	}
	switch {
	case w.chance(2):
		w.env = append(w.env, "HOME=")
	case w.chance(3):
		w.env = append(w.env, "HOME=/nowhere")
	default:
		w.env = append(w.env, "HOME="+w.home)
	}
	w.system = pick(w, base+"/usr1/bin:"+base+"/usr2/bin", base+"/usr2/bin", base+"/none", base+"/none:"+base+"/usr1/bin", "own/bin:"+base+"/usr1/bin", ":"+base+"/usr2/bin", base+"/usr1/bin:own/bin")
}

// call runs the command; shims come first on PATH.
func (w *world) call(shims string, command ...string) result {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = w.dir
	cmd.Env = append([]string{
		"PATH=" + shims + ":" + w.tools + ":" + w.system, "PWD=" + w.dir, "ASDF_DATA_DIR=" + w.s.data, "GOENV=off",
		"GOLANG_WSL_HELPER=" + filepath.Join(w.s.bin(), "golang-wsl"), "GOLANG_WSL_CACHE_DIR=" + filepath.Join(w.root, "cache"),
	}, w.env...)
	return run(w.t, cmd)
}
