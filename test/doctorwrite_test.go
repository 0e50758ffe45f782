package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// Real: a user whose caches root has made, as with sudo go, and the cure as typed.
func TestDoctorOnDirectoriesOfRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root has directories that are root's")
	}
	m := ofDirectories(t)
	helper, err := os.ReadFile(m.path)
	require.NoError(t, err)
	m.path = filepath.Join(m.root, "golang-wsl") // where another user can run it
	require.NoError(t, os.WriteFile(m.path, helper, 0o755))
	m.set("HOME=" + m.root)
	write := func() doctor.Result {
		cmd := m.command("doctor", "--only", "dir-write", "--json")
		unprivileged(cmd)
		var report struct{ Results []doctor.Result }
		got := run(t, cmd)
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got)
		require.Len(t, report.Results, 1)
		return report.Results[0]
	}
	require.NoError(t, exec.Command("chown", "-R", "54321:54321", m.root).Run())
	require.Equal(t, doctor.OK, write().Status)
	require.NoError(t, exec.Command("chown", "-R", "0:0", filepath.Join(m.root, "go"), filepath.Join(m.root, "build")).Run())
	r := write()
	require.Equal(t, doctor.Error, r.Status)
	require.Regexp(t, `^nothing can be written to GOCACHE \(\S+/build\), which is root's, GOPATH \(\S+/go\), which is root's, GOMODCACHE`, r.Finding)
	require.Equal(t, `sudo chown -R "$(id -un)" `+m.root+"/build "+m.root+"/go", r.Cure)

	cure := strings.NewReplacer("sudo ", "", `"$(id -un)"`, "54321").Replace(r.Cure) // who has no name here
	require.NoError(t, exec.Command("sh", "-c", cure).Run())
	require.Equal(t, doctor.OK, write().Status)

	cmd := m.command("doctor", "--only", "dir-write", "--json")
	require.Contains(t, run(t, cmd).stdout, "root may write to all that is not read-only")
	requireNoScratch(t, m)
}
