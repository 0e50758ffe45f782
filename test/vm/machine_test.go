// Package vm tests in a machine like WSL2: that of scripts/vm, which is emulated
// and slow. So one is booted for all tests, and only where GOLANG_WSL_TEST_VM is
// set, as scripts/test --vm sets it. Who writes tests keeps a machine:
//
//	scripts/vm --keep /tmp/vm
//	GOLANG_WSL_TEST_VM=/tmp/vm go test -v -run Doctor ./test/vm
package vm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// script boots machines and runs commands in them.
const script = "../../scripts/vm"

// A machine is one that runs.
type machine struct {
	state string // what scripts/vm keeps
	share string // /share in it
	c     string // /mnt/c in it
}

// Programs are what is tested, on PATH in the machine.
var programs = []string{"golang-wsl", "golang-wsl-bench", "golang-wsl-shim"}

// need returns the machine, the same one for all tests.
func need(t *testing.T) *machine {
	t.Helper()
	if os.Getenv("GOLANG_WSL_TEST_VM") == "" {
		t.Skip("GOLANG_WSL_TEST_VM is not set")
	}
	m, err := boot()
	require.NoError(t, err)
	return m
}

var boot = sync.OnceValues(func() (*machine, error) {
	kept := os.Getenv("GOLANG_WSL_TEST_VM")
	if filepath.IsAbs(kept) {
		return newMachine(kept)
	}
	dir, err := os.MkdirTemp("", "golang-wsl-vm-")
	if err != nil {
		return nil, err
	}
	running = dir
	began := time.Now()
	// It ends with this process, however that ends.
	if err := command(script, "--keep", dir, "--while", strconv.Itoa(os.Getpid()), "--time", "3600"); err != nil {
		return nil, err
	}
	fmt.Printf("booted in %.0f s\n", time.Since(began).Seconds())
	return newMachine(dir)
})

// newMachine puts the programs into a machine that runs.
func newMachine(state string) (*machine, error) {
	m := &machine{state: state, share: filepath.Join(state, "share"), c: filepath.Join(state, "c")}
	for _, name := range programs {
		if err := command("go", "build", "-o", m.share+"/", "../../cmd/"+name); err != nil {
			return nil, err
		}
	}
	// From 9p they would be read at each start.
	return m, command(script, append([]string{"--in", state, "--", "install", "-t", "/usr/local/bin"}, programs...)...)
}

// running is the directory of the machine that is to be stopped.
var running string

func TestMain(m *testing.M) {
	code := m.Run()
	if running != "" {
		if err := errors.Join(command(script, "--stop", running), os.RemoveAll(running)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// command runs on this side. What is built is linked statically, as the machine
// may have another libc.
func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

// result is what a command in the machine left.
type result struct {
	stdout, stderr string
	code           int
}

// root runs a command as root.
func (m *machine) root(t *testing.T, args ...string) result {
	t.Helper()
	return m.run(t, append([]string{"--"}, args...))
}

// dev runs a command as an ordinary user, who is logged in.
func (m *machine) dev(t *testing.T, args ...string) result {
	t.Helper()
	return m.run(t, append([]string{"--user", "--"}, args...))
}

// home makes a new home for that user, and returns what runs a line of bash there.
func (m *machine) home(t *testing.T) func(options, line string) result {
	t.Helper()
	got := m.dev(t, "bash", "-c", "dir=$(mktemp -d /home/dev/XXXXXX) && cp -r /etc/skel/. $dir && echo $dir")
	got.requireOK(t)
	home := strings.TrimSpace(got.stdout)
	return func(options, line string) result {
		t.Helper()
		return m.dev(t, "env", "-C", home, "HOME="+home, "bash", options, line)
	}
}

func (m *machine) run(t *testing.T, args []string) result {
	t.Helper()
	cmd := exec.Command(script, append([]string{"--in", m.state, "--time", "900"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		require.NoError(t, err)
	}
	t.Logf("%.1f s: %q", time.Since(began).Seconds(), args)
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func (r result) requireOK(t *testing.T) {
	t.Helper()
	require.Zero(t, r.code, "stdout: %s\nstderr: %s", r.stdout, r.stderr)
}

// decode reads the JSON that a command that did well has written.
func decode[T any](t *testing.T, r result) (v T) {
	t.Helper()
	r.requireOK(t)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &v), r.stdout)
	return v
}
