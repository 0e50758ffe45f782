package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// asdfInstall is what asdf runs for an install: the doors, and its own mkdir
// between them, after which it counts the version as installed.
const asdfInstall = `
mkdir -p "$ASDF_DOWNLOAD_PATH"
"$plugin/bin/download" || exit
mkdir "$ASDF_INSTALL_PATH"
"$plugin/bin/install"
`

// byAsdf returns commands that install as asdf does, through the real doors.
func (k *killer) byAsdf(t *testing.T) func() *exec.Cmd {
	plugin := k.addPlugin(t)
	return func() *exec.Cmd {
		call := k.callback("install", k.version)
		cmd := exec.Command("bash", "-c", asdfInstall)
		cmd.Dir = k.root
		cmd.Env = append(call.Env, "plugin="+plugin, "GOLANG_WSL_HELPER="+k.path)
		return cmd
	}
}

// addPlugin adds this repository as a plugin, by a link as mise does it.
func (m *machine) addPlugin(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(m.data, "plugins", "golang-wsl")
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Symlink(repository(t), dir))
	return dir
}
