package main

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/scratch"
)

// tries are what the doctor finds out by doing. It leaves behind the checks that
// are late, but their scratch files must not be: see end. Each try holds the lock
// for reading.
type tries struct{ running sync.RWMutex }

// end lets those that are under way take their files away, and no other begin. A
// file system that hangs keeps them, whatever is done here, so that the wait is
// limited.
func (t *tries) end(limit time.Duration) {
	done := make(chan struct{})
	go func() {
		t.running.Lock() // and never given back
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

func (t *tries) Modes(ctx context.Context, dir string) (bool, error) {
	t.running.RLock()
	defer t.running.RUnlock()
	return scratch.Modes(ctx, dir)
}

func (t *tries) FoldsCase(ctx context.Context, dir string) (bool, error) {
	t.running.RLock()
	defer t.running.RUnlock()
	return scratch.FoldsCase(ctx, dir)
}

func (t *tries) Writes(ctx context.Context, dir string) error {
	t.running.RLock()
	defer t.running.RUnlock()
	return scratch.Writes(ctx, dir)
}

// Runs knows of no other reason for "permission denied" than noexec and modes
// without the right to execute: the program is one's own.
func (t *tries) Runs(ctx context.Context, dir string) (runs bool, err error) {
	t.running.RLock()
	defer t.running.RUnlock()
	name, remove, err := scratch.Program(ctx, dir)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	err = start(ctx, name)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	return err == nil, err
}

// start runs a program that was just written. Another process that is started at
// the same time may hold it open for writing until it has become what it runs, and
// what is written to cannot be run (golang/go#22315).
func start(ctx context.Context, name string) (err error) {
	for pause := time.Millisecond; pause < 100*time.Millisecond; pause *= 2 {
		if err = exec.CommandContext(ctx, name).Run(); !errors.Is(err, syscall.ETXTBSY) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}

func (t *tries) Free(_ context.Context, dir string) (bytes, files uint64, err error) {
	return scratch.Free(dir)
}

func (t *tries) Miss(ctx context.Context, dir string) (time.Duration, error) {
	return scratch.Miss(ctx, dir)
}
