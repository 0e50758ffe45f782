package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A lane is one archive and the ways to install it. The first way is ours.
type lane struct {
	name string // "tarball"
	what string // its size
	ways []*way
}

// A way installs into an empty directory.
type way struct {
	name    string
	command func(ctx context.Context, dir string) *exec.Cmd
	result  string // a file that is there afterwards, below the directory
	aims    string // of the ratio of ours to this one
	runs    []sample
}

// A sample is one run.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // bytes resident, of the largest process
}

// run makes one round that does not count, for the page cache and the server's copy
// of the checksum database, and then those that do.
func (l *lane) run(ctx context.Context, dir string, rounds int) error {
	for round := range rounds + 1 {
		for i := range l.ways {
			w := l.ways[(i+round)%len(l.ways)]
			s, err := w.once(ctx, dir)
			if err != nil {
				return fmt.Errorf("%s by %s: %w", l.name, w.name, err)
			}
			if round > 0 {
				w.runs = append(w.runs, s)
				fmt.Fprintf(os.Stderr, "bench: %s, round %d of %d: %.2f s by %s\n", l.name, round, rounds, s.wall.Seconds(), w.name)
			}
		}
	}
	return nil
}

func (w *way) once(ctx context.Context, dir string) (sample, error) {
	dir, err := os.MkdirTemp(dir, "round-")
	if err != nil {
		return sample{}, err
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintf(os.Stderr, "bench: clean up after %s: %v\n", w.name, err)
		}
	}()
	cmd := w.command(ctx, dir)
	cmd.Dir = dir
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%w\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, w.result)); err != nil {
		return sample{}, fmt.Errorf("it says that it succeeded: %w\n%s", err, out)
	}
	state := cmd.ProcessState
	usage := state.SysUsage().(*syscall.Rusage)
	return sample{wall, state.UserTime() + state.SystemTime(), usage.Maxrss << 10}, nil
}
