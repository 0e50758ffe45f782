package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// snapshot is what a tree has: directories by name, files by content.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	tree := make(map[string]string)
	require.NoError(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			tree[path] = "directory"
			return err
		}
		data, _ := os.ReadFile(path)
		tree[path] = fmt.Sprintf("%s %x", e.Type(), sha256.Sum256(data))
		return nil
	}))
	return tree
}

// fakePlugin is a clone of this plugin, as far as setup can tell.
func fakePlugin(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{"lib/helper.bash": "golang_wsl_run() { :; }\n", "lib/commands/command": "", "bin/install": ""} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o755))
	}
	for _, args := range []string{"init -q", "add .", "-c user.name=me -c user.email=me@example.com commit -q -m one"} {
		out, err := exec.Command("git", append([]string{"-C", dir}, strings.Fields(args)...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// What the doctor says that setup may change is all that it changes, in homes of
// all sorts.
func TestSetupChangesWhatTheDoctorSays(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		require.Empty(t, os.Getenv("REQUIRE_GIT"))
		t.Skip("no git")
	}
	for name, prepare := range map[string]func(home string){
		"bare": func(string) {},
		"with a plugin and mise": func(home string) {
			fakePlugin(t, filepath.Join(home, ".asdf", "plugins", "golang"))
			require.NoError(t, os.MkdirAll(filepath.Join(home, ".config", "mise"), 0o755))
		},
		"with dotfiles": func(home string) {
			require.NoError(t, os.MkdirAll(filepath.Join(home, "dotfiles"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(home, "dotfiles", "bashrc"), []byte("a\n"), 0o644))
			require.NoError(t, os.Symlink("dotfiles/bashrc", filepath.Join(home, ".bashrc")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			prepare(home)
			s, _ := newSetup(t, map[string]string{"HOME": home})
			var m doctor.Machine
			require.NoError(t, s.addHooks(&m))
			require.Len(t, m.Hooks, 2)
			require.Equal(t, "bash", m.Hooks[0].Shell)
			before := snapshot(t, home)
			require.NoError(t, s.run(t.Context()))
			after := snapshot(t, home)
			changed := 0
			for path, is := range after {
				if before[path] != is {
					changed++
					require.True(t, announced(m.Setup, path, is), "%s is not among %v", path, m.Setup)
				}
			}
			require.Greater(t, changed, 10)
			for path := range before {
				require.Contains(t, after, path)
			}

			m = doctor.Machine{}
			require.NoError(t, s.addHooks(&m))
			for _, h := range m.Hooks {
				text, err := os.ReadFile(h.File)
				require.NoError(t, err)
				require.Equal(t, string(h.Text), string(text), "the doctor knows the hook that setup writes")
			}
		})
	}
}

// announced reports whether a path is one of a list, or below one, or a directory
// that had to be made for one.
func announced(list []string, path, is string) bool {
	for _, said := range list {
		if resolved, err := filepath.EvalSymlinks(said); err == nil && resolved == path {
			return true
		}
		if path == said || strings.HasPrefix(path, said+"/") || is == "directory" && strings.HasPrefix(said, path+"/") {
			return true
		}
	}
	return false
}
