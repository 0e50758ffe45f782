package sandbox

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const ubuntu = "/wsl-user/Ubuntu"

// Machines that there are, and who asks on them.
func machines() map[string]func() (*fake, Machine) {
	root := func() int { return 0 }
	user := func() int { return 1000 }
	bare := func(own string, hands map[string]string, uid func() int) func() (*fake, Machine) {
		return func() (*fake, Machine) {
			f := newFake(own, hands)
			return f, Machine{Files: f, UID: uid, Connect: func(context.Context, bool) (Systemd, error) { return nil, errors.New("no bus") }}
		}
	}
	systemd := func(below string, own string, uid func() int) func() (*fake, Machine) {
		return func() (*fake, Machine) {
			f := newFake(own, map[string]string{"/": everything, "/user.slice": "memory pids", "/user.slice/user-1000.slice": "cpu memory pids", "/user.slice/user-1000.slice/user@1000.service": "cpu memory pids"})
			f.other["/run/systemd/system"] = ""
			if below != unified {
				for _, dir := range []string{"/user@1000.service", "/user@1000.service/app.slice"} {
					name := unified + "/user.slice/user-1000.slice" + dir
					f.groups[name] = f.group(name[:strings.LastIndex(name, "/")])
					f.hand(name, "cpu memory pids")
				}
				f.owned = unified + "/user.slice/user-1000.slice/user@1000.service"
			}
			s := &fakeSystemd{fake: f, below: below}
			return f, Machine{Files: f, UID: uid, Connect: s.connect}
		}
	}
	return map[string]func() (*fake, Machine){
		"systemd, root":             systemd(unified, "/user.slice/user-0.slice/session-1.scope", root),
		"systemd, user":             systemd(unified+"/user.slice/user-1000.slice/user@1000.service/app.slice", "/user.slice/user-1000.slice/session-1.scope", user),
		"wsl without systemd, root": bare(ubuntu, map[string]string{"/": everything, "/wsl-user": everything}, root),
		"in the root group, root":   bare("/", nil, root),
		"alone in a group, root":    bare("/container", map[string]string{"/": everything}, root),
		"premade, user": func() (*fake, Machine) {
			f, m := bare("/wslbench/shell", map[string]string{"/": everything, "/wslbench": everything}, user)()
			f.owned = premadeGroup
			return f, m
		},
	}
}

// occupied has somebody else in the own group.
func occupied(f *fake) {
	own := f.where(os.Getpid())
	f.groups[own].procs = append(f.groups[own].procs, 1)
	f.other["/proc/1/stat"] = "1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 5 1 1"
}

func TestRungs(t *testing.T) {
	for name, want := range map[string]struct{ rung, group string }{
		"systemd, root":             {SystemScope, unified + "/" + ours},
		"systemd, user":             {UserScope, "/app.slice/" + ours},
		"wsl without systemd, root": {Cgroupfs, unified + "/wsl-user/" + ours},
		"in the root group, root":   {Cgroupfs, unified + "/" + ours},
		"alone in a group, root":    {Cgroupfs, unified + "/container/" + ours},
		"premade, user":             {Premade, premadeGroup + "/" + ours},
	} {
		t.Run(name, func(t *testing.T) {
			f, m := machines()[name]()
			if name != "alone in a group, root" {
				occupied(f)
			}
			before, groups := f.state(), len(f.groups)
			plan, err := Explain(context.Background(), Options{Machine: m, Shim: []string{"x"}, Limits: allLimits()})
			require.NoError(t, err)
			require.Equal(t, want.rung, plan.Rung)
			require.NotEmpty(t, plan.Steps)
			require.Empty(t, f.log, "to explain changes nothing")

			box := openBox(t, Options{Machine: m, Limits: allLimits()})
			r := box.Report()
			require.Equal(t, want.rung, r.Rung)
			require.Contains(t, r.Group, want.group)
			for _, a := range r.Tried {
				require.NotEmpty(t, a.Why, a.Rung)
			}
			require.Empty(t, r.Missing())
			effective := make(map[string]string)
			for _, e := range r.Limits {
				effective[e.Name] = e.Effective + " by " + e.By
			}
			require.Equal(t, map[string]string{
				"cpu": "0.5 by cpu.max", "memory": "67108864 by memory.max", "swap": "0 by memory.swap.max",
				"tasks": "20 by pids.max", "cpus": "0 by " + map[bool]string{true: "sched_setaffinity", false: "cpuset.cpus"}[want.rung == UserScope],
			}, effective)
			require.NoError(t, box.Close())
			if want.rung == UserScope { // who may not go back stays, and the scope ends with it
				require.Contains(t, f.state(), ".scope/runner hands on  holds "+pidText([]int{os.Getpid()})+"\n")
				require.Len(t, f.groups, groups+2, "the scope and the group that this program is in")
			} else {
				require.Equal(t, before, f.state())
			}
		})
	}
}

func allLimits() Limits { return Limits{CPU: 0.5, Memory: 64 << 20, Tasks: 20, CPUs: []int{0}} }

// Wherever the tool dies, between any two of its changes, the guardian leaves the
// machine as it was.
func TestDeathAtEachStep(t *testing.T) {
	for name, machine := range machines() {
		t.Run(name, func(t *testing.T) {
			for lives := 1; ; lives++ {
				f, m := machine()
				if strings.Contains(name, "wsl") {
					occupied(f)
				}
				before := f.state()
				f.lives = lives
				journal := &mortal{fake: f}
				err := openAndClose(t, m, NewJournal(journal))
				if f.lives > 0 {
					require.NoError(t, err)
					require.Greater(t, lives, 12, "there is something to die in")
					break
				}
				f.lives = -1
				dead(f)
				require.NoError(t, Guard(context.Background(), &journal.page, m), "after %d changes: %v", lives, err)
				require.Equal(t, without(before), f.state(), "after %d changes: %v", lives, err)
			}
		})
	}
}

// mortal is a journal that the dead do not write.
type mortal struct {
	page
	*fake
}

func (m *mortal) Write(p []byte) (int, error) {
	if err := m.op("write", "the journal", true); err != nil {
		return 0, err
	}
	return m.page.Write(p)
}

func openAndClose(t *testing.T, m Machine, j *Journal) (err error) {
	t.Helper()
	defer func() {
		if dead := recover(); dead != nil {
			err = dead.(error)
		}
	}()
	box, err := Open(context.Background(), Options{
		Machine: m, Limits: allLimits(), Shim: []string{self(t), "exec-with"}, Journal: j, Rung: "",
	})
	if err != nil {
		return err
	}
	return box.Close()
}

// dead takes the tool out of its group, as the kernel does.
func dead(f *fake) {
	if g := f.groups[f.where(os.Getpid())]; g != nil {
		g.procs = strip(g.procs, os.Getpid())
	}
}

func strip(pids []int, pid int) (rest []int) {
	for _, p := range pids {
		if p != pid {
			rest = append(rest, p)
		}
	}
	return rest
}

func without(state string) string {
	pid := strconv.Itoa(os.Getpid())
	return regexp.MustCompile(`(, )?\b`+pid+`\b`).ReplaceAllString(state, "")
}

// What a rung fails with sends to the next one, and is in the report.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		machine string
		fault   func(*fake, *Machine)
		rung    string
		why     string
	}{
		"systemd does not answer": {"systemd, root", func(f *fake, m *Machine) {
			s := &fakeSystemd{fake: f, below: unified, err: errors.New("systemd has not answered for 10s")}
			m.Connect = s.connect
		}, Cgroupfs, "not answered"},
		"systemd puts it elsewhere": {"systemd, root", func(f *fake, m *Machine) {
			s := &liar{fakeSystemd{fake: f, below: unified}}
			m.Connect = func(context.Context, bool) (Systemd, error) { return s, nil }
		}, Cgroupfs, "has put this process into"},
		"hybrid":    {"wsl without systemd, root", func(f *fake, _ *Machine) { f.other["hybrid"] = "yes" }, Process, "not at /sys/fs/cgroup"},
		"no cgroup": {"wsl without systemd, root", func(f *fake, _ *Machine) { delete(f.groups, unified) }, Process, "not at /sys/fs/cgroup"},
		"user without anything": {"wsl without systemd, root", func(f *fake, m *Machine) {
			m.UID, f.owned = func() int { return 1000 }, "/home"
		}, Process, "there is no /sys/fs/cgroup/wslbench"},
		"premade, but the shell is elsewhere": {"premade, user", func(f *fake, _ *Machine) {
			f.groups[unified+"/other"] = f.group(unified)
			_ = f.move(unified+"/other", pidText([]int{os.Getpid()}))
			f.groups[unified+"/other"].procs, f.groups[premadeGroup+"/shell"].procs = []int{os.Getpid()}, nil
		}, Process, "/sys/fs/cgroup/cgroup.procs: permission denied (this process is in /sys/fs/cgroup/other)"},
		"read-only cgroupfs": {"wsl without systemd, root", func(f *fake, _ *Machine) {
			occupied(f)
			for dir := range f.groups {
				f.faults["writable "+dir+"/cgroup.procs"] = syscall.EROFS
				f.faults["writable "+dir+"/cgroup.subtree_control"] = syscall.EROFS
			}
		}, Process, "read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			f, m := machines()[c.machine]()
			c.fault(f, &m)
			box := openBox(t, Options{Machine: m})
			r := box.Report()
			require.Equal(t, c.rung, r.Rung)
			require.Contains(t, all(r.Tried), c.why)
			require.NotContains(t, f.state(), ours+"1", "nothing is left of the rungs above")
		})
	}
}

func all(tried []Attempt) string {
	var b strings.Builder
	for _, a := range tried {
		b.WriteString(a.Rung + ": " + a.Why + "\n")
	}
	return b.String()
}

// A liar says of a scope that it is another.
type liar struct{ fakeSystemd }

func (l *liar) Group(ctx context.Context, name string) (string, error) {
	group, err := l.fakeSystemd.Group(ctx, name)
	if group != "" {
		group += "-not"
	}
	return group, err
}

// Limits that the kernel takes and does not keep, or does not take.
func TestLimitsAreReadBack(t *testing.T) {
	f, m := machines()["wsl without systemd, root"]()
	occupied(f)
	f.groups[unified+"/wsl-user"].values["cpu.max"] = "25000 100000"
	f.groups[unified+"/wsl-user"].hands = strings.Fields("cpu memory pids")
	f.groups[unified].values["pids.max"] = "7"
	f.groups[unified].hands = strings.Fields("cpu memory pids")
	f.groups[unified].has = strings.Fields("cpu memory pids")
	box := openBox(t, Options{Machine: m, Limits: allLimits(), Rung: Cgroupfs})
	got := make(map[string]Effect)
	for _, e := range box.Report().Limits {
		got[e.Name] = e
	}
	require.Equal(t, Effect{"cpu", "0.5", "0.25", "cpu.max", "a group above allows no more: /sys/fs/cgroup/wsl-user"}, got["cpu"])
	require.Equal(t, Effect{"tasks", "20", "7", "pids.max", "a group above allows no more: /sys/fs/cgroup"}, got["tasks"])
	require.Equal(t, "0", got["cpus"].Effective)
	require.Equal(t, "sched_setaffinity", got["cpus"].By)
	require.Contains(t, got["cpus"].Note, "the group has no controller cpuset")
}

// Before Linux 5.14 there is no cgroup.kill: processes are frozen, and killed one by one.
func TestKillOneByOne(t *testing.T) {
	f := newFake("/x", map[string]string{"/": everything})
	for _, dir := range []string{unified + "/y", unified + "/y/z"} {
		require.NoError(t, f.Mkdir(dir))
		f.faults["write "+dir+"/cgroup.kill"] = syscall.ENOENT
		f.groups[dir].values["cgroup.freeze"] = "0"
		cmd := exec.Command("sh", "-c", `trap "" TERM; kill -STOP $$; sleep 987654`)
		require.NoError(t, cmd.Start())
		f.groups[dir].procs = []int{cmd.Process.Pid}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		defer func() { require.EqualError(t, <-ended, "signal: killed") }()
	}
	require.NoError(t, cgroups{f}.removed(unified+"/y"))
	require.Contains(t, f.log, "write "+unified+"/y/cgroup.freeze")
	require.NotContains(t, f.state(), "/y")
}

// Without a mark the process group is what the guardian is told.
func TestStartedWithoutMark(t *testing.T) {
	text := new(page)
	box := openBox(t, Options{Rung: Process, Journal: NewJournal(text)})
	c, err := box.Cell("unmarked")
	require.NoError(t, err)
	cmd := exec.Command("sleep", "987654")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	require.NoError(t, c.Started(cmd.Process.Pid, strings.NewReader(`{"marked":false}`)))
	require.Contains(t, text.String(), `"child":{"Group":`+strconv.Itoa(cmd.Process.Pid))
	require.NoError(t, c.Close())
	require.EqualError(t, cmd.Wait(), "signal: killed")
	entries, _ := readJournal(text)
	require.Empty(t, entries, "and that it is no more")
}

func TestCommonAncestor(t *testing.T) {
	for _, c := range [][3]string{
		{"/a/b", "/a/c", "/a"}, {"/a/b", "/a/b/c", "/a/b"}, {"/a", "/ab", "/"}, {"/a/b", "/a", "/a"}, {"/", "/a", "/"},
	} {
		require.Equal(t, c[2], commonAncestor(c[0], c[1]))
	}
}
