package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// bundle packs tiny releases on this side, and returns what makes a helper in the
// machine, which has no network, install from them: the start of a line of bash.
func (m *machine) bundle(t *testing.T, versions ...string) string {
	t.Helper()
	var releases []fakerelease.Release
	for _, version := range versions {
		releases = append(releases, fakerelease.New(version))
	}
	server := fakerelease.Start(t, releases...)
	dir := t.TempDir()
	cmd := exec.Command(filepath.Join(m.share, "golang-wsl"), append([]string{"bundle", "-o", filepath.Join(m.share, "go.tar")}, versions...)...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GOENV=off", "GOLANG_WSL_SOURCE=goproxy", "ASDF_DATA_DIR=" + dir, "GOLANG_WSL_CACHE_DIR=" + dir,
	}, server.Env()...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return "GOLANG_WSL_SOURCE=bundle GOLANG_WSL_BUNDLE=/share/go.tar GOSUMDB=" + server.Key() + " GOTOOLCHAIN=local"
}

// A user sets up, installs with no network, and a new login shell has it, in the
// place of WSL2.
func TestSetupAndInstall(t *testing.T) {
	m := need(t)
	env := m.bundle(t, "1.98.2", "1.99.1")
	home := m.home(t)
	login := func(line string) string {
		got := home("-lc", line)
		got.requireOK(t)
		return strings.TrimSpace(got.stdout)
	}
	require.Empty(t, login(`echo "${ASDF_DATA_DIR-}"`))
	login("golang-wsl setup --profile")
	require.Equal(t, "~/.asdf-wsl2", login(`echo "${ASDF_DATA_DIR/#$HOME/\~}"`))

	login(env + " golang-wsl install 1.98.2 1.99.1 && " + env + " golang-wsl default 1.98.2 && echo golang-wsl default >.tool-versions")
	login("mkdir app && echo golang-wsl 1.99.1 >app/.tool-versions")
	require.Equal(t, "go version go1.98.2 linux/amd64\ngo version go1.99.1 linux/amd64", login("go version && cd app && go version"))
	require.Equal(t, "~/.asdf-wsl2/installs/golang-wsl/1.99.1/go", login(`cd app && root=$(go env GOROOT) && echo "${root/#$HOME/\~}"`))
	login(env + " golang-wsl verify")
	require.Equal(t, "golang-wsl", login("ls .asdf-wsl2/installs; ls -A .asdf-wsl1/installs 2>/dev/null || true"))
	diagnosis(t, home("-lc", "golang-wsl doctor --offline --json")).requireHealthy(t, "hook", "data-dir", "path-order", "installs", "default-line")
}

// A data directory on the Windows drive is slow, and right.
func TestInstallOnWindowsDrive(t *testing.T) {
	m := need(t)
	const line = "export ASDF_DATA_DIR=/mnt/c/Users/dev/asdf; %[1]s golang-wsl install 1.99.1 && %[1]s golang-wsl verify 1.99.1 &&" +
		" $ASDF_DATA_DIR/installs/golang-wsl/1.99.1/bin/go version"
	got := m.home(t)("-c", fmt.Sprintf(line, m.bundle(t, "1.99.1")))
	got.requireOK(t)
	require.Contains(t, got.stdout, "go version go1.99.1 linux/amd64\n")
	require.FileExists(t, filepath.Join(m.c, "Users/dev/asdf/installs/golang-wsl/1.99.1/.golang-wsl.json"), "Windows does not see it")
}
