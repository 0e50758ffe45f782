package shim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSystemIsNeverAShim(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "system"
	tr.program(t, "data/golang-wsl/bin/golang-wsl-shim")
	for _, dir := range []string{"data/golang-wsl/bin", "other/golang-wsl/bin"} {
		tr.program(t, dir+"/golang-wsl-shim")
		require.NoError(t, os.Symlink("golang-wsl-shim", filepath.Join(tr.root, dir, "go")))
	}
	require.NoError(t, os.Symlink("data", filepath.Join(tr.root, "alias")))
	tr.program(t, "data/shims/go")
	tr.write(t, "asdf/shims/go", "#!/usr/bin/env bash\n# asdf-plugin: golang 1.22.5\nexec asdf exec \"go\" \"$@\"\n")
	require.NoError(t, os.Chmod(tr.root+"/asdf/shims/go", 0o755))
	tr.write(t, "copy/x", "")
	require.NoError(t, os.Link(tr.root+"/data/golang-wsl/bin/golang-wsl-shim", tr.root+"/copy/go"))
	tr.write(t, "plain/go", "not executable")
	tr.write(t, "dir/go/x", "")
	tr.program(t, "usr/go")
	tr.program(t, "p/go")

	shims := "TOP/data/golang-wsl/bin:TOP/alias/golang-wsl/bin:TOP/other/golang-wsl/bin:TOP/data/shims:TOP/alias/shims:TOP/asdf/shims:TOP/copy:TOP/plain:TOP/dir:TOP/none"
	for path, want := range map[string]string{
		shims + ":TOP/usr:TOP/p":        tr.root + "/usr/go",
		shims:                           "",
		"":                              "",
		shims + "::TOP/usr":             "", // os/exec refuses what it finds in the current directory, and asdf then gives up
		"../p:TOP/usr":                  "",
		"nowhere:" + shims + ":TOP/usr": tr.root + "/usr/go",
	} {
		tr.env["PATH"] = path
		r := tr.request("p")
		r.Exe = tr.root + "/data/golang-wsl/bin/golang-wsl-shim"
		got, err := Resolve(r)
		var none *NotExecutableError
		if want == "" {
			require.ErrorAs(t, err, &none, path)
			require.Equal(t, "system", none.Word)
			continue
		}
		require.NoError(t, err, path)
		require.Equal(t, want, got.Path, path)
	}
}

func TestPathThatLeadsBackHere(t *testing.T) {
	tr := newTree(t)
	tr.program(t, "data/golang-wsl/bin/golang-wsl-shim")
	require.NoError(t, os.Symlink("golang-wsl-shim", tr.root+"/data/golang-wsl/bin/go"))
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "path:TOP/data/golang-wsl"
	r := tr.request("")
	r.Exe = tr.root + "/data/golang-wsl/bin/golang-wsl-shim"
	_, err := Resolve(r)
	require.True(t, isType[*NotExecutableError](err), "%v", err)
}

// Where nothing is installed the shim is as good as not there, unless a file asks
// for a version that another manager would not bring either.
func TestUnusedDataDirectory(t *testing.T) {
	tr := newTree(t)
	for _, dir := range []string{"usr", "mise/shims", "data/golang-wsl/bin"} {
		tr.program(t, dir+"/go")
	}
	ask := func(path, file string) (string, error) {
		tr.env["PATH"] = "TOP/data/golang-wsl/bin:" + path
		tr.write(t, "p/.tool-versions", file)
		r, err := Resolve(tr.request("p"))
		if err != nil {
			return "", err
		}
		return strings.TrimPrefix(r.Path, tr.root), nil
	}
	var notSet *NotSetError
	_, err := ask("TOP/usr", "")
	require.ErrorAs(t, err, &notSet, "there are installs, and none is chosen")

	require.NoError(t, os.RemoveAll(tr.root+"/data/installs"))
	got, err := ask("TOP/usr:TOP/mise/shims", "")
	require.NoError(t, err)
	require.Equal(t, "/usr/go", got)
	_, err = ask("TOP/nowhere", "")
	require.ErrorAs(t, err, &notSet)

	var missing *NotInstalledError
	_, err = ask("TOP/usr:TOP/mise/shims", "golang-wsl 1.22.5")
	require.ErrorAs(t, err, &missing, "the system's go is not what the file asks for")
	got, err = ask("TOP/mise/shims:TOP/usr", "golang-wsl 1.22.5")
	require.NoError(t, err)
	require.Equal(t, "/mise/shims/go", got)
}
