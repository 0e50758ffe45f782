package perf

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// This test binary is also the process that becomes a program, and programs.
const asShim, asProgram = "PERF_TEST_SHIM", "PERF_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asShim) != "":
		fmt.Fprintln(os.Stderr, shim())
		os.Exit(1)
	case os.Getenv(asProgram) != "":
		program(os.Getenv(asProgram))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func shim() error {
	runtime.LockOSThread()
	for cpuTime() < 60*time.Millisecond { // this must not be counted
	}
	if err := Arm(os.NewFile(3, "socket")); err != nil {
		return err
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	environ := []string{asProgram + "=" + os.Getenv(asShim), "PERF_TEST_FDS=" + strconv.Itoa(len(entries))}
	return syscall.Exec("/proc/self/exe", []string{"program"}, environ)
}

// program does things that can be counted.
func program(what string) {
	runtime.LockOSThread()
	switch what {
	case "spin":
		for begin := cpuTime(); cpuTime()-begin < 100*time.Millisecond; {
		}
	case "sleep":
		for range 50 {
			ts := unix.NsecToTimespec(1e6)
			_ = unix.Nanosleep(&ts, nil)
		}
	case "child":
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = []string{asProgram + "=spin"}
		if err := cmd.Run(); err != nil {
			panic(err)
		}
	case "files":
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			to, _ := os.Readlink("/proc/self/fd/" + e.Name())
			fmt.Println(to)
		}
	}
}

func cpuTime() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// counted runs a program of this binary, as a user, 0 for the own one.
func counted(t *testing.T, what string, user uint32) (counts map[string]Count, state *os.ProcessState, stdout string) {
	t.Helper()
	reader, socket, err := Pair()
	require.NoError(t, err)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{asShim + "=" + what}
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Stderr = os.Stderr
	var out strings.Builder
	cmd.Stdout = &out
	if user != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
	require.NoError(t, cmd.Start())
	require.NoError(t, socket.Close())
	counters, err := Receive(reader)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	counts = make(map[string]Count)
	for _, c := range counters.Read() {
		t.Log(c)
		counts[c.Name] = c
	}
	require.NoError(t, counters.Close())
	return counts, cmd.ProcessState, out.String()
}

// requireLike holds what perf says against what wait4(2) says of the same process.
func requireLike(t *testing.T, counts map[string]Count, state *os.ProcessState) {
	t.Helper()
	usage := state.SysUsage().(*syscall.Rusage)
	if c := counts["context-switches"]; c.Absent == "" {
		// The shim's own switches are in rusage, and not in the counter.
		require.LessOrEqual(t, c.Value, uint64(usage.Nvcsw+usage.Nivcsw))
		require.Greater(t, c.Value, uint64(0))
	}
	if c := counts["page-faults"]; c.Absent == "" {
		require.LessOrEqual(t, c.Value, uint64(usage.Minflt+usage.Majflt))
		require.Greater(t, c.Value, uint64(0))
	}
}

func TestCountsAProgram(t *testing.T) {
	if there, _ := Probe(); !slices.Contains(there, "task-clock") {
		counts, _, _ := counted(t, "spin", 0) // a kernel without perf events, or a container that forbids them
		require.NotEmpty(t, counts["task-clock"].Absent)
		return
	}
	counts, state, _ := counted(t, "spin", 0)
	clock := counts["task-clock"]
	total := state.UserTime() + state.SystemTime()
	require.Empty(t, clock.Absent)
	// All threads of the program, without the 60 ms that the shim has used before.
	require.GreaterOrEqual(t, clock.Value, uint64(95e6), "%s of %s", clock, total)
	require.LessOrEqual(t, clock.Value, uint64(total-50*time.Millisecond), "%s of %s", clock, total)
	require.Greater(t, clock.Enabled, 90*time.Millisecond)
	require.Equal(t, clock.Enabled, clock.Running)
	requireLike(t, counts, state)

	counts, state, _ = counted(t, "child", 0)
	require.Greater(t, counts["task-clock"].Value, uint64(95e6), "a child is counted, too")
	requireLike(t, counts, state)

	counts, state, _ = counted(t, "sleep", 0)
	if c := counts["context-switches"]; c.Absent == "" {
		require.GreaterOrEqual(t, c.Value, uint64(50), "each sleep is a switch")
	}
	requireLike(t, counts, state)
}

// A counter that this machine has counts what it is called for.
func TestHardwareOrWhyNot(t *testing.T) {
	counts, _, _ := counted(t, "spin", 0)
	for _, name := range strings.Fields("cycles instructions branches branch-misses cache-references cache-misses") {
		c := counts[name]
		if c.Absent == "" {
			require.Greater(t, c.Value, uint64(0), name)
			require.LessOrEqual(t, c.Running, c.Enabled)
			continue
		}
		require.Regexp(t, "no such counter|not permitted|no perf events|place in the PMU", c.Absent)
	}
}

// A user who may not look into the kernel is not told that nothing happens there.
func TestUnprivilegedUser(t *testing.T) {
	user := uint32(0)
	if os.Getuid() == 0 {
		user = 65534
	}
	text, err := os.ReadFile("/proc/sys/kernel/perf_event_paranoid")
	level, errLevel := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || errLevel != nil {
		level = 99
	}
	counts, state, _ := counted(t, "sleep", user)
	requireLike(t, counts, state)
	usage := state.SysUsage().(*syscall.Rusage)
	require.GreaterOrEqual(t, usage.Nvcsw, int64(50), "getrusage has them")
	if there, _ := Probe(); !slices.Contains(there, "task-clock") {
		require.NotEmpty(t, counts["task-clock"].Absent) // a container forbids it to everybody
		return
	}
	for _, name := range []string{"context-switches", "cpu-migrations"} {
		c := counts[name]
		if level >= 2 {
			require.Contains(t, c.Absent, "happens in the kernel, which perf_event_paranoid", name)
			continue
		}
		require.Empty(t, c.Absent, name)
	}
	if level == 2 {
		require.Empty(t, counts["task-clock"].Absent)
		require.False(t, counts["task-clock"].User, "that clock has the kernel's share all the same")
		require.Empty(t, counts["page-faults"].Absent)
		require.True(t, counts["page-faults"].User)
	}
}

// The program has no file of ours.
func TestProgramHasNoCounters(t *testing.T) {
	_, _, files := counted(t, "files", 0)
	require.NotContains(t, files, "perf_event")
	require.NotContains(t, files, "socket")
}

func TestProgramThatIsNotStarted(t *testing.T) {
	reader, socket, err := Pair()
	require.NoError(t, err)
	require.NoError(t, socket.Close())
	_, err = Receive(reader)
	require.ErrorContains(t, err, "take the counters")

	reader, socket, err = Pair()
	require.NoError(t, err)
	require.NoError(t, Arm(socket)) // and no execve
	counters, err := Receive(reader)
	require.NoError(t, err)
	for _, c := range counters.Read() {
		require.NotEmpty(t, c.Absent, c.Name)
	}
	require.NoError(t, counters.Close())
	require.NoError(t, counters.Close())
	require.Equal(t, "closed", counters.Read()[0].Absent)
}

func TestReasons(t *testing.T) {
	require.Contains(t, why(unix.ENOENT, false), "no such counter")
	require.Contains(t, why(unix.ENOSYS, true), "no perf events")
	require.Contains(t, why(unix.EACCES, false), "not permitted: perf_event_paranoid")
	require.Contains(t, why(unix.EPERM, true), "getrusage(2)")
	require.Equal(t, "invalid argument", why(unix.EINVAL, false))
}

func TestMultiplexed(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	for _, test := range []struct {
		numbers [3]uint64
		want    Count
	}{
		{[3]uint64{100, 2000, 1000}, Count{Value: 200, Raw: 100, Enabled: 2000, Running: 1000}},
		{[3]uint64{100, 2000, 2000}, Count{Value: 100, Raw: 100, Enabled: 2000, Running: 2000}},
		{[3]uint64{0, 2000, 0}, Count{Enabled: 2000, Absent: "it never had a place in the PMU"}},
		{[3]uint64{0, 0, 0}, Count{Absent: "the program was not started"}},
	} {
		var data []byte
		for _, n := range test.numbers {
			for i := range 8 {
				shift := 8 * i
				if isBig() {
					shift = 56 - shift
				}
				data = append(data, byte(n>>shift))
			}
		}
		_, err := w.Write(data)
		require.NoError(t, err)
		require.Equal(t, test.want, counter{fd: int(r.Fd())}.read())
	}
	_, err = w.Write([]byte("x"))
	require.NoError(t, err)
	require.Contains(t, counter{fd: int(r.Fd())}.read().Absent, "1 bytes")
	require.NoError(t, w.Close())
	require.NoError(t, r.Close())
}

func isBig() bool { return runtime.GOARCH == "s390x" }
