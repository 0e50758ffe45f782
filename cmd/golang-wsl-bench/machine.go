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
	path, err := windowsProgram(name)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Stdout, cmd.WaitDelay = "/", stdout, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Run()
}
