package test

import (
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// realHelper builds the helper, and the shim beside it, once for all tests and
// returns the helper's path.
func realHelper(t *testing.T) string {
	t.Helper()
	path, err := buildHelper()
	require.NoError(t, err)
	return path
}

var buildHelper = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	// A fixed place for each checkout: the go command links what has changed.
	root, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	for _, dir := range []string{"cmd", "pkg"} {
		// What is looked at here, "go test" looks at before it says "(cached)".
		if err := filepath.WalkDir(filepath.Join("..", dir), func(string, fs.DirEntry, error) error { return nil }); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(cache, "golang-wsl-test", fmt.Sprintf("helper-%x", crc32.ChecksumIEEE([]byte(root))))
	cmd := exec.Command("go", "build", "-o", dir+"/", "../cmd/golang-wsl", "../cmd/golang-wsl-shim")
	cmd.Stderr = os.Stderr
	return filepath.Join(dir, "golang-wsl"), cmd.Run()
})

// A machine has the real helper, a home of its own and, as all the world that
// it can reach, a server with releases.
type machine struct {
	server *fakerelease.Server
	root   string // all of the machine's files are below it
	data   string // ASDF_DATA_DIR
	cache  string // GOLANG_WSL_CACHE_DIR
	path   string // of the helper
	env    []string
}

// newMachine makes a machine whose tools come from one source.
func newMachine(t *testing.T, server *fakerelease.Server, source string) *machine {
	t.Helper()
	root := memoryDir(t)
	m := &machine{
		server: server, root: root, path: realHelper(t),
		data: filepath.Join(root, "data"), cache: filepath.Join(root, "cache"),
	}
	m.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(root, "home"), "GOENV=off", "GOLANG_WSL_SOURCE=" + source,
		"ASDF_DATA_DIR=" + m.data, "GOLANG_WSL_CACHE_DIR=" + m.cache,
	}, server.Env()...)
	// Without "off" the last resort would be a server of the real world.
	m.set("GOPROXY=" + server.GOPROXY() + ",off")
	return m
}

// memoryDir is a temporary directory in memory where there is enough of it: a
// disk that others use as well takes seconds for what is made and thrown away
// here hundreds of times.
func memoryDir(t *testing.T) string {
	t.Helper()
	const memory, enough = "/dev/shm", 2 << 30
	var stat unix.Statfs_t
	if unix.Statfs(memory, &stat) != nil || int64(stat.Bavail)*int64(stat.Bsize) < enough {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "golang-wsl-test-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// sibling is a second data directory of the same user: the cache is shared.
func (m *machine) sibling() *machine {
	other := *m
	other.data = m.data + "-sibling"
	other.env = append(append([]string(nil), m.env...), "ASDF_DATA_DIR="+other.data)
	return &other
}

// set adds to the environment.
// What is added for one command later must not reach another's, so that the slice is clipped.
func (m *machine) set(vars ...string) { m.env = slices.Clip(append(m.env, vars...)) }

func (m *machine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(m.path, args...)
	cmd.Env, cmd.Dir = m.env, m.root
	return cmd
}

func (m *machine) run(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, m.command(args...))
}

// callback is a command as asdf runs it for a version.
func (m *machine) callback(name, version string) *exec.Cmd {
	cmd := m.command("callback", name)
	cmd.Env = append(cmd.Env,
		"ASDF_INSTALL_TYPE=version", "ASDF_INSTALL_VERSION="+version,
		"ASDF_INSTALL_PATH="+m.installed(version),
		"ASDF_DOWNLOAD_PATH="+filepath.Join(m.data, "downloads", "golang-wsl", version))
	return cmd
}

func (m *machine) installed(version string) string {
	return filepath.Join(m.data, "installs", "golang-wsl", version)
}

// requireWorks fails the test unless the version runs and is as it was released.
func (m *machine) requireWorks(t *testing.T, version string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(m.installed(version), "bin", "go"), "version")
	cmd.Env, cmd.Dir = append(m.env, "GOROOT="), m.root
	got := run(t, cmd)
	got.requireOK(t)
	require.Contains(t, got.stdout, "go version go"+version+" linux/")
	m.run(t, "verify", version).requireOK(t)
	require.FileExists(t, filepath.Join(m.installed(version), ".golang-wsl.env"))
}

// shown are the versions that asdf would list as installed and not be wrong
// about: it counts any directory, this leaves out empty ones.
func (m *machine) shown(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range m.names(t) {
		if entries, err := os.ReadDir(m.installed(name)); err == nil && len(entries) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// names are the directories among the installs.
func (m *machine) names(t *testing.T) (names []string) {
	t.Helper()
	return ls(t, filepath.Dir(m.installed("x")))
}

// staging are the installs in the making.
func (m *machine) staging(t *testing.T) []string {
	t.Helper()
	return ls(t, filepath.Join(m.data, "golang-wsl", "staging"))
}

// archives are the files with archives or parts of them in the cache.
func (m *machine) archives(t *testing.T) (names []string) {
	t.Helper()
	dir := filepath.Join(m.cache, "archives")
	for _, name := range append(ls(t, dir), ls(t, filepath.Join(dir, "partial"))...) {
		if name != "partial" && !strings.HasSuffix(name, ".lock") {
			names = append(names, name)
		}
	}
	return names
}

// ls is the names in dir, none where there is no dir.
func ls(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// find returns the paths of all files on the machine with this base name.
func (m *machine) find(t *testing.T, base string) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(m.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == base {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}
