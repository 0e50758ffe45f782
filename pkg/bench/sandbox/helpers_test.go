package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test binary is the shim, the guardian, the tool and some payloads.
func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // for those that it starts
	if len(os.Args) > 1 {
		if part, ok := parts()[os.Args[1]]; ok {
			if err := part(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

func parts() map[string]func(args []string) error {
	return map[string]func([]string) error{
		"exec-with": func(args []string) error { return Exec(args, os.Environ(), os.NewFile(3, "report")) },
		"guard":     func([]string) error { return Guard(context.Background(), os.Stdin, Machine{}) },
		"allocate":  allocate,
		"spin":      spin,
		"procs":     func([]string) error { fmt.Print(runtime.GOMAXPROCS(0)); return nil },
		"tool":      tool,
	}
}

func allocate(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	var all [][]byte
	for range n {
		all = append(all, bytes.Repeat([]byte{1}, 1<<20))
	}
	fmt.Println("had", len(all), "MiB")
	return nil
}

// spin keeps two threads busy for so many milliseconds.
func spin(args []string) error {
	ms, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(2)
	end := time.Now().Add(time.Duration(ms) * time.Millisecond)
	other := make(chan int)
	busy := func() (n int) {
		for time.Now().Before(end) {
			n++
		}
		return n
	}
	go func() { other <- busy() }()
	fmt.Println(busy()+<-other > 0)
	return nil
}

func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	return exe
}

func openBox(t *testing.T, o Options) *Box {
	t.Helper()
	o.Shim = []string{self(t), "exec-with"}
	box, err := Open(context.Background(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	return box
}

// runIn runs a payload in a cell of its own and returns its stdout.
func runIn(t *testing.T, box *Box, name string, args ...string) string {
	t.Helper()
	cell, err := box.Cell("run-" + newToken())
	require.NoError(t, err)
	cmd, out := payload(t, cell, name, args...)
	require.NoError(t, cmd.Wait(), out)
	require.NoError(t, cell.Close())
	return out.String()
}

// payload starts one that runs now.
func payload(t *testing.T, cell *Cell, name string, args ...string) (*exec.Cmd, *lockedBuffer) {
	t.Helper()
	cmd := exec.Command(name, args...)
	out := new(lockedBuffer)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, startCmd(t, cell, cmd))
	return cmd, out
}

func start(t *testing.T, cell *Cell, path string) (*exec.Cmd, error) {
	t.Helper()
	cmd := &exec.Cmd{Path: path, Args: []string{path}}
	return cmd, startCmd(t, cell, cmd)
}

// startCmd is what golang-wsl-bench does.
func startCmd(t *testing.T, cell *Cell, cmd *exec.Cmd) error {
	t.Helper()
	require.NoError(t, cmd.Err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	argv := cell.Argv(cmd.Path, cmd.Args...)
	cmd.Path, cmd.Args = argv[0], argv
	cmd.SysProcAttr = cell.SysProcAttr()
	cmd.ExtraFiles = []*os.File{w}
	require.NoError(t, cmd.Start())
	w.Close()
	if err := cell.Started(cmd.Process.Pid, r); err != nil {
		_ = cmd.Wait()
		return err
	}
	return nil
}

// capture has what a command writes by a file, which children that stay do not keep
// Wait from returning by.
func capture(t *testing.T, cmd *exec.Cmd) func() string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	cmd.Stdout, cmd.Stderr = f, f
	return func() string {
		text, err := os.ReadFile(f.Name())
		require.NoError(t, err)
		return string(text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newToken() string { return strconv.FormatUint(newMark(), 36) }

// processesWith are those that have a word in their arguments or in their environment,
// by which the tests know them and the code does not.
func processesWith(t *testing.T, token string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && pid != os.Getpid() {
			args, err := os.ReadFile("/proc/" + entry.Name() + "/cmdline")
			env, err2 := os.ReadFile("/proc/" + entry.Name() + "/environ")
			if errors.Join(err, err2) == nil && strings.Contains(string(args)+string(env), token) {
				found = append(found, entry.Name()+": "+strings.ReplaceAll(string(args), "\x00", " "))
			}
		}
	}
	return found
}

// zombies are the children of this process that nobody has waited for.
func zombies(t *testing.T) (found []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			if s, err := readStat(pid); err == nil && s.parent == os.Getpid() && s.state == 'Z' {
				found = append(found, pid)
			}
		}
	}
	return found
}
