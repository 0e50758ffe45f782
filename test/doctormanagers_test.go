package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A diagnosis is a result of golang-wsl doctor --json.
type diagnosis struct {
	ID, Status, Finding, Cure string
	Evidence                  []string
}

// diagnose reads what the doctor says to one question.
func diagnose(t *testing.T, r result) diagnosis {
	t.Helper()
	var report struct{ Results []diagnosis }
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report), "%s", r.stderr)
	require.Len(t, report.Results, 1)
	return report.Results[0]
}

// The doctor knows the asdf of this machine by what it says, whichever it is.
func TestDoctorAsksAsdf(t *testing.T) {
	a := newAsdf(t)
	said := strings.TrimSpace(a.run(t, "--version").stdout)
	d := diagnose(t, a.runIn(t, a.project, realHelper(t), "doctor", "--only", "asdf-version", "--json"))
	require.Contains(t, d.Finding, a.path+" ")
	require.Contains(t, said, strings.Fields(d.Finding)[1], "the number that asdf says")
	if a.bash {
		require.Equal(t, "info", d.Status)
		require.Contains(t, d.Finding, "written in bash")
		require.NotEmpty(t, d.Cure)
	}
	if strings.Contains(said, " 0.20.") {
		require.Equal(t, "ok", d.Status)
	}
}

// A mise that nobody has used is left alone: it would make directories.
func TestDoctorLeavesUnusedMiseAlone(t *testing.T) {
	m := newMise(t)
	m.env = append(m.env, "HELPER="+realHelper(t))
	d := diagnose(t, m.shell(t, `"$HELPER" doctor --only mise --json`))
	require.Equal(t, "ok", d.Status)
	require.Equal(t, "not in use in this shell", d.Finding)
	require.NoDirExists(t, m.data)
}

// shell runs a line of bash in the project.
func (m *realMise) shell(t *testing.T, line string) result {
	t.Helper()
	cmd := exec.Command("bash", "-c", line)
	cmd.Dir, cmd.Env = m.project, m.env
	return run(t, cmd)
}

// activated begins a line in a shell that mise has been activated in, with the
// commands of a data directory behind.
const activated = `export PATH="$PATH:$ASDF_DATA_DIR/golang-wsl/bin"; eval "$(mise activate bash)"; eval "$(mise hook-env -s bash)"; `

func TestDoctorSeesMise(t *testing.T) {
	m := newMise(t, "1.98.2", "1.98.1")
	asdf := t.TempDir()
	m.env = append(m.env, "HELPER="+realHelper(t), "ASDF_DATA_DIR="+asdf)
	m.run(t, "plugins", "install", "golang-wsl", "file://"+checkout(t)).requireOK(t)
	config := filepath.Join(m.project, "mise.toml")
	require.NoError(t, os.WriteFile(config, []byte("[tools]\ngolang-wsl = \"1.98.2\"\n"), 0o644))
	m.run(t, "install").requireOK(t)
	const ask = activated + `"$HELPER" doctor --only mise --json`
	first := filepath.Join(m.data, "installs", "golang-wsl", "1.98.2", "bin", "go")

	d := diagnose(t, m.shell(t, ask))
	require.Equal(t, "ok", d.Status)
	require.Equal(t, first+"; no other is on PATH", d.Finding)
	version := strings.TrimSpace(m.run(t, "--version").stdout)
	require.Len(t, d.Evidence, 1)
	require.True(t, strings.HasSuffix(d.Evidence[0], "/mise "+version), "%v", d.Evidence)

	// With golang-wsl beside it, which is asked for another version.
	m.shell(t, `"$HELPER" install 1.98.1`).requireOK(t)
	require.NoError(t, os.WriteFile(filepath.Join(m.project, ".tool-versions"), []byte("golang-wsl 1.98.1\n"), 0o644))
	d = diagnose(t, m.shell(t, ask))
	require.Equal(t, "warning", d.Status)
	require.Contains(t, d.Finding, first+" is in front of "+filepath.Join(asdf, "golang-wsl", "bin", "go")+": Go 1.98.2, though "+m.project)
	cure, _, _ := strings.Cut(d.Cure, ", or ")
	require.Equal(t, "mise unuse --no-prune --path "+config+" golang-wsl", cure)

	// mise reads .tool-versions as well; what it has not installed is left to its shim.
	m.shell(t, cure).requireOK(t)
	d = diagnose(t, m.shell(t, ask))
	require.Equal(t, "info", d.Status)
	require.Contains(t, d.Finding, filepath.Join(m.data, "shims", "go")+" is in front of ")
	m.run(t, "install").requireOK(t)
	require.Equal(t, "ok", diagnose(t, m.shell(t, ask)).Status)
}
