package syscalls

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The test binary is what Start runs again: with "child", a name, a directory, and
// filters "number:verdict" that seccomp is to answer with.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "child" {
		for _, f := range os.Args[4:] {
			install(f)
		}
		_ = json.NewEncoder(os.Stdout).Encode(beChild(os.Args[2], os.Args[3]))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// beChild knows some rows that no table has.
func beChild(name, dir string) Answer {
	if try, ok := odd[name]; ok {
		return child(try, dir)
	}
	return Child(name, dir)
}

var odd = map[string]func(dir string) error{
	"test/hangs": func(string) error {
		if _, err := sleeper(); err != nil {
			return err
		}
		select {}
	},
	"test/segfault": func(string) error {
		b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
		if err == nil {
			b[0] = 1
		}
		return err
	},
	"test/killed": func(string) error { return unix.Kill(unix.Getpid(), unix.SIGKILL) },
	"test/exit":   func(string) error { os.Exit(3); return nil },
	"test/panic":  func(string) error { panic("lost") },
}

// install has seccomp answer one system call, in all threads.
func install(f string) {
	nr, verdict, _ := strings.Cut(f, ":")
	n, err := strconv.Atoi(nr)
	if err != nil {
		panic(err)
	}
	v, err := strconv.ParseUint(verdict, 0, 32)
	if err != nil {
		panic(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	program := answerWith(uint32(n), uint32(v))
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	const allThreads = 1
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, allThreads, uintptr(unsafe.Pointer(&fprog))); errno != 0 {
		panic(errno)
	}
}

// startTest runs the test binary again, as cmd/golang-wsl-bench does itself.
func startTest(t *testing.T, sys syscall.SysProcAttr, filters ...string) Start {
	exe, err := os.Executable()
	require.NoError(t, err)
	return startProgram(exe, sys, filters...)
}

func startProgram(exe string, sys syscall.SysProcAttr, filters ...string) Start {
	return func(ctx context.Context, name, dir string) (Exit, error) {
		cmd := exec.CommandContext(ctx, exe, append([]string{"child", name, dir}, filters...)...)
		var out bytes.Buffer
		cmd.Stdout = &out
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // or each takes a second
		own := sys
		own.Setpgid = true
		cmd.SysProcAttr = &own
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		cmd.WaitDelay = time.Second
		err := cmd.Run()
		if cmd.ProcessState == nil {
			return Exit{}, err
		}
		end := Exit{Output: out.Bytes(), Code: cmd.ProcessState.ExitCode()}
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
			end.Signal = status.Signal()
		}
		return end, nil
	}
}

// answers are the verdicts of some rows, by their names.
func answers(t *testing.T, o Options) map[string]Answer {
	t.Helper()
	if o.Start == nil {
		o.Start = startTest(t, syscall.SysProcAttr{})
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Deadline == 0 {
		o.Deadline = 10 * time.Second // other tests run beside
	}
	report, err := New(o).Report(t.Context())
	require.NoError(t, err)
	return byName(report.Rows)
}

func byName(rows []Row) map[string]Answer {
	m := make(map[string]Answer)
	for _, row := range rows {
		m[row.Name] = row.Answer
	}
	return m
}

// tryOdd is what comes of rows that no table has.
func tryOdd(t *testing.T, o Options, names ...string) map[string]Answer {
	t.Helper()
	o.Start = startTest(t, syscall.SysProcAttr{})
	o.Dir = t.TempDir()
	p := New(o)
	dir, err := p.places(len(names))
	require.NoError(t, err)
	var probes []probe
	for _, name := range names {
		probes = append(probes, probe{name: name})
	}
	return byName(p.try(t.Context(), probes, dir))
}
