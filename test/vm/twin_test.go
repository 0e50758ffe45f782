package vm

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The machine is what the tests in it take it for.
func TestMachine(t *testing.T) {
	m := need(t)
	facts := []struct{ want, command string }{
		{"running", "systemctl is-system-running --wait"},
		{"cgroup2fs", "stat -f -c %T /sys/fs/cgroup"},
		{"ext4 /dev/vda", "findmnt -n -r -o FSTYPE,SOURCE /ext4"},
		{"9p drvfs", "findmnt -n -r -o FSTYPE,SOURCE /mnt/c"},
		{"2", "nproc"},
		// A clock that was calibrated while the host was busy runs at a rate of its own.
		{"0", "echo $((($(date +%s) - $(cat /sys/class/rtc/rtc0/since_epoch)) / 5))"},
		{"dev /run/user/1000", "runuser -l dev -c 'echo $USER $XDG_RUNTIME_DIR'"},
		{"running", "runuser -l dev -c 'systemctl --user is-system-running --wait'"},
	}
	var want, line string
	for _, fact := range facts {
		want += fact.want + "\n"
		line += fact.command + "\n"
	}
	require.Equal(t, want, m.root(t, "bash", "-c", line).stdout)
}

// What scripts/vm says of a command is true.
func TestCommand(t *testing.T) {
	m := need(t)
	got := m.dev(t, "bash", "-c", `pwd; printf '%s\n' "$@" >&2; exit 7`, "x", "", "it's", "a b", `\`)
	require.Equal(t, result{"/share\n", "\nit's\na b\n\\\n", 7}, got)

	got = m.run(t, []string{"--time", "2", "--", "sleep", "1000"})
	require.Equal(t, 124, got.code)
	require.Equal(t, "vm: the command was ended after 2 s\n", got.stderr)
	require.Equal(t, 1, m.root(t, "pgrep", "-x", "sleep").code, "it goes on")
}

// The texts of the kernel are those of one that somebody has reported.
func TestKernelIsReported(t *testing.T) {
	m := need(t)
	got := m.dev(t, "cat", "/proc/sys/kernel/osrelease", "/proc/cmdline", "/proc/version")
	got.requireOK(t)
	text := strings.Split(got.stdout, "\n")
	require.Len(t, text, 4)
	table, err := os.ReadFile("../testdata/kernels.tsv")
	require.NoError(t, err)
	require.Contains(t, string(table), "\nwsl2\t"+text[0]+"\t"+text[1]+"\n")
	require.True(t, strings.HasPrefix(text[2], "Linux version "+text[0]+" "), text[2])
}

func TestDetect(t *testing.T) {
	m := need(t)
	type mount struct {
		Point, Type string
		Windows     bool
	}
	got := decode[struct {
		Kind, Confidence, Host, Container string
		Mounts                            []mount
	}](t, m.dev(t, "golang-wsl", "detect", "--json"))
	require.Equal(t, "wsl2", got.Kind)
	require.Equal(t, "certain", got.Confidence)
	require.Equal(t, "windows", got.Host)
	require.Empty(t, got.Container)
	require.Contains(t, got.Mounts, mount{"/mnt/c", "9p", true})
	require.Contains(t, got.Mounts, mount{"/home", "ext4", false})
}

// report is what the doctor's JSON has.
type report struct {
	Kind    string
	Counts  map[string]int
	Results []struct {
		ID, Status, Finding string
		Evidence            []string
	}
}

// diagnosis reads it. The exit code is in it too.
func diagnosis(t *testing.T, r result) report {
	t.Helper()
	r.code = 0
	return decode[report](t, r)
}

// requireHealthy fails the test unless nothing is wrong, and these checks applied.
func (r report) requireHealthy(t *testing.T, ids ...string) {
	t.Helper()
	require.Zero(t, r.Counts["error"]+r.Counts["warning"]+r.Counts["timeout"], "%+v", r.Results)
	for _, result := range r.Results {
		if slices.Contains(ids, result.ID) {
			require.Equal(t, "ok", result.Status, "%+v", result)
			ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == result.ID })
		}
	}
	require.Empty(t, ids, "no such check")
}

// A healthy WSL2 has no fault, and a project on the Windows drive is one.
func TestDoctor(t *testing.T) {
	m := need(t)
	home := m.home(t)
	got := diagnosis(t, home("-c", "golang-wsl doctor --offline --json"))
	require.Equal(t, "wsl2", got.Kind)
	got.requireHealthy(t, "wsl-kind", "systemd", "cgroup", "psi", "mount-lines", "project-dir", "windows-path")

	got = diagnosis(t, home("-c", `mkdir -p /mnt/c/src/app && cd /mnt/c/src/app && printf 'module app\n\ngo 1.21\n' >go.mod &&
		golang-wsl doctor --offline --json`))
	require.Equal(t, 1, got.Counts["warning"], "%+v", got.Results)
	require.Zero(t, got.Counts["error"])
	for _, result := range got.Results {
		if result.Status == "warning" {
			require.Equal(t, "project-dir", result.ID)
			require.Equal(t, "/mnt/c/src/app is on a Windows drive", result.Finding)
			require.Equal(t, []string{"drvfs on /mnt/c type 9p"}, result.Evidence)
		}
	}
}
