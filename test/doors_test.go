package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// callbacks are asdf's, each with arguments as some client gives them.
var callbacks = map[string][]string{
	"list-all":              nil,
	"latest-stable":         {"[0-9]"},
	"download":              nil,
	"install":               nil,
	"uninstall":             nil,
	"list-legacy-filenames": nil,
	"parse-legacy-file":     {"/a b/go.mod"},
	"help.overview":         nil,
	"help.deps":             nil,
	"help.config":           nil,
	"help.links":            nil,
	"post-plugin-add":       nil,
	"post-plugin-update":    nil,
	"pre-plugin-remove":     nil,
}

// tellAll is a helper that tells how it was called. It ends with 7.
const tellAll = `printf 'args:'; printf ' <%s>' "$@"
printf '\nplugin: %s\ncwd: %s\nversion: %s\n' "$GOLANG_WSL_PLUGIN_DIR" "$PWD" "${ASDF_INSTALL_VERSION-}"
exit 7
`

func withStub(t *testing.T, name string) *plugin {
	p := newPlugin(t, name)
	p.set("GOLANG_WSL_HELPER="+writeScript(t, filepath.Join(p.home, "stub helper"), tellAll), "ASDF_INSTALL_VERSION=1.22.5")
	return p
}

func told(p *plugin, cwd string, args ...string) string {
	return fmt.Sprintf("args: <%s>\nplugin: %s\ncwd: %s\nversion: 1.22.5\n", strings.Join(args, "> <"), p.dir, cwd)
}

func TestEveryDoorCallsTheHelper(t *testing.T) {
	p := withStub(t, "golang-wsl")
	cwd := t.TempDir()
	for name, args := range callbacks {
		t.Run(name, func(t *testing.T) {
			want := told(p, cwd, append([]string{"callback", name}, args...)...)

			direct := p.command(name, args...)
			direct.Dir = cwd
			got := run(t, direct)
			require.Equal(t, want, got.stdout)
			require.Equal(t, 7, got.code)
			require.Empty(t, got.stderr)

			// asdf 0.16 to 0.20 write a line for bash, with the path in single
			// and the arguments in double quotes.
			line := "'" + p.door(name) + "' "
			for _, arg := range args {
				line += `"` + arg + `"`
			}
			byBash := exec.Command("bash", "-c", line)
			byBash.Dir, byBash.Env = cwd, p.env
			got = run(t, byBash)
			require.Equal(t, want, got.stdout)
			require.Equal(t, 7, got.code)
		})
	}
}

// Every file in bin is a callback that some client runs, and it runs by itself:
// `asdf plugin test` refuses a door that is not executable.
func TestNoOtherDoors(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(repository(t), "bin"))
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o111), info.Mode()&0o111, entry.Name())
		if entry.Name() == "exec-env" {
			continue
		}
		require.Contains(t, callbacks, entry.Name())
	}
	require.Len(t, entries, len(callbacks)+1)
}

func TestDoorsFromAnywhere(t *testing.T) {
	for _, name := range []string{"golang", "golang-wsl", `it's "q" $(touch x) * ü`} {
		t.Run(name, func(t *testing.T) {
			p := withStub(t, name)
			for _, call := range []struct{ dir, line string }{
				{"bin", "./list-all"},
				{"bin", "bash list-all"},
				{"bin", "bash -u list-all"},
				{"", "bin/list-all"},
				{"lib", "../bin/list-all"},
				{"lib", "./commands/.././../bin//list-all"},
				{"bin", `PATH=$PWD:$PATH && list-all`},
				{"bin", "./list-all <&-"},
				{"bin", "./list-all </dev/null"},
				{"bin", "set -eu; export SHELLOPTS; ./list-all"},
			} {
				cmd := exec.Command("bash", "-c", call.line)
				cmd.Dir, cmd.Env = filepath.Join(p.dir, call.dir), p.env
				got := run(t, cmd)
				require.Equal(t, told(p, cmd.Dir, "callback", "list-all"), got.stdout, "%s: %s", call.line, got.stderr)
			}
		})
	}
}

// mise links a plugin from where it is developed. The name of the link is the
// plugin's name.
func TestLinkedPluginHasTheNameOfTheLink(t *testing.T) {
	p := withStub(t, "checkout")
	link := filepath.Join(filepath.Dir(p.dir), "golang")
	require.NoError(t, os.Symlink(p.dir, link))
	p.dir = link
	require.Contains(t, run(t, p.command("list-all")).stdout, "plugin: "+link+"\n")
}

func TestStdinReachesTheHelper(t *testing.T) {
	p := newPlugin(t, "golang-wsl")
	p.set("GOLANG_WSL_HELPER=" + writeScript(t, filepath.Join(p.home, "cat"), "exec cat"))
	cmd := p.command("install")
	cmd.Stdin = strings.NewReader("typed\n")
	require.Equal(t, "typed\n", run(t, cmd).stdout)
}

func TestExtensionCommands(t *testing.T) {
	p := withStub(t, "golang-wsl")
	commands := filepath.Join(p.dir, "lib", "commands")
	entries, err := os.ReadDir(commands)
	require.NoError(t, err)
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".bash")
		want := []string{"a b", "$x", "--json"}
		if name != "command" {
			want = append([]string{strings.TrimPrefix(name, "command-")}, want...)
			// asdf 0.14 wants the one name, later ones want the other.
			require.FileExists(t, filepath.Join(commands, name))
			require.FileExists(t, filepath.Join(commands, name+".bash"))
		}
		for _, path := range []string{filepath.Join(commands, entry.Name()), "./" + entry.Name()} {
			cmd := exec.Command(path, "a b", "$x", "--json")
			cmd.Env, cmd.Dir = p.env, commands
			got := run(t, cmd)
			require.Equal(t, told(p, commands, want...), got.stdout, entry.Name())
			require.Equal(t, 7, got.code)
		}
	}
}

func TestBareCommandWithoutArguments(t *testing.T) {
	p := withStub(t, "golang-wsl")
	cmd := exec.Command("bash", "-u", filepath.Join(p.dir, "lib", "commands", "command"))
	cmd.Env = append(p.env, "GOLANG_WSL_HELPER="+writeScript(t, filepath.Join(p.home, "count"), `echo "$#"`))
	got := run(t, cmd)
	require.Equal(t, "0\n", got.stdout, got.stderr)
}

// Nobody waits for a compiler in order to remove a plugin.
func TestRemovingBuildsNothing(t *testing.T) {
	p := newPlugin(t, "golang-wsl")
	got := run(t, p.command("pre-plugin-remove"))
	got.requireOK(t)
	require.Empty(t, got.stdout+got.stderr)
	require.NoDirExists(t, p.cache())
}
