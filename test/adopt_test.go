package test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// havePlugin puts what setup takes for this plugin into each data directory that
// it would clone it into.
func havePlugin(t *testing.T, home string, dataDirs ...string) {
	t.Helper()
	for _, dir := range []string{".asdf", ".asdf-wsl1", ".asdf-wsl2", ".local/share/mise-wsl1", ".local/share/mise-wsl2"} {
		dataDirs = append(dataDirs, filepath.Join(home, dir))
	}
	for _, dir := range dataDirs {
		lib := filepath.Join(dir, "plugins", "golang-wsl", "lib")
		require.NoError(t, os.MkdirAll(filepath.Join(lib, "commands"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(lib, "helper.bash"), []byte("golang_wsl_run() { :; }\n"), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(lib, "commands", "command"), nil, 0o755))
	}
}

// byAsdfGolang does what the install callback of asdf-golang does.
func byAsdfGolang(t *testing.T, dataDir string, r fakerelease.Release) (install string) {
	t.Helper()
	install = filepath.Join(dataDir, "installs", "golang", r.Version)
	require.NoError(t, os.MkdirAll(filepath.Join(install, "packages"), 0o755))
	cmd := exec.Command("tar", "-C", install, "-xz")
	cmd.Stdin = bytes.NewReader(r.Tarball())
	run(t, cmd).requireOK(t)
	return install
}

// snapshot is every file's name, mode, content and time of change.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		var content []byte
		if info.Mode().IsRegular() {
			content, err = os.ReadFile(path)
			require.NoError(t, err)
		}
		all[path] = info.Mode().String() + info.ModTime().String() + string(content)
		return nil
	}))
	return all
}

// TestAdoptKilled kills setup --adopt at random moments: what is shown is whole,
// the other installer's files are as they were, and the next one succeeds.
func TestAdoptKilled(t *testing.T) {
	t.Parallel()
	k := newKiller(t, "official")
	k.set("GOLANG_WSL_WSL1_DATA_DIR="+k.data, "GOLANG_WSL_WSL2_DATA_DIR="+k.data, "GOLANG_WSL_NATIVE_DATA_DIR="+k.data)
	home := filepath.Join(k.root, "home")
	havePlugin(t, home, k.data)
	install := byAsdfGolang(t, filepath.Join(home, ".asdf"), k.server.Releases[0])
	before := snapshot(t, install)
	k.begin = func() *exec.Cmd { return k.command("setup", "--adopt") }

	k.measure(t)
	met, kills := 0, 24
	for range kills {
		k.kill(t, syscall.SIGKILL)
		if len(k.staging(t)) > 0 {
			met++
		}
		k.requireWhole(t)
		k.requireNext(t)
	}
	t.Logf("%d of %d kills met a copy in the making, which lasts %v", met, kills, k.lasts)
	require.Positive(t, met)
	require.Equal(t, before, snapshot(t, install))
}

// TestAdoptFromMise lets mise install its own Go, with a package that users get.
func TestAdoptFromMise(t *testing.T) {
	t.Parallel()
	m := newMise(t, "1.98.1", "1.98.2")
	home := filepath.Dir(m.project)
	versions := filepath.Join(home, "versions.git")
	tags := exec.Command("sh", "-ec", `git init -q --bare "$1"; cd "$1"
		commit=$(git -c user.name=t -c user.email=t commit-tree -m versions "$(git hash-object -t tree -w /dev/null)")
		git tag go1.98.1 "$commit"; git tag go1.98.2 "$commit"`, "sh", versions)
	tags.Env = m.env
	run(t, tags).requireOK(t)
	for _, v := range m.env {
		if mirror, ok := strings.CutPrefix(v, "GOLANG_WSL_MIRROR="); ok {
			m.env = append(m.env, "MISE_GO_DOWNLOAD_MIRROR="+mirror)
		}
	}
	m.env = append(m.env, "MISE_GO_SKIP_CHECKSUM=1", "MISE_GO_REPO="+versions, "MISE_USE_VERSIONS_HOST=0")
	m.run(t, "install", "core:go@1.98.1", "core:go@1.98.2").requireOK(t)
	install := filepath.Join(m.data, "installs", "go", "1.98.2")
	require.NoError(t, os.WriteFile(filepath.Join(install, "bin", "gopls"), []byte("x"), 0o755))
	before := snapshot(t, install)

	havePlugin(t, home)
	adopt := exec.Command(realHelper(t), "setup", "--adopt")
	adopt.Env = append(m.env, "GOLANG_WSL_WSL1_DATA_DIR="+home+"/.asdf", "GOLANG_WSL_WSL2_DATA_DIR="+home+"/.asdf")
	got := run(t, adopt)
	got.requireOK(t)
	require.Contains(t, got.stderr, "golang-wsl: 1.98.1: taken over from ")
	require.Contains(t, got.stderr, "golang-wsl: 1.98.2: taken over from ")
	require.Equal(t, []string{"1.98.1", "1.98.2"}, ls(t, filepath.Join(home, ".asdf", "installs", "golang-wsl")))
	require.NoFileExists(t, filepath.Join(home, ".asdf", "installs", "golang-wsl", "1.98.2", "go", "bin", "gopls"))
	require.Equal(t, before, snapshot(t, install))
}
