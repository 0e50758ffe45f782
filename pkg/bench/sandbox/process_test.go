package sandbox

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSettingsAreReadBack(t *testing.T) {
	box := openBox(t, Options{
		Rung: Process,
		Settings: Settings{
			ASLR: "off", TimerSlack: 1, Nice: 5, Batch: true, NoFile: 99, FileSize: 1 << 20,
			AddressSpace: 1 << 40, CPUTime: 90 * time.Second, CPUs: []int{0},
		},
	})
	want := map[string]string{
		"aslr": "off", "timer-slack": "1", "nice": "5", "policy": "batch", "nofile": "99", "file-size": "1048576",
		"address-space": "1099511627776", "cpu-time": "90", "affinity": "0", "gomaxprocs": "1",
	}
	got := make(map[string]string)
	for _, e := range box.Report().Settings {
		got[e.Name] = e.Effective
	}
	require.Equal(t, want, got)

	// And the payload has them: by what the kernel says of it, not the shim.
	out := runIn(t, box, "cat", "/proc/self/personality", "/proc/self/timerslack_ns", "/proc/self/limits", "/proc/self/stat", "/proc/self/status")
	lines := strings.Split(out, "\n")
	require.Equal(t, "00040000", lines[0])
	require.Equal(t, "1", lines[1])
	require.Regexp(t, `Max open files +99 +99 `, out)
	require.Regexp(t, `Max file size +1048576 +1048576 `, out)
	require.Regexp(t, `Max address space +1099511627776 +1099511627776 `, out)
	require.Regexp(t, `Max cpu time +90 +90 `, out)
	require.Regexp(t, `Cpus_allowed_list:\t0\n`, out)
	for _, line := range lines {
		if _, stat, ok := strings.Cut(line, ") R "); ok {
			require.Equal(t, "5", strings.Fields(stat)[15], "nice")
			require.Equal(t, "3", strings.Fields(stat)[37], "SCHED_BATCH")
		}
	}
}

// The tool itself is as it was.
func TestSettingsAreNotTheTools(t *testing.T) {
	before, err := affinity()
	require.NoError(t, err)
	openBox(t, Options{Rung: Process, Settings: Settings{CPUs: []int{0}, Nice: 3, ASLR: "off"}})
	after, err := affinity()
	require.NoError(t, err)
	require.Equal(t, before, after)
	persona, err := personality(whichIs)
	require.NoError(t, err)
	require.Zero(t, persona&noRandomize)
}

// What cannot be had is said, and the payload runs all the same.
func TestSettingsThatCannotBe(t *testing.T) {
	box := openBox(t, Options{Rung: Process, Settings: Settings{CPUs: []int{1023}}})
	var cpus Effect
	for _, e := range box.Report().Settings {
		if e.Name == "affinity" {
			cpus = e
		}
	}
	require.Equal(t, Effect{Name: "affinity", Requested: "1023", Effective: None, By: "sched_setaffinity", Note: "invalid argument"}, cpus)
	require.Equal(t, []Effect{cpus}, box.Report().Missing())
	require.Equal(t, "here\n", runIn(t, box, "echo", "here"))
}

// Without a control group most limits are not there, and each says so.
func TestLimitsWithoutGroups(t *testing.T) {
	box := openBox(t, Options{Rung: Process, Limits: Limits{CPU: 0.5, Memory: 1 << 30, Tasks: 10, CPUs: []int{0}}})
	r := box.Report()
	effective := make(map[string]string)
	for _, e := range r.Limits {
		effective[e.Name] = e.Effective
	}
	require.Equal(t, map[string]string{"cpu": None, "tasks": None, "memory": "1073741824", "cpus": "0"}, effective)
	require.Len(t, r.Missing(), 2)

	// The limit of memory is one, although nothing is killed for it.
	runIn(t, box, "dd", "if=/dev/zero", "of=/dev/null", "bs=8M", "count=1", "status=none")
	cell, err := box.Cell("too-much")
	require.NoError(t, err)
	cmd, out := payload(t, cell, "dd", "if=/dev/zero", "of=/dev/null", "bs=1500M", "count=1")
	require.Error(t, cmd.Wait())
	require.Contains(t, out.String(), "memory exhausted")
	usage, err := cell.Usage()
	require.NoError(t, err)
	require.NotEmpty(t, usage.Absent)
	require.NoError(t, cell.Close())
}

// A payload does not have the shim's file, nor any other of the tool.
func TestPayloadHasNoFileMore(t *testing.T) {
	without, err := exec.Command("ls", "/proc/self/fd").Output()
	require.NoError(t, err)
	require.Equal(t, string(without), runIn(t, openBox(t, Options{Rung: Process}), "ls", "/proc/self/fd"))
}

func TestPayloadThatIsNotThere(t *testing.T) {
	box := openBox(t, Options{Rung: Process})
	cell, err := box.Cell("none")
	require.NoError(t, err)
	_, err = start(t, cell, "/nonexistent/program")
	var failed *ExecError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, syscall.ENOENT)
	require.NoError(t, cell.Close())
}

// Whatever a payload does to stay, it is gone when the cell is closed.
func TestHostilePayloads(t *testing.T) {
	for name, script := range hostileScripts() {
		t.Run(name, func(t *testing.T) {
			box := openBox(t, Options{Rung: Process})
			hostile(t, box, script)
		})
	}
}

func hostileScripts() map[string]string {
	return map[string]string{
		"ignores SIGTERM":  `trap "" TERM HUP INT; echo ready; while :; do sleep 0.01; done`,
		"stops itself":     `echo ready; kill -STOP $$`,
		"daemon":           `setsid sh -c 'setsid sleep 987654 & echo ready' & wait`,
		"orphans":          `for i in 1 2 3 4 5; do (setsid sleep 987654 &); done; echo ready`,
		"no environment":   `env -i setsid /bin/sh -c 'cd /; echo ready; exec sleep 987654' >&1 & sleep 987654`,
		"forks on and on":  `f() { sleep 0.01; f & }; for i in 1 2 3 4; do f & done; echo ready; wait`,
		"leaves its group": `set -m; sleep 987654 & sleep 987654 & echo ready; disown -a 2>/dev/null; exit 0`,
	}
}

// hostile runs a script in a cell until it is ready, and closes the cell.
func hostile(t *testing.T, box *Box, script string) {
	t.Helper()
	token := "hostile-" + filepath.Base(t.TempDir()) + "-" + newToken()
	cell, err := box.Cell("hostile")
	require.NoError(t, err)
	cmd := exec.Command("sh", "-c", script, token)
	cmd.Env = append(os.Environ(), "TOKEN="+token)
	out := capture(t, cmd)
	require.NoError(t, startCmd(t, cell, cmd))
	require.Eventually(t, func() bool { return strings.Contains(out(), "ready") }, 10*time.Second, time.Millisecond)
	require.NotEmpty(t, living(cell))
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	require.NoError(t, cell.Close())
	for range 5 {
		require.Empty(t, living(cell))
	}
	<-done
	require.Empty(t, processesWith(t, token))
}

func living(c *Cell) []int {
	pids, _ := crowd{mark: c.mark}.scan()
	return pids
}

// Of orphans that ended by themselves no zombie is left either.
func TestOrphansAreWaitedFor(t *testing.T) {
	box := openBox(t, Options{Rung: Process})
	runIn(t, box, "sh", "-c", "(setsid true &); (setsid sleep 0.05 &)")
	require.Empty(t, zombies(t))
}

func TestOpenChecks(t *testing.T) {
	shim := []string{"shim"}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Shim: shim, Rung: "cgroup"}, `no rung "cgroup"`},
		{Options{Shim: shim, Limits: Limits{CPU: -1}}, "negative"},
		{Options{Shim: shim, Settings: Settings{ASLR: "maybe"}}, `not "maybe"`},
		{Options{}, "no shim"},
	} {
		_, err := Open(context.Background(), c.o)
		require.ErrorContains(t, err, c.want)
	}
}

func TestCellsHaveNames(t *testing.T) {
	box := openBox(t, Options{Rung: Process})
	for _, name := range []string{"", "../x", "a/b", "a b", "."} {
		_, err := box.Cell(name)
		require.ErrorContains(t, err, "no name")
	}
	c, err := box.Cell("one")
	require.NoError(t, err)
	_, err = box.Cell("one")
	require.ErrorContains(t, err, "it is there")
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "twice")
	_, err = box.Cell("one")
	require.NoError(t, err)
}

func TestListText(t *testing.T) {
	for want, cpus := range map[string][]int{"": nil, "0": {0}, "0-1": {0, 1}, "0-2,5,7-8": {0, 1, 2, 5, 7, 8}} {
		require.Equal(t, want, listText(cpus))
	}
}
