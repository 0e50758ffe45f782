package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A launcher has this program measure once, in a process of its own.
type launcher struct {
	exe      string
	tasks    map[bench.Config]task
	procs    int // GOMAXPROCS of the process; 0 leaves it
	quick    bool
	deadline time.Duration
	stderr   io.Writer // what the process says, while it does; nil keeps it for an error
	pages    map[*bench.Run]string
}

// grace is how long a process may take to end after it was asked to, and to say what
// there is so far.
const grace = 3 * time.Second

// run is the Launch of a [bench.Plan]. The process is the leader of a group, so that
// what it starts ends with it.
func (l *launcher) run(ctx context.Context, config bench.Config) (*bench.Run, error) {
	late := fmt.Errorf("not done after %s, and ended", l.deadline)
	limited, cancel := context.WithTimeoutCause(ctx, l.deadline, late)
	defer cancel()
	cmd := exec.CommandContext(limited, l.exe, l.args(config)...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = l.environ()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	var out bytes.Buffer
	said := new(tail)
	cmd.Stdout, cmd.Stderr = &out, io.Writer(said)
	if l.stderr != nil {
		cmd.Stderr = io.MultiWriter(said, l.stderr)
	}
	err := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	run, decodeErr := l.read(out.Bytes())
	switch {
	case err == nil && decodeErr != nil:
		err = decodeErr
	case err != nil && errors.Is(context.Cause(limited), late):
		err = late
	}
	if err != nil {
		err = &childError{err, said.String()}
	}
	return run, err
}

func (l *launcher) args(config bench.Config) []string {
	args := l.tasks[config].args
	if l.quick {
		args = append(args[:2:2], append([]string{"--quick"}, args[2:]...)...)
	}
	return args
}

func (l *launcher) environ() []string {
	env := os.Environ()
	if l.procs > 0 {
		env = append(env, "GOMAXPROCS="+strconv.Itoa(l.procs))
	}
	return env
}

// read takes what a process has written. One that was killed has written nothing, or
// a part.
func (l *launcher) read(text []byte) (*bench.Run, error) {
	var got outcome
	if err := json.Unmarshal(text, &got); err != nil {
		return nil, fmt.Errorf("what the process wrote is no run: %w", err)
	}
	if got.Run == nil {
		return nil, errors.New("the process wrote no run")
	}
	if got.Page != "" {
		l.pages[got.Run] = got.Page
	}
	return got.Run, nil
}

// A childError is a process that did not measure, and what it said.
type childError struct {
	err    error
	stderr string
}

func (e *childError) Unwrap() error { return e.err }

// Error has of what the process said the one line that matters.
func (e *childError) Error() string {
	line := ""
	for l := range strings.Lines(e.stderr) {
		l = strings.TrimSpace(l)
		for _, begin := range []string{"golang-wsl: error: ", "panic: ", "fatal error: "} {
			if strings.HasPrefix(l, begin) {
				return strings.TrimPrefix(l, "golang-wsl: error: ") + " (" + e.err.Error() + ")"
			}
		}
		if l != "" {
			line = l
		}
	}
	if line == "" {
		return e.err.Error()
	}
	return line + " (" + e.err.Error() + ")"
}

// A tail keeps the end of what is written to it.
type tail struct{ text []byte }

const mostTail = 64 << 10 // a panic says first what it is, then where

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - mostTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
