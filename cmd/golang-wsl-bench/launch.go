package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
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
	why      map[bench.Config]error // of the latest run that failed
}

// grace is how long a process may take to end after it was asked to, and to say what
// there is so far.
const grace = 3 * time.Second

// run is the Launch of a [bench.Plan].
func (l *launcher) run(ctx context.Context, config bench.Config) (*bench.Run, error) {
	run, err := l.launch(ctx, config)
	if err != nil {
		l.why[config] = err
	}
	return run, err
}

// launch waits for the process, but not for ever: one that has a thread in a file system
// that hangs cannot be killed, nor can it end by itself when it has said so.
func (l *launcher) launch(ctx context.Context, config bench.Config) (*bench.Run, error) {
	late := fmt.Errorf("not done after %s, and ended", l.deadline)
	limited, cancel := context.WithTimeoutCause(ctx, l.deadline, late)
	defer cancel()
	cmd := exec.CommandContext(limited, l.exe, l.args(config)...)
	cmd.Args[0], cmd.Env = os.Args[0], l.environ()
	p, err := startMeasuring(cmd, l.stderr)
	if err != nil {
		return nil, err
	}
	defer p.close()
	said, errSaid, errEnded := p.wait(limited)
	if said.Page != "" {
		l.pages[said.Run] = said.Page
	}
	switch {
	case errSaid == nil && errEnded == nil:
		return said.Run, nil
	case errors.Is(context.Cause(limited), late):
		return said.Run, &childError{late, p.stderr.String()}
	case said.Error != "":
		return said.Run, errSaid
	case errEnded != nil:
		return said.Run, &childError{errEnded, p.stderr.String()}
	}
	return nil, &childError{errSaid, p.stderr.String()}
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
