package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// racy is a program with a data race, which the race detector finds in each run.
const racy = `package main

func main() {
	n, done := 0, make(chan bool)
	go func() { n++; close(done) }()
	n++
	<-done
}
`

// Race is what doctor.Trier says.
func (t *tries) Race(ctx context.Context, goCommand string) (string, error) {
	t.running.RLock()
	defer t.running.RUnlock()
	return tryRace(ctx, goCommand)
}

// raceDir makes a directory that is always called the same, unless another trial is
// under way there: the build cache keeps a program by its directory as well, also
// with -trimpath, and should not have one more after each doctor. To make it is to
// own it, whoever else writes to /tmp.
func raceDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("golang-wsl-race-%d", os.Getuid()))
	if os.Mkdir(dir, 0o700) == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "golang-wsl-race-")
}

// tryRace has a go command run a program with a data race, and returns what both
// write. The error is why that could not be tried, or that of ctx. What it leaves is
// in the build cache.
func tryRace(ctx context.Context, goCommand string) (output string, err error) {
	dir, err := raceDir()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte(racy), 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "mode"), []byte("off\n"), 0o600); err != nil {
		return "", err
	}
	// In the current directory: it decides which version the shim takes.
	cmd := exec.CommandContext(ctx, goCommand, "run", file)
	// Without modules no go.mod of the project has a say. An empty GOFLAGS would be
	// that of "go env -w". The go command would count the trial in the configuration
	// directory of the user; it looks for the mode of that where tests have it
	// (cmd/internal/telemetry).
	cmd.Env = append(os.Environ(), "GO111MODULE=off", "GOFLAGS=-race", "GOTOOLCHAIN=local", "GOWORK=off", "GOTMPDIR="+dir, "GORACE=", "TEST_TELEMETRY_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the linker as well
	cmd.WaitDelay = time.Second
	text, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		err = nil // which go and the program say
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return string(text), err
}
