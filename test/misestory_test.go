package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// TestMiseStory is the same story with mise: each kind has data, a cache and a
// file of its own beside the config.toml that both read.
func TestMiseStory(t *testing.T) {
	mise := need(t, "mise")
	needKernels(t)
	server := fakerelease.Start(t, fakerelease.New("1.97.14"), fakerelease.New("1.98.5"), fakerelease.New("1.99.1"))
	u := newUser(t, append(server.Env(), "GOPROXY="+server.GOPROXY()+",off", "GOLANG_WSL_SOURCE=official", "GOLANG_WSL_HELPER="+realHelper(t))...)
	u.env = append(u.env, "PATH="+filepath.Dir(mise)+":"+filepath.Dir(u.helper)+":"+os.Getenv("PATH"), "MISE_YES=1", "MISE_TRUSTED_CONFIG_PATHS=/")
	u.write(t, ".config/mise/config.toml", "[settings]\nexperimental = true\n")
	project := filepath.Join(u.home, "project")
	require.NoError(t, os.MkdirAll(project, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(project, ".tool-versions"), []byte("golang-wsl 1.99.1\n"), 0o644))

	shell := []string{"bash", "-i"}
	in := func(kind, dir string, lines ...string) result {
		t.Helper()
		got := u.types(t, kind, shell, append([]string{"cd " + quoted(dir)}, append(lines, "echo it is done")...)...)
		require.Contains(t, got.stdout, "it is done", got.stderr)
		return got
	}
	in("native", u.home, "golang-wsl setup --from "+quoted(checkout(t)))
	in("wsl1", u.home, "golang-wsl default 1.97.14")
	in("wsl2", u.home, "golang-wsl default 1.98.5")
	require.Contains(t, u.read(t, ".config/mise/config.wsl1.toml"), "1.97.14")
	require.Contains(t, u.read(t, ".config/mise/config.wsl2.toml"), "1.98.5")
	require.Equal(t, "[settings]\nexperimental = true\n", u.read(t, ".config/mise/config.toml"))

	for _, kind := range []struct{ name, version string }{{"wsl1", "1.97.14"}, {"wsl2", "1.98.5"}, {"wsl1", "1.97.14"}} {
		for _, dir := range []string{u.home, u.outside} {
			got := in(kind.name, dir, "mise exec -- go version", "mise exec -- go env GOROOT")
			require.Contains(t, got.stdout, "go version go"+kind.version+" linux/", "%s in %s: %s", kind.name, dir, got.stderr)
			require.NotContains(t, got.stdout, otherOf(kind.name), "what mise keeps of exec-env is this kind's")
		}
	}
	in("wsl2", project, "mise install")
	require.Contains(t, in("wsl2", project, "mise exec -- go version").stdout, "go1.99.1")
	require.FileExists(t, filepath.Join(u.home, ".local", "share", "mise-wsl2", "installs", "golang-wsl", "1.99.1", "go", "VERSION"))
	require.NoDirExists(t, filepath.Join(u.home, ".local", "share", "mise-wsl1", "installs", "golang-wsl", "1.99.1"))
}

func otherOf(kind string) string {
	if kind == "wsl1" {
		return "wsl2"
	}
	return "wsl1"
}
