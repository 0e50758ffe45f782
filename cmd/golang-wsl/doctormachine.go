package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// doctorMachine is the one that the program runs on. What cannot be known of it is
// for the doctor to say: that is what it is there for.
func (a *app) doctorMachine() *doctor.Machine {
	this := thisMachine(a.env)
	m := &doctor.Machine{
		Root: this.Root, Env: a.env, Report: wsl.Detect(this), Arch: runtime.GOARCH, Now: time.Now(), Run: a.output,
		Net: newServers(), DataDirs: make(map[wsl.Kind]string, len(kinds)), Defaults: a.goDefaults(), Trouble: a.trouble(),
	}
	t := new(tries)
	a.cleanup = append(a.cleanup, func() error { t.end(time.Second); return nil })
	m.Try = t
	var err error
	if m.Dir, err = os.Getwd(); err != nil {
		m.Dir = "/"
	}
	for _, kind := range kinds {
		if dir, err := a.dataDirOf(kind); err == nil {
			m.DataDirs[kind] = dir
		}
	}
	m.Trouble = errors.Join(m.Trouble, a.addHooks(m))
	return m
}

// trouble is all for which other commands refuse to work, each with its cure.
func (a *app) trouble() error {
	var all []error
	add := func(err error) {
		if err != nil {
			all = append(all, &doctor.TroubleError{Text: oneLine(err.Error()), Cure: a.diagnose(err).hint})
		}
	}
	for err := range a.mistakes() {
		add(err)
	}
	_, err := a.store()
	if err == nil {
		_, err = a.cacheDir()
	}
	add(err)
	if _, err := os.Getwd(); err != nil {
		all = append(all, &doctor.TroubleError{Text: "the current directory is gone", Cure: "cd ~"})
	}
	return errors.Join(all...)
}

// goDefaults are what the go command takes for the network where nobody says.
func (a *app) goDefaults() map[string]string {
	store, err := a.store()
	if err != nil {
		return nil
	}
	return map[string]string{"GOPROXY": a.goDefault(store, "GOPROXY"), "GOSUMDB": a.goDefault(store, "GOSUMDB")}
}

// output runs a program and returns what it says; the error has what it says to
// stderr. Those of Windows are asked to say it in UTF-8, which WSLENV lets through.
func (a *app) output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	if strings.HasSuffix(name, ".exe") {
		wslenv := strings.Trim(a.env("WSLENV")+":WSL_UTF8", ":")
		cmd.Env = append(os.Environ(), "WSL_UTF8=1", "WSLENV="+wslenv)
	}
	cmd.WaitDelay = time.Second // a child of it may keep the pipe open
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return out, err
}
