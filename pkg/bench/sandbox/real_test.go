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
	"golang.org/x/sys/unix"
)

// The tests below need control groups of version 2, and some need systemd: they run in
// the machine of test/vm, as root and as a user. REQUIRE_... says which must be there.

// realRungs are the rungs with control groups that are to be had here.
func realRungs(t *testing.T) (rungs []string) {
	t.Helper()
	for _, rung := range Rungs() {
		if only := os.Getenv("SANDBOX_RUNG"); rung == Process || only != "" && only != rung {
			continue
		}
		_, err := Explain(context.Background(), Options{Rung: rung, Shim: []string{"x"}})
		if err == nil {
			rungs = append(rungs, rung)
		} else {
			t.Logf("%v", err)
		}
	}
	root := os.Geteuid() == 0
	for variable, rung := range map[string]string{
		"REQUIRE_CGROUP2":      map[bool]string{true: Cgroupfs, false: UserScope}[root],
		"REQUIRE_SYSTEMD":      SystemScope,
		"REQUIRE_USER_SYSTEMD": UserScope,
		"REQUIRE_PREMADE":      Premade,
	} {
		if os.Getenv(variable) == "1" {
			require.Contains(t, rungs, rung, variable)
		}
	}
	if len(rungs) == 0 {
		t.Skip("no control groups of version 2")
	}
	return rungs
}

func eachRung(t *testing.T, test func(t *testing.T, rung string)) {
	t.Helper()
	for _, rung := range realRungs(t) {
		t.Run(rung, func(t *testing.T) { test(t, rung) })
	}
}

func effects(r Report) map[string]Effect {
	got := make(map[string]Effect)
	for _, e := range append(append([]Effect{}, r.Limits...), r.Settings...) {
		got[e.Name] = e
	}
	return got
}

func TestRealLadder(t *testing.T) {
	rungs := realRungs(t)
	box := openBox(t, Options{})
	require.Equal(t, rungs[0], box.Report().Rung, "the highest one")
	require.DirExists(t, box.Report().Group)
}

func TestRealCPU(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{CPU: 0.5}})
		require.Equal(t, Effect{Name: "cpu", Requested: "0.5", Effective: "0.5", By: "cpu.max"}, effects(box.Report())["cpu"])
		c, err := box.Cell("spin")
		require.NoError(t, err)
		cmd, out := payload(t, c, self(t), "spin", "3000")
		require.NoError(t, cmd.Wait(), out)
		var now unix.Timespec
		require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
		wall := time.Duration(now.Nano()) - c.Self().Started
		u, err := c.Usage()
		require.NoError(t, err)
		part := u.CPUTime.Seconds() / wall.Seconds()
		t.Logf("%.3f of a CPU; throttled in %d periods for %s; absent: %q; shim: %+v", part, u.ThrottledPeriods, u.Throttled, u.Absent, c.Self())
		require.InDelta(t, 0.5, part, 0.1)
		require.Positive(t, u.Throttled)
		require.Positive(t, u.ThrottledPeriods)
		rusage := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() - c.Self().CPU
		require.InDelta(t, rusage.Seconds(), u.CPUTime.Seconds(), 0.3, "the kernel has counted it twice")
		require.NoError(t, c.Close())

		// Go itself sees the limit, and so does the report.
		require.Equal(t, runIn(t, box, self(t), "procs"), effects(box.Report())["gomaxprocs"].Effective)
	})
}

func TestRealMemory(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{Memory: 64 << 20}})
		got := effects(box.Report())
		require.Equal(t, Effect{Name: "memory", Requested: "67108864", Effective: "67108864", By: "memory.max"}, got["memory"])
		t.Logf("swap: %+v", got["swap"])

		c, err := box.Cell("much")
		require.NoError(t, err)
		cmd, out := payload(t, c, self(t), "allocate", "200")
		require.EqualError(t, cmd.Wait(), "signal: killed", out)
		u, err := c.Usage()
		require.NoError(t, err)
		t.Logf("%+v", u)
		require.True(t, u.OutOfMemory(), "%+v", u)
		require.EqualValues(t, 1, u.OOMKills)
		if len(u.Absent) == 0 {
			require.LessOrEqual(t, u.MemoryPeak, int64(65<<20)) // a page more for a moment
			require.Greater(t, u.MemoryPeak, int64(60<<20))
		}
		require.NoError(t, c.Close())

		// Each cell has its own numbers; and a kill is no want of memory.
		c, err = box.Cell("little")
		require.NoError(t, err)
		cmd, out = payload(t, c, self(t), "allocate", "8")
		require.NoError(t, cmd.Wait(), out)
		u, err = c.Usage()
		require.NoError(t, err)
		require.False(t, u.OutOfMemory())
		require.Less(t, u.MemoryPeak, int64(48<<20))
		require.NoError(t, c.Close())

		c, err = box.Cell("killed")
		require.NoError(t, err)
		cmd, _ = payload(t, c, "sleep", "987654")
		require.NoError(t, cmd.Process.Kill())
		require.EqualError(t, cmd.Wait(), "signal: killed")
		u, err = c.Usage()
		require.NoError(t, err)
		require.False(t, u.OutOfMemory())
		require.NoError(t, c.Close())
	})
}

// With memory.oom.group all of a payload ends where a part of it is ended.
func TestRealMemoryEndsAll(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{Memory: 48 << 20}})
		c, err := box.Cell("family")
		require.NoError(t, err)
		cmd, out := payload(t, c, "sh", "-c", "sleep 987654 & "+self(t)+" allocate 200; echo survived")
		require.EqualError(t, cmd.Wait(), "signal: killed", out)
		require.NotContains(t, out.String(), "survived")
		u, err := c.Usage()
		require.NoError(t, err)
		require.GreaterOrEqual(t, u.OOMKills, int64(2), "%+v", u)
		require.NoError(t, c.Close())
	})
}

func TestRealTasks(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{Tasks: 20}})
		c, err := box.Cell("bomb")
		require.NoError(t, err)
		cmd := exec.Command("sh", "-c", "b() { b | b & }; b; sleep 987654")
		_ = capture(t, cmd)
		require.NoError(t, startCmd(t, c, cmd))
		g := c.box.machine.cgroups
		require.Eventually(t, func() bool {
			events, err := g.table(c.dir, "pids.events")
			return err == nil && events["max"] > 0
		}, 20*time.Second, 10*time.Millisecond, "it is stopped")
		pids, err := g.all(c.dir)
		require.NoError(t, err)
		require.LessOrEqual(t, len(pids), 20)
		u, err := c.Usage()
		require.NoError(t, err)
		require.Positive(t, u.Events["pids.max"])
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		require.NoError(t, c.Close())
		require.NoDirExists(t, c.dir)
		<-done
	})
}

func TestRealCPUs(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{CPUs: []int{1}}})
		e := effects(box.Report())["cpus"]
		t.Logf("%+v", e)
		require.Equal(t, "1", e.Effective)
		if os.Getenv("REQUIRE_CPUSET") == "1" {
			require.Equal(t, "cpuset.cpus", e.By)
		}
		require.Regexp(t, `Cpus_allowed_list:\t1\n`, runIn(t, box, "cat", "/proc/self/status"))
		if e.By == "cpuset.cpus" { // and it cannot take it back
			out := runIn(t, box, "sh", "-c", "taskset -pc 0 $$ 2>&1; grep Cpus_allowed_list /proc/self/status")
			require.Regexp(t, `Cpus_allowed_list:\t1\n`, out)
		} else {
			require.Contains(t, e.Note, "cpuset", "why it is only that")
		}
	})
}

// The payload is in its group from its first instruction on.
func TestRealGroup(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung})
		c, err := box.Cell("where")
		require.NoError(t, err)
		cmd, out := payload(t, c, "cat", "/proc/self/cgroup")
		require.NoError(t, cmd.Wait())
		require.Contains(t, out.String(), "0::"+strings.TrimPrefix(c.dir, unified)+"\n")
		require.NoError(t, c.Close())
		require.NoDirExists(t, c.dir)
	})
}

func TestRealHostile(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		box := openBox(t, Options{Rung: rung, Limits: Limits{Tasks: 100}})
		for _, script := range hostileScripts() {
			hostile(t, box, script)
		}
		// One that may, leaves its group: the mark is still on it.
		up := unified + "/cgroup.procs"
		if os.Geteuid() == 0 {
			hostile(t, box, `setsid sh -c "echo \$\$ >`+up+`; sleep 987654 & echo ready; wait" & wait`)
		}
		hostile(t, box, `d=`+box.Report().Group+`/hostile/inner; mkdir $d; sleep 987654 & echo $! >$d/cgroup.procs; echo ready; wait`)
	})
}

// Nothing is left, whoever closes.
func TestRealClose(t *testing.T) {
	eachRung(t, func(t *testing.T, rung string) {
		before, err := Machine{}.open().own()
		require.NoError(t, err)
		box, err := Open(context.Background(), Options{Rung: rung, Shim: []string{self(t), "exec-with"}, Limits: Limits{CPU: 1}})
		require.NoError(t, err)
		c, err := box.Cell("stays")
		require.NoError(t, err)
		cmd, _ := payload(t, c, "sleep", "987654")
		require.NoError(t, box.Close(), "with a cell that is open")
		require.EqualError(t, cmd.Wait(), "signal: killed")
		after, err := Machine{}.open().own()
		require.NoError(t, err)
		if rung == UserScope && after != before {
			require.Contains(t, after, ours, "who may not go back stays until the end")
			return
		}
		require.Equal(t, before, after)
		require.NoDirExists(t, box.Report().Group)
		if strings.HasSuffix(rung, "scope") {
			require.NoDirExists(t, filepath.Dir(box.Report().Group))
			require.NotContains(t, scopesOfOurs(t), filepath.Base(filepath.Dir(box.Report().Group)))
		}
	})
}

func TestRealKill(t *testing.T) {
	if os.Getenv("REQUIRE_CGROUP2")+os.Getenv("REQUIRE_PREMADE") == "" {
		t.Skip("needs a machine on which nobody else makes groups and scopes")
	}
	eachRung(t, func(t *testing.T, rung string) { killAtRandom(t, rung, kills(), 800*time.Millisecond) })
}

// As root: the group that is made for a user, as premade.go says, and the user in it.
func TestRealPremadeForUser(t *testing.T) {
	if os.Geteuid() != 0 || os.Getenv("REQUIRE_CGROUP2") != "1" {
		t.Skip("needs root on a machine for tests")
	}
	shell := premadeGroup + "/shell"
	g := cgroups{disk{}}
	require.NoError(t, os.MkdirAll(shell, 0o755))
	t.Cleanup(func() { require.NoError(t, g.removed(premadeGroup)) })
	require.NoError(t, g.enable(premadeGroup, controllers()))
	for _, dir := range []string{premadeGroup, shell} {
		for _, name := range []string{"", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"} {
			require.NoError(t, os.Chown(dir+"/"+name, uid, uid))
		}
	}
	fd, err := os.Open(shell)
	require.NoError(t, err)
	defer fd.Close()
	out := asUser(t, Premade, &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(fd.Fd())}, "TestReal(CPU|Memory|Tasks|CPUs|Group|Close|Kill)", "REQUIRE_PREMADE=1")
	require.Contains(t, out, "TestRealCPU/"+Premade)
}

const uid = 1000 // of the user in the machine of test/vm

// asUser has the user test one rung.
func asUser(t *testing.T, rung string, attr *syscall.SysProcAttr, tests string, env ...string) string {
	t.Helper()
	cmd := exec.Command(self(t), "-test.v", "-test.run", tests)
	cmd.Env = append(append(os.Environ(), "REQUIRE_CGROUP2=", "REQUIRE_SYSTEMD=", "SANDBOX_RUNG="+rung, "HOME=/tmp", "XDG_RUNTIME_DIR=", "DBUS_SESSION_BUS_ADDRESS="), env...)
	cmd.Dir, cmd.SysProcAttr = "/tmp", attr
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: uid}
	out, err := cmd.CombinedOutput()
	t.Log(string(out))
	require.NoError(t, err)
	require.NotContains(t, string(out), "--- SKIP")
	return string(out)
}

// As root: what systemd silently ignores for a user, AllowedCPUs, is to be had once the
// user's manager is handed cpuset. The user has no environment that names a bus.
func TestRealDelegated(t *testing.T) {
	if os.Geteuid() != 0 || os.Getenv("REQUIRE_SYSTEMD") != "1" {
		t.Skip("needs root on a machine for tests")
	}
	const dir = "/etc/systemd/system/user@.service.d"
	reload := func() {
		for _, args := range [][]string{{"daemon-reload"}, {"restart", "user@1000.service"}} {
			out, err := exec.Command("systemctl", args...).CombinedOutput()
			require.NoError(t, err, string(out))
		}
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	t.Cleanup(func() {
		require.NoError(t, os.RemoveAll(dir+"/bench.conf"))
		reload()
	})
	require.NoError(t, os.WriteFile(dir+"/bench.conf", []byte("[Service]\nDelegate=yes\n"), 0o644))
	reload()
	asUser(t, UserScope, new(syscall.SysProcAttr), "TestRealCPUs", "REQUIRE_CPUSET=1")
}
