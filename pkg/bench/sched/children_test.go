package sched

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// measuring has in the environment of this very test what is to be measured, and has
// it print that.
const measuring = "SCHED_TEST_MEASURES"

func TestMain(m *testing.M) {
	only, ok := os.LookupEnv(measuring)
	if !ok {
		os.Exit(m.Run())
	}
	run := new(bench.Run)
	err := small(strings.Fields(only)...).Measure(context.Background(), run)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(run)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A disturbance is how a process that measures is started.
type disturbance struct {
	command []string // before the program
	env     []string
	slack   uintptr // of its threads, in ns; 0 leaves it
	hogs    int     // processes that only take CPU time meanwhile
}

// child measures in a process of its own.
func (d disturbance) child(t *testing.T, methods string) *bench.Run {
	t.Helper()
	for range d.hogs {
		hog := exec.Command("sh", "-c", "while :; do :; done")
		require.NoError(t, hog.Start())
		defer func() { _ = hog.Process.Kill(); _ = hog.Wait() }()
	}
	args := append(slices.Clone(d.command), os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(append(os.Environ(), measuring+"="+methods), d.env...)
	text, err := d.output(cmd)
	require.NoError(t, err, "%s", text)
	run := new(bench.Run)
	require.NoError(t, json.Unmarshal(text, run))
	return run
}

// output runs a command from a thread that has the slack: children inherit it.
func (d disturbance) output(cmd *exec.Cmd) (text []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if d.slack > 0 {
			_ = unix.Prctl(unix.PR_SET_TIMERSLACK, d.slack, 0, 0, 0)
		}
		text, err = cmd.Output()
	}()
	<-done
	return text, err
}

// numbers are the medians of the series, and LostTime, by the beginning of the name.
func numbers(run *bench.Run) map[string]float64 {
	list := make(map[string]float64)
	for _, s := range run.Series {
		name, _, _ := strings.Cut(s.Name, "/procs=")
		list[name] = float64(s.Quantile(0.5))
	}
	for _, v := range run.Values {
		name, _, _ := strings.Cut(v.Name, "/procs=")
		list[name] = v.Number
	}
	return list
}
