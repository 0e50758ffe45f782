package program

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func shell(script string) Command {
	return Command{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin", "X=1"}}
}

func output(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func text(t *testing.T, f *os.File) string {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	return string(b)
}

func TestRunSaysWhatItTook(t *testing.T) {
	c := shell("sleep 0.3; echo $X; echo to stderr >&2; cat")
	c.Stdout, c.Stderr = output(t), output(t)
	out, err := Run(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, out.Failure())
	require.GreaterOrEqual(t, out.Wall, 300*time.Millisecond)
	require.Less(t, out.Wall, 30*time.Second)
	require.Equal(t, "1\n", text(t, c.Stdout), "stdin is empty")
	require.Equal(t, "to stderr\n", text(t, c.Stderr))
	require.Positive(t, out.Nvcsw, "it waited for sleep")
	require.Positive(t, out.MinorFaults)
	require.Positive(t, out.Seen.Threads)
	require.Positive(t, out.Seen.PeakRSS)
}

// A program that computes takes CPU time, its own and its children's; what it was
// ready for without a CPU is known of its first thread even where no look found it.
func TestRunCountsCPU(t *testing.T) {
	const spin = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
	own, err := Run(t.Context(), shell(spin))
	require.NoError(t, err)
	child, err := Run(t.Context(), shell("sh -c '"+spin+"'; true"))
	require.NoError(t, err)
	for name, out := range map[string]*Outcome{"own": own, "child": child} {
		require.Positive(t, out.CPU(), name)
		require.LessOrEqual(t, out.CPU(), out.Wall+20*time.Millisecond, name)
	}
	if own.Seen.Ran == 0 {
		t.Log("this kernel does not count what threads ran")
		return
	}
	require.InEpsilon(t, float64(own.CPU()), float64(own.Seen.Ran), 0.3)
	require.Less(t, child.Seen.Ran, child.CPU(), "children are not looked at")
	require.LessOrEqual(t, own.Seen.Ran+own.Seen.Delay, own.Wall+10*time.Millisecond)
}

func TestRunSaysHowItEnded(t *testing.T) {
	out, err := Run(t.Context(), shell("exit 3"))
	require.NoError(t, err)
	require.EqualError(t, out.Failure(), "exit status 3")
	out, err = Run(t.Context(), shell("kill -9 $$"))
	require.NoError(t, err)
	require.Equal(t, syscall.SIGKILL, out.Signal)
	require.EqualError(t, out.Failure(), "ended by signal 9 (killed)")
	var exit *ExitError
	require.ErrorAs(t, out.Failure(), &exit)
	require.Equal(t, -1, exit.Code)
	_, err = Run(t.Context(), Command{Path: "/nonexistent", Args: []string{"x"}})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// What a program leaves behind is ended with it, and what does not listen to SIGTERM
// is killed.
func TestRunEndsTheGroup(t *testing.T) {
	c := shell("sleep 1000 & echo $!; exit 0")
	c.Stdout = output(t)
	_, err := Run(t.Context(), c)
	require.NoError(t, err)
	left := strings.TrimSpace(text(t, c.Stdout))
	require.Eventually(t, func() bool { return gone(left) }, 10*time.Second, 10*time.Millisecond)

	cause := errors.New("late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, cause)
	defer cancel()
	c = shell("trap '' TERM; while :; do sleep 1; done")
	c.Grace = 200 * time.Millisecond
	out, err := Run(ctx, c)
	require.ErrorIs(t, err, cause)
	require.Equal(t, syscall.SIGKILL, out.Signal)
	require.Less(t, out.Wall, 30*time.Second)
	_, err = Run(ctx, c)
	require.ErrorIs(t, err, cause, "nothing is started any more")
}

func TestRunEndsWhatWritesTooMuch(t *testing.T) {
	c := shell("while :; do echo 0123456789012345678901234567890123456789; done")
	c.Stdout, c.MostOutput = output(t), 1000
	_, err := Run(t.Context(), c)
	require.ErrorIs(t, err, ErrTooMuchOutput)
}

// execve keeps the maximum of what forked: a program that has nothing is not said to
// have as much as this test.
func TestMemoryIsNotOurs(t *testing.T) {
	ballast := bytes.Repeat([]byte{1}, 64<<20)
	small, err := Run(t.Context(), shell("sleep 0.2"))
	require.NoError(t, err)
	require.NotEmpty(t, ballast)
	peak, known := small.PeakMemory()
	require.True(t, known)
	require.Less(t, peak, int64(32<<20))
	o := Outcome{MaxRSS: 100, floor: 100}
	_, known = o.PeakMemory()
	require.False(t, known)
	o.MaxRSS = 101
	peak, known = o.PeakMemory()
	require.True(t, known)
	require.EqualValues(t, 101, peak)
}

// A process may have been something else before.
func TestWithoutTheShim(t *testing.T) {
	var pid int
	c := shell("sleep 0.2")
	c.Started = func(p int) error { pid = p; return nil }
	out, err := Run(t.Context(), c)
	require.NoError(t, err)
	require.NotZero(t, pid)
	whole := out.Wall
	out.User, out.System, out.MaxRSS, out.floor = 30*time.Millisecond, 10*time.Millisecond, 1000, 10
	out.Without(Shim{Ended: out.ended - whole + 50*time.Millisecond, CPU: 8 * time.Millisecond, MaxRSS: 999})
	require.Equal(t, whole-50*time.Millisecond, out.Wall)
	require.Equal(t, 32*time.Millisecond, out.CPU())
	require.Equal(t, 24*time.Millisecond, out.User)
	peak, _ := out.PeakMemory()
	require.EqualValues(t, 1000, peak)
	out.Without(Shim{MaxRSS: 1000, CPU: time.Hour})
	require.Zero(t, out.CPU())
	require.Equal(t, whole-50*time.Millisecond, out.Wall)

	fail := errors.New("no shim")
	c.Started = func(p int) error { pid = p; return fail }
	_, err = Run(t.Context(), c)
	require.ErrorIs(t, err, fail)
	require.True(t, gone(strconv.Itoa(pid)))
}

func TestLook(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	root := fstest.MapFS{
		"proc/7/task/7/schedstat": file("1000 10 1\n"),
		"proc/7/task/8/schedstat": file("2000 20 1\n"),
		"proc/7/status":           file("Name:\tx\nVmHWM:\t    12 kB\n"),
	}
	l := newLook(root, 7)
	l.now()
	root["proc/7/task/7/schedstat"] = file("1500 15 1\n")
	root["proc/7/task/8/schedstat"] = file("no numbers\n")
	l.last()
	require.Equal(t, Seen{Ran: 3500, Delay: 35, PeakRSS: 12 << 10, Threads: 2}, l.seen())
	l = newLook(fstest.MapFS{}, 7)
	l.now()
	l.last()
	require.Zero(t, l.seen())
}

func TestValues(t *testing.T) {
	o := Outcome{Wall: 5, User: 2, System: 1, MaxRSS: 10, Nivcsw: 4}
	got := make(map[string]float64)
	for _, v := range o.Values() {
		got[v.Name] = v.Number
	}
	require.Equal(t, map[string]float64{"Wall": 5, "CPU": 3, "User": 2, "System": 1, "MaxRSS": 10, "Nvcsw": 0, "Nivcsw": 4, "MinorFaults": 0, "MajorFaults": 0, "Exit": 0}, got)
}

// gone takes a process that nobody has waited for yet as gone.
func gone(pid string) bool {
	if _, err := strconv.Atoi(pid); err != nil {
		return false
	}
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	return err != nil || strings.Contains(string(b), ") Z ")
}
