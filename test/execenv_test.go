package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
)

// sourced runs shell text that sources exec-env as $door, in a shell that
// cannot start processes.
func sourced(t *testing.T, shell []string, installed, text string) result {
	t.Helper()
	args := append([]string{"-c", `ulimit -u 0; exec "$@"`, "bash"}, shell...)
	cmd := exec.Command("bash", append(args, "-c", text, "asdf")...)
	// The checkout may lie where only its owner can read it.
	content, err := os.ReadFile(filepath.Join(repository(t), "bin", "exec-env"))
	require.NoError(t, err)
	door := filepath.Join(openTempDir(t), "exec-env")
	require.NoError(t, os.WriteFile(door, content, 0o755))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "ASDF_INSTALL_PATH=" + installed, "door=" + door}
	cmd.Stdin = strings.NewReader("line one\nline two\n")
	unprivileged(cmd)
	return run(t, cmd)
}

// install makes a directory with the file that an installed version has.
func install(t *testing.T, env string) string {
	t.Helper()
	dir := filepath.Join(openTempDir(t), "it's 1.22.5")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".golang-wsl.env"), []byte(env), 0o644))
	return dir
}

func shells(t *testing.T) map[string][]string {
	all := map[string][]string{"bash": {"bash"}, "bash -eu": {"bash", "-eu"}, "sh -eu": {"sh", "-eu"}}
	if path, err := exec.LookPath("busybox"); err == nil {
		all["busybox"] = []string{path, "sh", "-eu"}
	}
	return all
}

func TestExecEnvExports(t *testing.T) {
	dir := install(t, "export GOROOT=\nexport FROM=\"$ASDF_INSTALL_PATH\"\n")
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			got := sourced(t, shell, dir, `GOROOT=/stale; . "$door"; . "$door"; echo "<$GOROOT> <$FROM>"`)
			got.requireOK(t)
			require.Equal(t, "<> <"+dir+">\n", got.stdout)
			require.Empty(t, got.stderr)
		})
	}
}

// asdf 0.14 sources it in its own shell: the user's stdin, options, arguments
// and names must be as before.
func TestExecEnvLeavesNothingBehind(t *testing.T) {
	dir := install(t, "export GOROOT=\n")
	cmd := exec.Command("bash", "-c", `
set -- one two
state() { set -o; shopt; compgen -A function; compgen -v | grep -vE '^(_|BASH_|PIPESTATUS|FUNCNAME|before|after|GOROOT)'; trap -p; echo "$# $1 $PWD"; }
before= after=
before=$(state)
. "$door"
after=$(state)
if [ "$before" != "$after" ]; then diff <(echo "$before") <(echo "$after"); exit 1; fi
read -r line
echo "$line"
`, "asdf")
	cmd.Env = append(os.Environ(), "ASDF_INSTALL_PATH="+dir, "door="+filepath.Join(repository(t), "bin", "exec-env"))
	cmd.Stdin = strings.NewReader("line one\n")
	got := run(t, cmd)
	got.requireOK(t)
	require.Equal(t, "line one\n", got.stdout)
}

func TestExecEnvWithoutAFile(t *testing.T) {
	for name, shell := range shells(t) {
		for _, dir := range []string{"", "/nowhere", t.TempDir()} {
			t.Run(name+" "+dir, func(t *testing.T) {
				got := sourced(t, shell, dir, `. "$door"; . "$door" && echo on; read -r line; echo "$line"`)
				got.requireOK(t)
				require.Equal(t, "on\nline one\n", got.stdout)
				require.Empty(t, got.stderr)
			})
		}
	}
}

func TestExecEnvWithoutAnInstallPath(t *testing.T) {
	cmd := exec.Command("bash", "-eu", "-c", `unset ASDF_INSTALL_PATH; . "$door"; echo on`)
	cmd.Env = append(os.Environ(), "door="+filepath.Join(repository(t), "bin", "exec-env"))
	require.Equal(t, "on\n", run(t, cmd).stdout)
}

// env.sh is the data directory's, and what a version needs comes after it.
func TestExecEnvOfTheDataDirectory(t *testing.T) {
	data := filepath.Join(openTempDir(t), "it's $(id)")
	dir := filepath.Join(data, "installs", "golang", "1.4.3")
	require.NoError(t, os.MkdirAll(filepath.Join(data, "golang-wsl"), 0o755))
	require.NoError(t, os.MkdirAll(dir, 0o755))
	vars, err := goenv.Format([]goenv.Var{{Name: "GOBIN", Value: data + "/golang-wsl/bin"}, {Name: "GOROOT"}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(data, "golang-wsl", "env.sh"), vars, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".golang-wsl.env"), []byte("export GOROOT=\"$ASDF_INSTALL_PATH/go\"\n"), 0o644))
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			got := sourced(t, shell, dir, `GOROOT=/stale; . "$door"; . "$door"; echo "<$GOBIN> <$GOROOT>"; read -r line; echo "$line"`)
			got.requireOK(t)
			require.Equal(t, "<"+data+"/golang-wsl/bin> <"+dir+"/go>\nline one\n", got.stdout)
			require.Empty(t, got.stderr)
		})
	}
}

// For "path:/opt/go" asdf names a directory that is nobody's install.
func TestExecEnvOfAPath(t *testing.T) {
	data := filepath.Join(openTempDir(t), "data")
	door := filepath.Join(data, "plugins", "golang", "bin", "exec-env")
	content, err := os.ReadFile(filepath.Join(repository(t), "bin", "exec-env"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(door), 0o755))
	require.NoError(t, os.WriteFile(door, content, 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(data, "golang-wsl"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(data, "golang-wsl", "env.sh"), []byte("export GOBIN='/b'\n"), 0o644))
	cmd := exec.Command("bash", "-eu", "-c", `. "$door"; echo "$GOBIN"`)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "ASDF_INSTALL_PATH=/opt/go", "door=" + door}
	require.Equal(t, "/b\n", run(t, cmd).stdout)
}
