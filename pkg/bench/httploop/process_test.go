package httploop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// child is the variable by which the test binary knows that it is a second process.
const child = "HTTPLOOP_TEST_CHILD"

func TestMain(m *testing.M) {
	words := strings.Fields(os.Getenv(child))
	if len(words) == 0 {
		os.Exit(m.Run())
	}
	var err error
	switch words[0] {
	case "serve":
		err = serveChild(words[1:])
	case "measure":
		err = measureChild(words[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serveChild serves until its standard input ends.
func serveChild(faults []string) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	dir, err := os.MkdirTemp("", "httploop")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ready := func(a Addresses) { _ = json.NewEncoder(os.Stdout).Encode(a) }
	if len(faults) == 0 {
		return Serve(ctx, dir, ready)
	}
	return serve(ctx, dir, faulty(faults[0], handler()), ready)
}

// faulty is a server with one fault.
func faulty(fault string, h http.Handler) http.Handler {
	var requests atomic.Int64
	var stall sync.RWMutex
	if fault == "hog" {
		for range 8 * runtime.GOMAXPROCS(0) {
			go func() {
				for requests.Load() >= 0 {
				}
			}()
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		switch {
		case fault == "stall" && n == 300: // once, and everybody waits
			stall.Lock()
			time.Sleep(200 * time.Millisecond)
			stall.Unlock()
		case fault == "die" && n == 2000:
			os.Exit(7)
		case fault == "lie":
			_, _ = io.WriteString(w, "Hello, whoever\n")
			return
		}
		stall.RLock()
		defer stall.RUnlock()
		h.ServeHTTP(w, r)
	})
}

// start runs this test binary again as a server.
func start(faults ...string) func(context.Context) (Server, error) {
	return func(ctx context.Context) (server Server, err error) {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), child+"=serve "+strings.Join(faults, " "))
		cmd.Stderr = os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		in, err := cmd.StdinPipe()
		if err != nil {
			return server, err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return server, err
		}
		if err := cmd.Start(); err != nil {
			return server, err
		}
		line, err := bufio.NewReader(out).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &server.Addresses)
		}
		if err != nil {
			_ = cmd.Process.Kill()
		}
		exit, ended := make(chan error, 1), make(chan struct{})
		go func() {
			exit <- cmd.Wait()
			close(ended)
		}()
		server.Exit = exit
		server.Stop = func() {
			in.Close()
			select {
			case <-ended:
			case <-time.After(5 * time.Second):
				_ = cmd.Process.Kill()
				<-ended
			}
		}
		return server, err
	}
}

// running is a state with a server that runs until the test ends.
func running(t *testing.T, faults ...string) *state {
	t.Helper()
	server, err := start(faults...)(t.Context())
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	s, err := newState(Options{Quick: true}, server.Addresses, new(bench.Run))
	require.NoError(t, err)
	return s
}

// measureChild measures in a network namespace of its own, and writes the run.
func measureChild(words []string) error {
	if err := up("lo"); err != nil {
		return err
	}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		if err := os.WriteFile("/proc/sys/net/"+name, []byte(value), 0o644); err != nil {
			return err
		}
	}
	run := new(bench.Run)
	var err error
	if words[0] == "all" {
		run, err = bench.Once(context.Background(), New(Options{Quick: true, Rates: []int{200}, Start: start()}))
	} else {
		s, errState := newState(Options{Quick: true}, Addresses{}, run)
		err = errors.Join(errState, s.overflow(context.Background()), s.settings(context.Background()))
	}
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(run))
}

// inNamespace is what a child measures in a network namespace of its own, with other
// settings of the kernel. Only root may make one.
func inNamespace(t *testing.T, what string, sysctls ...string) *bench.Run {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("not root: no network namespace")
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), child+"=measure "+what+" "+strings.Join(sysctls, " "))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) {
		t.Skip("root may not make a network namespace here: ", err)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%v: %s", err, exit.Stderr)
	}
	require.NoError(t, err)
	run := new(bench.Run)
	require.NoError(t, json.Unmarshal(out, run))
	return run
}
