package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// doctorMachine is the one that the program runs on.
func (a *app) doctorMachine() (*doctor.Machine, error) {
	this := thisMachine(a.env)
	m := &doctor.Machine{
		Root: this.Root, Env: a.env, Report: wsl.Detect(this), Arch: runtime.GOARCH, Now: time.Now(), Run: a.output,
		DataDirs: make(map[wsl.Kind]string, len(kinds)),
	}
	t := new(tries)
	a.cleanup = append(a.cleanup, func() error { t.end(time.Second); return nil })
	m.Try = t
	var err error
	if m.Dir, err = os.Getwd(); err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		if m.DataDirs[kind], err = a.dataDirOf(kind); err != nil {
			return nil, err
		}
	}
	return m, a.addHooks(m)
}

// output runs a program and returns what it says. Those of Windows are asked to
// say it in UTF-8, which WSLENV lets through.
func (a *app) output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	if strings.HasSuffix(name, ".exe") {
		wslenv := strings.Trim(a.env("WSLENV")+":WSL_UTF8", ":")
		cmd.Env = append(os.Environ(), "WSL_UTF8=1", "WSLENV="+wslenv)
	}
	cmd.WaitDelay = time.Second // a child of it may keep the pipe open
	return cmd.Output()
}
