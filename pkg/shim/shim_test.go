package shim

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A tree is a home, a data directory and projects, in a directory of the test's.
type tree struct {
	root string
	env  map[string]string
}

// newTree has four installs. What it writes may say TOP for its own directory.
func newTree(t *testing.T) *tree {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	tr := &tree{root, map[string]string{"HOME": filepath.Join(root, "home")}}
	tr.write(t, "home/.keep", "")
	for _, name := range []string{"1.20.14", "1.22.5", "1.23.1", "ref-main"} {
		tr.program(t, "data/installs/golang-wsl/"+name+"/bin/go")
	}
	return tr
}

func (tr *tree) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(tr.root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(text, "TOP", tr.root)), 0o644))
}

func (tr *tree) program(t *testing.T, name string) {
	t.Helper()
	tr.write(t, name, "#!/bin/sh\n")
	require.NoError(t, os.Chmod(filepath.Join(tr.root, name), 0o755))
}

func (tr *tree) request(dir string) Request {
	return Request{
		Command: "go", Dir: filepath.Join(tr.root, dir), DataDir: filepath.Join(tr.root, "data"), Plugin: "golang-wsl",
		Env: func(name string) (string, bool) {
			value, ok := tr.env[name]
			return strings.ReplaceAll(value, "TOP", tr.root), ok
		},
	}
}

// resolve tells the word and its source, or the error, without the root.
func (tr *tree) resolve(t *testing.T, dir string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(tr.root, dir), 0o755))
	r, err := Resolve(tr.request(dir))
	text := ""
	if err != nil {
		text = err.Error()
	} else {
		text = r.Word + " by " + r.Source
	}
	return strings.ReplaceAll(text, tr.root, "TOP")
}

func TestWhoDecides(t *testing.T) {
	files := func(pairs ...string) map[string]string {
		m := make(map[string]string)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	const home, project = "home/.tool-versions", "p/.tool-versions"
	for _, c := range []struct {
		name  string
		files map[string]string
		env   map[string]string
		want  string
	}{
		{"file here", files("p/a/b/.tool-versions", "golang-wsl 1.22.5\n", project, "golang-wsl 1.23.1"), nil, "1.22.5 by TOP/p/a/b/.tool-versions"},
		{"file above", files(project, "golang-wsl 1.22.5"), nil, "1.22.5 by TOP/p/.tool-versions"},
		{"above a file for others", files("p/a/.tool-versions", "nodejs 20\n", project, "golang-wsl 1.22.5"), nil, "1.22.5 by TOP/p/.tool-versions"},
		{"home", files(home, "golang-wsl 1.20.14"), nil, "1.20.14 by TOP/home/.tool-versions"},
		{"variable", files(project, "golang-wsl 1.22.5"), files("ASDF_GOLANG_WSL_VERSION", " 1.23.1 "), "1.23.1 by ASDF_GOLANG_WSL_VERSION"},
		{"empty variable", files(project, "golang-wsl 1.22.5"), files("ASDF_GOLANG_WSL_VERSION", ""), "1.22.5 by TOP/p/.tool-versions"},
		{"blank variable", files(project, "golang-wsl 1.22.5"), files("ASDF_GOLANG_WSL_VERSION", " "), "ASDF_GOLANG_WSL_VERSION names no version"},
		{"other name of files", files("p/.versions", "golang-wsl 1.22.5", project, "golang-wsl 1.23.1"), files("ASDF_TOOL_VERSIONS_FILENAME", ".versions", "ASDF_DEFAULT_TOOL_VERSIONS_FILENAME", "x"), "1.22.5 by TOP/p/.versions"},
		{"its old name", files("p/.versions", "golang-wsl 1.22.5"), files("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME", ".versions"), "1.22.5 by TOP/p/.versions"},
		{"nothing", nil, nil, "no version is set for go: there is no ASDF_GOLANG_WSL_VERSION, and no .tool-versions from TOP/p/a/b upwards or in TOP/home has a line for golang-wsl"},
		{"directory", files(project+"/x", "", home, "golang-wsl 1.22.5"), nil, "read TOP/p/.tool-versions: is a directory"},

		{"first installed", files(project, "golang-wsl 1.99 1.23.1 1.22.5"), nil, "1.23.1 by TOP/p/.tool-versions"},
		{"none installed", files(project, "golang-wsl 1.99"), nil, "go 1.99 is not installed in TOP/data (asked for by TOP/p/.tool-versions)"},
		{"several, none installed", files(project, "golang-wsl 1.99 1.98"), nil, "none of go 1.99, 1.98 is installed in TOP/data (asked for by TOP/p/.tool-versions)"},
		{"ref", files(project, "golang-wsl ref:main"), nil, "ref:main by TOP/p/.tool-versions"},
		{"ref by its directory", files(project, "golang-wsl ref-main"), nil, "go ref-main is not installed in TOP/data (asked for by TOP/p/.tool-versions)"},
		{"the way to another", files(project, "golang-wsl ../golang-wsl/1.22.5"), nil, "go ../golang-wsl/1.22.5 is not installed in TOP/data (asked for by TOP/p/.tool-versions)"},
		{"dots", files(project, "golang-wsl . .. 1.22.5"), nil, "1.22.5 by TOP/p/.tool-versions"},

		{"path", files(project, "golang-wsl path:TOP/own"), nil, "path:TOP/own by TOP/p/.tool-versions"},
		{"relative path", files(project, "golang-wsl path:../../../own"), nil, "path:../../../own by TOP/p/.tool-versions"},
		{"path without go", files(project, "golang-wsl path:TOP/none path:TOP/own"), nil, "no executable go in bin of path:TOP/none (asked for by TOP/p/.tool-versions)"},
		{"path of somebody", files(project, "golang-wsl path:~/own"), nil, "no executable go in bin of path:~/own (asked for by TOP/p/.tool-versions)"},
		{"installed before path", files(project, "golang-wsl path:TOP/own 1.22.5"), nil, "1.22.5 by TOP/p/.tool-versions"},
		{"system before path", files(project, "golang-wsl path:TOP/own system"), files("PATH", "TOP/usr"), "system by TOP/p/.tool-versions"},
		{"installed before system", files(project, "golang-wsl system 1.22.5"), files("PATH", "TOP/usr"), "1.22.5 by TOP/p/.tool-versions"},
		{"no path after system", files(project, "golang-wsl system path:TOP/own"), files("PATH", "TOP/none"), "no other go is on PATH (system, asked for by TOP/p/.tool-versions)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTree(t)
			tr.program(t, "own/bin/go")
			tr.program(t, "usr/go")
			for name, text := range c.files {
				tr.write(t, name, text)
			}
			for name, value := range c.env {
				tr.env[name] = value
			}
			require.NoError(t, os.MkdirAll(filepath.Join(tr.root, "p/a/b"), 0o755))
			t.Chdir(filepath.Join(tr.root, "p/a/b"))
			require.Equal(t, c.want, tr.resolve(t, "p/a/b"))
		})
	}
}

func TestTypesAndPlaces(t *testing.T) {
	tr := newTree(t)
	tr.program(t, "usr/go")
	tr.env["PATH"] = "TOP/usr"
	installs := filepath.Join(tr.root, "data/installs/golang-wsl")
	for word, want := range map[string]Resolution{
		"1.22.5":                        {Type: "version", Name: "1.22.5", Root: installs + "/1.22.5", Path: installs + "/1.22.5/bin/go"},
		"ref:main":                      {Type: "ref", Name: "ref-main", Root: installs + "/ref-main", Path: installs + "/ref-main/bin/go"},
		"system":                        {Type: "system", Path: tr.root + "/usr/go"},
		"path:" + installs + "/1.22.5/": {Type: "path", Root: installs + "/1.22.5/", Path: installs + "/1.22.5/bin/go"},
	} {
		tr.env["ASDF_GOLANG_WSL_VERSION"] = word
		want.Word, want.Source = word, "ASDF_GOLANG_WSL_VERSION"
		got, err := Resolve(tr.request(""))
		require.NoError(t, err)
		require.Equal(t, want, *got)
	}
}

// A name like go1.20.14 is a choice, whatever the files say.
func TestAskedForByName(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	r := tr.request("")
	r.Word = "1.20.14"
	got, err := Resolve(r)
	require.NoError(t, err)
	require.Equal(t, "1.20.14", got.Name)
	r.Word = "1.4"
	_, err = Resolve(r)
	require.ErrorContains(t, err, "go 1.4 is not installed in "+tr.root+"/data (asked for by the name go1.4)")
}

// asdf looks at directory entries: a link to a version is none, nor is a
// directory called go, nor what this user may not execute.
func TestInstallsThatAreNone(t *testing.T) {
	tr := newTree(t)
	installs := filepath.Join(tr.root, "data/installs/golang-wsl")
	require.NoError(t, os.Symlink("1.22.5", installs+"/link"))
	tr.write(t, "data/installs/golang-wsl/plain/bin/go", "")
	tr.write(t, "data/installs/golang-wsl/dir/bin/go/x", "")
	tr.write(t, "data/installs/golang-wsl/empty/x", "")
	tr.write(t, "data/installs/golang-wsl/file", "")
	require.NoError(t, os.MkdirAll(installs+"/dangling/bin", 0o755))
	require.NoError(t, os.Symlink("nowhere", installs+"/dangling/bin/go"))
	for word, broken := range map[string]bool{"link": false, "file": false, "none": false, "plain": true, "dir": true, "empty": true, "dangling": true} {
		tr.env["ASDF_GOLANG_WSL_VERSION"] = word
		_, err := Resolve(tr.request(""))
		var missing *NotInstalledError
		require.ErrorAs(t, err, &missing, word)
		require.Equal(t, broken, missing.Broken != "", word)
		if broken {
			require.Equal(t, installs+"/"+word+" has no executable bin/go (asked for by ASDF_GOLANG_WSL_VERSION)", err.Error())
		}
		tr.env["ASDF_GOLANG_WSL_VERSION"] = word + " 1.22.5"
		require.Equal(t, "1.22.5 by ASDF_GOLANG_WSL_VERSION", tr.resolve(t, ""))
	}
}

func isType[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func TestLegacyFiles(t *testing.T) {
	tr := newTree(t)
	tr.write(t, "home/.asdfrc", "legacy_version_file = yes\n")
	tr.write(t, "home/.tool-versions", "golang-wsl 1.20.14\n")
	tr.write(t, "p/go.mod", "1.22.5\n")
	tr.write(t, "p/a/.go-version", "")
	tr.write(t, "p/a/go.mod", "1.23.1")
	tr.write(t, "p/a/b/go.work", "system 1.22.5")
	tr.write(t, "p/a/b/go.mod", "1.23.1")
	tr.write(t, "p/a/b/c/.tool-versions", "golang-wsl 1.23.1")
	tr.write(t, "p/a/b/c/go.mod", "1.22.5")
	tr.write(t, "q/go.mod", "fail")
	resolve := func(dir string) (string, error) {
		r := tr.request(dir)
		r.Legacy = func(path string) (string, error) {
			data, err := os.ReadFile(path)
			if string(data) == "fail" {
				err = fs.ErrInvalid
			}
			return string(data), err
		}
		got, err := Resolve(r)
		if err != nil {
			return "", err
		}
		return got.Word + " by " + strings.TrimPrefix(got.Source, tr.root+"/"), nil
	}
	for dir, want := range map[string]string{
		"p":       "1.22.5 by p/go.mod",
		"p/a":     "1.22.5 by p/go.mod", // an empty .go-version ends the look at p/a, not the one at p
		"p/a/b":   "1.22.5 by p/a/b/go.work",
		"p/a/b/c": "1.23.1 by p/a/b/c/.tool-versions",
		"q":       "1.20.14 by home/.tool-versions",
		"":        "1.20.14 by home/.tool-versions",
	} {
		got, err := resolve(dir)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := Resolve(tr.request("p"))
	require.ErrorIs(t, err, ErrLegacy)
	_, err = Resolve(tr.request("p/a/b/c"))
	require.NoError(t, err, "the file is not reached")
	tr.write(t, "home/.asdfrc", "legacy_version_file = no\n")
	require.Equal(t, "1.20.14 by TOP/home/.tool-versions", tr.resolve(t, "p"))
}

func TestSetupErrors(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	tr.write(t, "home/.asdfrc", "nonsense\n")
	require.Equal(t, "read TOP/home/.asdfrc: no key in nonsense", tr.resolve(t, ""))
	_, err := Resolve(tr.request(""))
	require.True(t, isType[*SetupError](err) && !isType[*UnreadableError](err), "%T", err)
	delete(tr.env, "ASDF_GOLANG_WSL_VERSION")
	_, err = Resolve(tr.request(""))
	require.True(t, isType[*UnreadableError](err), "%T", err)
	tr.env["HOME"] = ""
	require.Equal(t, "HOME is not set", tr.resolve(t, ""))
}
