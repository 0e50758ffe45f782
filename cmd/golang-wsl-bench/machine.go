package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// machine is what a snapshot is taken of. dirs are where is measured.
func (a *app) machine(dirs ...string) snapshot.Machine {
	return snapshot.Machine{Root: os.DirFS("/"), Env: a.env, Run: askWindows, Dirs: dirs}
}

// askWindows runs a program of Windows, or wslinfo. Its directory is one that Windows
// knows as well as another.
func askWindows(ctx context.Context, stdout io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.WaitDelay = "/", stdout, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd.Run()
}
