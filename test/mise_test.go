package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A realMise is the mise of this machine with directories of its own.
type realMise struct {
	data, project string
	env           []string
}

func newMise(t *testing.T, versions ...string) *realMise {
	t.Helper()
	path := need(t, "mise")
	var releases []fakerelease.Release
	for _, version := range versions {
		releases = append(releases, fakerelease.New(version))
	}
	server := fakerelease.Start(t, releases...)
	root := t.TempDir()
	m := &realMise{data: filepath.Join(root, "data"), project: filepath.Join(root, "home", "project")}
	require.NoError(t, os.MkdirAll(m.project, 0o755))
	m.env = append([]string{
		"HOME=" + filepath.Join(root, "home"), "PATH=" + filepath.Dir(path) + ":" + os.Getenv("PATH"),
		"MISE_DATA_DIR=" + m.data, "MISE_CACHE_DIR=" + filepath.Join(root, "cache"),
		"MISE_CONFIG_DIR=" + filepath.Join(root, "config"), "MISE_STATE_DIR=" + filepath.Join(root, "state"),
		"MISE_TRUSTED_CONFIG_PATHS=" + root, "MISE_YES=1", "MISE_GLOBAL_CONFIG_FILE=" + filepath.Join(root, "config", "config.toml"),
		"GOENV=off", "GOLANG_WSL_HELPER=" + realHelper(t), "GOLANG_WSL_SOURCE=official",
		"GOLANG_WSL_CACHE_DIR=" + filepath.Join(root, "golang-wsl"),
	}, server.Env()...)
	return m
}

func (m *realMise) run(t *testing.T, args ...string) result {
	t.Helper()
	cmd := exec.Command("mise", args...)
	cmd.Path = need(t, "mise")
	cmd.Dir, cmd.Env = m.project, m.env
	return run(t, cmd)
}

func TestMise(t *testing.T) {
	for _, add := range []struct {
		how  string
		args func(source string) []string
	}{
		{"clone", func(source string) []string { return []string{"plugins", "install", "golang-wsl", "file://" + source} }},
		{"link", func(source string) []string { return []string{"plugins", "link", "golang-wsl", source} }},
	} {
		t.Run(add.how, func(t *testing.T) {
			m := newMise(t, "1.98.2", "1.98.1", "1.97.1", "1.99rc1")
			m.run(t, add.args(checkout(t))...).requireOK(t)

			got := m.run(t, "ls-remote", "golang-wsl")
			got.requireOK(t)
			require.Contains(t, strings.Fields(got.stdout), "1.98.2")
			require.Equal(t, "1.98.2\n", m.run(t, "latest", "golang-wsl").stdout)

			m.run(t, "install", "golang-wsl@1.97.1").requireOK(t)
			require.NoError(t, os.WriteFile(filepath.Join(m.project, ".tool-versions"), []byte("golang-wsl 1.98\n"), 0o644))
			m.run(t, "install").requireOK(t)
			require.Contains(t, m.run(t, "exec", "--", "go", "version").stdout, "go version go1.98.2 linux/")
			require.Contains(t, m.run(t, "exec", "golang-wsl@1.97.1", "--", "go", "version").stdout, "go version go1.97.1 linux/")
			require.FileExists(t, filepath.Join(m.data, "installs", "golang-wsl", "1.97.1", ".golang-wsl.json"))

			got = m.run(t, "install", "golang-wsl@9.9.9")
			require.NotZero(t, got.code)
			require.Contains(t, got.stdout+got.stderr, "golang-wsl: error: ")
			require.NoDirExists(t, filepath.Join(m.data, "installs", "golang-wsl", "9.9.9"))

			m.run(t, "uninstall", "golang-wsl@1.97.1").requireOK(t)
			require.NoDirExists(t, filepath.Join(m.data, "installs", "golang-wsl", "1.97.1"))
			require.Contains(t, m.run(t, "exec", "--", "go", "version").stdout, "go1.98.2")
		})
	}
}
