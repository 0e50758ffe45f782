package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A measuring is a process that measures, and writes an outcome.
type measuring struct {
	cmd    *exec.Cmd
	stdout *os.File
	stderr *tail
	said   chan answer // once
	ended  chan error  // once, or never
}

type answer struct {
	outcome
	err error
}

// startMeasuring starts it as the leader of a group, so that what it starts ends with it.
// What it says goes to stderr as well, if that is not nil.
func startMeasuring(cmd *exec.Cmd, stderr io.Writer) (*measuring, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	p := &measuring{cmd: cmd, stdout: r, stderr: new(tail), said: make(chan answer, 1), ended: make(chan error, 1)}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	cmd.Stdout, cmd.Stderr = w, p.stderr
	if stderr != nil {
		cmd.Stderr = io.MultiWriter(p.stderr, stderr)
	}
	if err := cmd.Start(); err != nil {
		r.Close()
		return nil, err
	}
	go func() { p.ended <- cmd.Wait() }()
	go func() { p.said <- readOutcome(r) }()
	return p, nil
}

// readOutcome takes what a process writes: a run, and why that is not whole. One that
// was killed has written nothing, or a part.
func readOutcome(from io.Reader) (a answer) {
	switch err := json.NewDecoder(from).Decode(&a.outcome); {
	case err != nil:
		a.err = fmt.Errorf("what the process wrote is no run: %w", err)
	case a.Run == nil:
		a.err = errors.New("the process wrote no run")
	case a.Error != "":
		a.err = &runError{a.Error, a.Errno}
	}
	return a
}

var errStuck = errors.New("it does not end, and cannot be killed: something of it waits in the kernel")

// wait returns when the process has ended, or when it should have: some time after it
// has written, or after ctx is over.
func (p *measuring) wait(ctx context.Context) (said outcome, errSaid, errEnded error) {
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	over, saying := ctx.Done(), p.said
	errSaid = errors.New("the process wrote no run")
	for {
		select {
		case a := <-saying:
			said, errSaid, saying = a.outcome, a.err, nil
			timer.Reset(grace)
		case <-over:
			over = nil
			timer.Reset(2 * grace) // to end, and to be killed
		case errEnded = <-p.ended:
			if saying != nil { // it may have left behind somebody who keeps the pipe open
				select {
				case a := <-saying:
					said, errSaid = a.outcome, a.err
				case <-time.After(grace):
				}
			}
			return said, errSaid, errEnded
		case <-timer.C:
			return said, errSaid, errStuck
		}
	}
}

func (p *measuring) close() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.stdout.Close()
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
type tail struct {
	mu   sync.Mutex
	text []byte
}

const mostTail = 64 << 10 // a panic says first what it is, then where

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - mostTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
