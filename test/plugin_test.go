// Package test drives the plugin from outside, as its clients do: the doors in
// bin/, the shell around the helper, asdf and mise.
package test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is the root of the sources that are tested.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	return root
}

// need skips the test where a command is missing, unless REQUIRE_NAME is set:
// scripts/test sets it, so that no lane disappears unnoticed.
func need(t *testing.T, command string) string {
	t.Helper()
	path, err := exec.LookPath(command)
	if err == nil {
		return path
	}
	if os.Getenv("REQUIRE_"+strings.ToUpper(command)) != "" {
		t.Fatalf("%s is required here: %v", command, err)
	}
	t.Skipf("no %s here", command)
	return ""
}

// result is what a command left.
type result struct {
	stdout, stderr string
	code           int
}

// run runs the command to its end, whatever that is.
func run(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	cmd.Stderr = &stderr
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		require.NoError(t, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// requireOK fails the test unless the command succeeded.
func (r result) requireOK(t *testing.T) {
	t.Helper()
	require.Zero(t, r.code, "stdout: %s\nstderr: %s", r.stdout, r.stderr)
}

// plugin is a copy of the plugin's shell parts around a helper without
// dependencies, in a directory of the test's own.
type plugin struct {
	dir, home string
	env       []string
}

// fixtureFiles are the sources of a helper that tells how it was called.
var fixtureFiles = map[string]string{
	"go.mod":                "module example.test/plugin\n\ngo 1.26.0\n",
	"go.sum":                "",
	"pkg/noun/noun.go":      "package noun\n\nconst Word = \"one\"\n",
	"pkg/noun/noun_test.go": "package noun\n",
	"pkg/noun/testdata/x":   "x\n",
	"pkg/noun/table.tsv":    "a table\n",
	"pkg/noun/sub/deep.go":  "package sub\n",
	"cmd/golang-wsl-shim/main.go": `package main

func main() { println("shim") }
`,
	"cmd/golang-wsl-bench/main.go": `package main

import (
	"fmt"
	"os"

	"example.test/plugin/pkg/noun"
)

func main() { fmt.Printf("bench %s %q\n", noun.Word, os.Args[1:]) }
`,
	"cmd/golang-wsl/main.go": `package main

import (
	"fmt"
	"os"

	"example.test/plugin/pkg/noun"
)

var defaultGOPROXY string

func main() {
	fmt.Printf("%s %q %s %s\n", noun.Word, os.Args[1:], os.Getenv("GOLANG_WSL_PLUGIN_DIR"), defaultGOPROXY)
}
`,
}

// newPlugin copies bin and lib to dir/name.
func newPlugin(t *testing.T, name string) *plugin {
	t.Helper()
	base := t.TempDir()
	p := &plugin{dir: filepath.Join(base, "plugins", name), home: filepath.Join(base, "home")}
	require.NoError(t, os.MkdirAll(p.home, 0o755))
	p.env = []string{"HOME=" + p.home, "PATH=" + os.Getenv("PATH")}
	for _, part := range []string{"bin", "lib"} {
		copyTree(t, filepath.Join(repository(t), part), filepath.Join(p.dir, part))
	}
	for name, text := range fixtureFiles {
		p.write(t, name, text)
	}
	return p
}

// copyTree copies with modes and links: a door that is not executable is none.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, info.Mode().Perm())
	})
	require.NoError(t, err)
}

// write makes or replaces a file of the plugin.
func (p *plugin) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// edit replaces text in a file of the plugin, and wants it to be there.
func (p *plugin) edit(t *testing.T, name, old, new string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(data), old)
	require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(new)), 0o755))
}

func (p *plugin) door(name string) string { return filepath.Join(p.dir, "bin", name) }

// command calls a door directly, as asdf 0.14 and mise do.
func (p *plugin) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.door(name), args...)
	cmd.Env = p.env
	return cmd
}

// set adds to the environment of the plugin's commands.
func (p *plugin) set(vars ...string) { p.env = append(p.env, vars...) }

// cache is the directory for built helpers.
func (p *plugin) cache() string { return filepath.Join(p.home, ".cache", "golang-wsl", "helper") }

// writeScript writes an executable bash script.
func writeScript(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/usr/bin/env bash\n"+text), 0o755))
	return path
}
