package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// windowsDirs are where Windows keeps its programs, for who has no directory of Windows
// on PATH: with appendWindowsPath=false, by sudo, ssh or cron.
var windowsDirs = []string{"/mnt/c/Windows/System32", "/mnt/c/Windows/System32/WindowsPowerShell/v1.0"}

// windowsProgram is the path of a program of Windows.
func windowsProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	for _, dir := range windowsDirs {
		if err == nil {
			break
		}
		if there, errDir := exec.LookPath(filepath.Join(dir, name)); errDir == nil {
			return there, nil
		}
	}
	return path, err
}

// askTicks has PowerShell say how many ticks a second has, and then, for each line
// that it reads, how many there have been: QueryPerformanceCounter, which is the
// counter of the host's own clock.
const askTicks = "[Console]::WriteLine([Diagnostics.Stopwatch]::Frequency);" +
	"while ($null -ne [Console]::In.ReadLine()) { [Console]::WriteLine([Diagnostics.Stopwatch]::GetTimestamp()) }"

// A windowsClock is the clock of the Windows that this WSL runs on, asked by a process
// of Windows that waits for questions: to start one takes longer than a clock may be
// wrong.
type windowsClock struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string
	second int64 // in ticks
}

// windowsPatience is how long one answer may take. PowerShell itself needs a second or
// two to begin; interop that is broken hangs.
const windowsPatience = 10 * time.Second

// openWindowsClock fails where there is no Windows, or where it may not be asked.
func openWindowsClock(ctx context.Context) (*windowsClock, error) {
	path, err := windowsProgram("powershell.exe")
	if err != nil {
		return nil, err
	}
	c := &windowsClock{lines: make(chan string, 1)}
	c.cmd = exec.CommandContext(ctx, path, "-NoProfile", "-NonInteractive", "-Command", askTicks)
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.cmd.WaitDelay = time.Second
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			c.lines <- strings.TrimSpace(lines.Text())
		}
	}()
	if c.second, err = c.number(); err == nil && c.second <= 0 {
		err = fmt.Errorf("a second of Windows has %d ticks", c.second)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// now is a bench.Clock.
func (c *windowsClock) now() (time.Duration, error) {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		return 0, err
	}
	ticks, err := c.number()
	return time.Duration(float64(ticks) / float64(c.second) * 1e9), err
}

func (c *windowsClock) number() (int64, error) {
	select {
	case line, ok := <-c.lines:
		if !ok {
			return 0, fmt.Errorf("ask Windows for its clock: %w", io.ErrUnexpectedEOF)
		}
		return strconv.ParseInt(line, 10, 64)
	case <-time.After(windowsPatience):
		return 0, fmt.Errorf("ask Windows for its clock: no answer in %s", windowsPatience)
	}
}

func (c *windowsClock) close() {
	_ = c.in.Close() // its loop ends with that
	done := make(chan struct{})
	go func() {
		for range c.lines { // whatever it still says
		}
		_ = c.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(grace):
		_ = c.cmd.Process.Kill()
		<-done
	}
}

// rateByWindows begins to hold our clock against that of Windows. What it returns ends
// that, and gives what came of it to the runs that had no clock outside themselves: it
// is the rate over all of them. Where Windows cannot be asked nothing happens.
func rateByWindows(ctx context.Context) (end func([]*bench.Run)) {
	clock, err := openWindowsClock(ctx)
	if err != nil {
		return func([]*bench.Run) {}
	}
	rate, err := bench.RateBy(clock.now)
	return func(runs []*bench.Run) {
		defer clock.close()
		if err != nil {
			return
		}
		key := rate()
		for _, r := range runs {
			for i, k := range r.Env {
				if k.Name == key.Name && k.Value == bench.Absent {
					r.Env[i].Value = key.Value
				}
			}
		}
	}
}
