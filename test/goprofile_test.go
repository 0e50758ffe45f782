package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const chinaProxy, chinaDatabase = "https://goproxy.cn,direct", "sum.golang.google.cn"

// withRealGo is a data directory whose one version is the go of this machine,
// beside that of another kind.
func withRealGo(t *testing.T) *shimmed {
	t.Helper()
	s := newShimmed(t, "golang-wsl", "1.99.1")
	command := filepath.Join(s.root("1.99.1"), "bin", "go")
	require.NoError(t, os.Remove(command))
	require.NoError(t, os.Symlink(filepath.Join(goEnv(t, "GOROOT"), "bin", "go"), command))
	s.write(t, ".tool-versions", "golang-wsl 1.99.1\n")
	s.write(t, "other/golang-wsl/env.sh", "[ -n \"${GOBIN:-}\" ] || export GOBIN='/other'\n")
	s.env = append(s.env, "GOENV="+filepath.Join(s.home, "goenv"), "GOLANG_WSL_NATIVE_DATA_DIR="+s.data,
		"GOLANG_WSL_WSL1_DATA_DIR="+filepath.Join(s.home, "other"), "GOLANG_WSL_WSL2_DATA_DIR="+filepath.Join(s.home, "none"))
	return s
}

func (s *shimmed) helper(t *testing.T, args ...string) {
	t.Helper()
	run(t, s.command(t, "", "golang-wsl", args...)).requireOK(t)
}

// goSays is what go env says of variables, in a word each.
func (s *shimmed) goSays(t *testing.T, cmd *exec.Cmd, env ...string) []string {
	t.Helper()
	cmd.Dir, cmd.Env = s.home, append(s.env[:len(s.env):len(s.env)], env...)
	got := run(t, cmd)
	got.requireOK(t)
	return strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
}

func (s *shimmed) tree(t *testing.T, dir string) (files map[string]string) {
	t.Helper()
	files = make(map[string]string)
	require.NoError(t, filepath.WalkDir(filepath.Join(s.home, dir), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, rerr := os.ReadFile(path)
			files[path], err = string(data), rerr
		}
		return err
	}))
	return files
}

// A profile reaches the go command by both ways that lead to it, gives way to the
// shell's own variable, and is nobody else's.
func TestProfileReachesGo(t *testing.T) {
	s := withRealGo(t)
	shim := func() *exec.Cmd { return s.command(t, "", "go", "env", "GOPROXY", "GOSUMDB") }
	asdf := func() *exec.Cmd {
		return exec.Command("bash", "-euc", `export ASDF_INSTALL_PATH=$1; . "$2"; "$1/bin/go" env GOPROXY GOSUMDB`, "asdf",
			s.root("1.99.1"), filepath.Join(repository(t), "bin", "exec-env"))
	}
	before, other := s.goSays(t, shim()), s.tree(t, "other")
	require.NotContains(t, before, chinaProxy)
	s.helper(t, "env", "profile", "china")
	for _, way := range []func() *exec.Cmd{shim, asdf} {
		require.Equal(t, []string{chinaProxy, chinaDatabase}, s.goSays(t, way()))
		require.Equal(t, []string{"https://mine.example", chinaDatabase}, s.goSays(t, way(), "GOPROXY=https://mine.example"))
	}
	require.Equal(t, other, s.tree(t, "other"))
	require.NoDirExists(t, filepath.Join(s.home, "none"))
	require.NoFileExists(t, filepath.Join(s.home, "goenv"))

	// Another profile leaves nothing of the one before.
	s.helper(t, "env", "profile", "mixed", "--private", "corp.example")
	require.Equal(t, []string{before[0], before[1], "corp.example"}, s.goSays(t, s.command(t, "", "go", "env", "GOPROXY", "GOSUMDB", "GONOSUMDB")))
	s.helper(t, "env", "unset")
	require.Equal(t, before, s.goSays(t, shim()))
}

// What "go env -w" has written for us goes again; what the user has there stays.
func TestProfileInTheFileOfGo(t *testing.T) {
	s := withRealGo(t)
	direct := func() []string {
		t.Helper()
		return s.goSays(t, exec.Command(filepath.Join(s.root("1.99.1"), "bin", "go"), "env", "GOPROXY", "GOSUMDB", "GOPRIVATE"))
	}
	s.write(t, "goenv", "GOPROXY=https://before.example\nGOPRIVATE=mine.example\n")
	before := direct()
	require.Equal(t, "https://before.example", before[0])
	s.helper(t, "env", "profile", "china", "--go-env")
	require.Equal(t, []string{chinaProxy, chinaDatabase, "mine.example"}, direct())
	s.helper(t, "env", "profile", "china", "--go-env")
	require.Equal(t, []string{chinaProxy, chinaDatabase, "mine.example"}, direct())
	s.helper(t, "env", "unset")
	require.Equal(t, before, direct(), "and not what the second call had found")
	require.NoFileExists(t, filepath.Join(s.data, "golang-wsl", "go-env.json"))

	s.helper(t, "env", "profile", "china", "--go-env")
	goCommand := exec.Command("go", "env", "-w", "GOSUMDB=sum.golang.org")
	s.goSays(t, goCommand)
	s.helper(t, "env", "profile", "mixed", "--private", "corp.example")
	require.Equal(t, before, direct(), "another profile takes the file back too")
	file, err := os.ReadFile(filepath.Join(s.home, "goenv"))
	require.NoError(t, err)
	require.Contains(t, string(file), "GOSUMDB=sum.golang.org\n", "the user has written that since")

	s.env = append(s.env, "GOENV=off")
	got := run(t, s.command(t, "", "golang-wsl", "env", "profile", "china", "--go-env"))
	require.Equal(t, exitUsage, got.code, got.stderr)
	text, err := os.ReadFile(filepath.Join(s.data, "golang-wsl", "profile"))
	require.NoError(t, err)
	require.Equal(t, "mixed private=corp.example\n", string(text), "refused before anything is written")
}
