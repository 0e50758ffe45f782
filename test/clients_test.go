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

// A client calls the doors the way one program does: with its environment, its
// arguments, its standard input and its care for directories. What they do is
// read from their sources: asdf 0.14 lib/functions/installs.bash, asdf 0.20
// internal/versions and internal/execute, mise src/backend/asdf.rs.
type client struct {
	name string

	// shellLine: bash runs the door from a line of text (asdf 0.16 to 0.20).
	shellLine bool
	// stdin is what the callbacks find there: asdf 0.14 leaves the terminal.
	stdin string
	// env is what is always set, given the data directory and the plugin.
	env func(data, plugin string) []string
	// latest is the argument of latest-stable when the user typed none.
	latest []string
	// installDirFirst: the install directory is there, empty, at download.
	installDirFirst bool
	// emptiesDownload: what an earlier try left is gone.
	emptiesDownload bool
	// removes: the directory is removed for the callback.
	removes bool
	// execEnv is the text that applies exec-env as $door, then runs "$@".
	execEnv string
}

var clients = []client{
	{
		name:  "asdf 0.14",
		stdin: "typed by the user\n",
		env: func(data, _ string) []string {
			return []string{
				"ASDF_DIR=/opt/asdf", "ASDF_DATA_DIR=" + data, "ASDF_CONFIG_FILE=/nowhere/.asdfrc",
				"ASDF_DEFAULT_TOOL_VERSIONS_FILENAME=.tool-versions",
			}
		},
		latest:  []string{"[0-9]"},
		execEnv: `. "$door"; PATH=$ASDF_INSTALL_PATH/bin:$PATH; exec "$@"`,
	},
	{
		name:      "asdf 0.20",
		shellLine: true,
		env:       func(string, string) []string { return nil },
		latest:    []string{""},
		removes:   true,
		execEnv: `PATH=$ASDF_INSTALL_PATH/bin:$PATH; fn() { . "$door"; env -0; }
while IFS= read -r -d '' pair; do export "${pair?}"; done < <(fn </dev/null 2>/dev/null)
exec "$@"`,
	},
	{
		name: "mise",
		env: func(data, plugin string) []string {
			return []string{
				"MISE_DATA_DIR=" + data, "MISE_CACHE_DIR=" + data + "/cache", "ASDF_PLUGIN_PATH=" + plugin,
				"__MISE_SCRIPT=1", "ASDF_CONCURRENCY=2",
			}
		},
		installDirFirst: true,
		emptiesDownload: true,
		removes:         true,
		execEnv:         `bash --noprofile -c '. "$door"; export -p' >/dev/null; . "$door"; PATH=$ASDF_INSTALL_PATH/bin:$PATH; exec "$@"`,
	},
}

// A setup is a client with a data directory, the plugin in it, and a world of
// fake releases.
type setup struct {
	client
	server           *fakerelease.Server
	data, plugin, wd string
	env              []string
}

func newSetup(t *testing.T, c client, pluginName string, versions ...string) *setup {
	t.Helper()
	var releases []fakerelease.Release
	for _, version := range versions {
		releases = append(releases, fakerelease.New(version))
	}
	root := t.TempDir()
	s := &setup{
		client: c, server: fakerelease.Start(t, releases...),
		data: filepath.Join(root, "data"), plugin: filepath.Join(root, "data", "plugins", pluginName), wd: filepath.Join(root, "work"),
	}
	for _, part := range []string{"bin", "lib"} {
		copyTree(t, filepath.Join(repository(t), part), filepath.Join(s.plugin, part))
	}
	require.NoError(t, os.MkdirAll(s.wd, 0o755))
	s.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(root, "home"), "GOENV=off",
		"GOLANG_WSL_HELPER=" + realHelper(t), "GOLANG_WSL_SOURCE=official",
		"GOLANG_WSL_CACHE_DIR=" + filepath.Join(root, "cache"),
	}, s.server.Env()...)
	s.env = append(s.env, c.env(s.data, s.plugin)...)
	return s
}

// call runs a door. Where it may not read what the user typed, it must not.
func (s *setup) call(t *testing.T, name string, args, vars []string) result {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.plugin, "bin", name), args...)
	if s.shellLine {
		line := "'" + cmd.Path + "' "
		for i, arg := range args {
			if i > 0 {
				line += " "
			}
			line += `"` + arg + `"`
		}
		cmd = exec.Command("bash", "-c", line)
	}
	cmd.Dir, cmd.Env = s.wd, append(append([]string(nil), s.env...), vars...)
	if s.stdin == "" {
		return run(t, cmd)
	}
	typed := filepath.Join(t.TempDir(), "typed")
	require.NoError(t, os.WriteFile(typed, []byte(s.stdin), 0o644))
	file, err := os.Open(typed)
	require.NoError(t, err)
	defer file.Close()
	cmd.Stdin = file
	got := run(t, cmd)
	at, err := file.Seek(0, 1)
	require.NoError(t, err)
	require.Zero(t, at, "%s has read what the user typed", name)
	return got
}

func (s *setup) installPath(version string) string {
	return filepath.Join(s.data, "installs", filepath.Base(s.plugin), version)
}

func (s *setup) downloadPath(version string) string {
	return filepath.Join(s.data, "downloads", filepath.Base(s.plugin), version)
}

func (s *setup) versionVars(version string) []string {
	return []string{
		"ASDF_INSTALL_TYPE=version", "ASDF_INSTALL_VERSION=" + version,
		"ASDF_INSTALL_PATH=" + s.installPath(version), "ASDF_DOWNLOAD_PATH=" + s.downloadPath(version),
	}
}

// install runs the two callbacks, and does with the directories what the client
// does before, between and after them.
func (s *setup) install(t *testing.T, version string) result {
	t.Helper()
	at, from, vars := s.installPath(version), s.downloadPath(version), s.versionVars(version)
	if s.emptiesDownload {
		require.NoError(t, os.RemoveAll(from))
	}
	require.NoError(t, os.MkdirAll(from, 0o777))
	if s.installDirFirst {
		require.NoError(t, os.MkdirAll(at, 0o777))
	}
	got := s.call(t, "download", nil, vars)
	if got.code == 0 {
		require.NoError(t, os.MkdirAll(at, 0o777))
		next := s.call(t, "install", nil, append(vars, "ASDF_CONCURRENCY=2"))
		got = result{got.stdout + next.stdout, got.stderr + next.stderr, next.code}
	}
	if got.code != 0 {
		require.NoError(t, os.RemoveAll(at))
		return got
	}
	require.NoError(t, os.RemoveAll(from))
	return got
}

// exec runs a command as the client's shim would, with the user's stdin.
func (s *setup) exec(t *testing.T, version, stdin string, command ...string) result {
	t.Helper()
	cmd := exec.Command("bash", append([]string{"-c", s.execEnv, "shim"}, command...)...)
	cmd.Dir, cmd.Stdin = s.wd, strings.NewReader(stdin)
	cmd.Env = append(append([]string(nil), s.env...), "door="+filepath.Join(s.plugin, "bin", "exec-env"), "GOROOT=/stale")
	cmd.Env = append(cmd.Env, s.versionVars(version)...)
	return run(t, cmd)
}

// uninstall runs the callback, and removes what the client removes itself.
func (s *setup) uninstall(t *testing.T, version string) result {
	t.Helper()
	got := s.call(t, "uninstall", nil, s.versionVars(version)[:3])
	if got.code == 0 && s.removes {
		require.NoError(t, os.RemoveAll(s.installPath(version)))
	}
	return got
}

// withClients runs a test once for each client.
func withClients(t *testing.T, test func(t *testing.T, c client)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) { test(t, c) })
	}
}
