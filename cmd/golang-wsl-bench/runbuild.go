package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

const recordTest = "record-test"

// recordCommand is what go test runs in place of a test binary: it keeps that, and how
// it would have been called.
func recordCommand() *cobra.Command {
	return &cobra.Command{
		Use: recordTest + " DIR BINARY [ARG...]", Hidden: true, DisableFlagParsing: true, Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return record(args[0], args[1], args[2:]) },
	}
}

func record(dir, path string, args []string) error {
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	// go test runs binaries with benchmarks one after another, so that their order is
	// that of the clock.
	kept := filepath.Join(dir, strconv.FormatInt(time.Now().UnixNano(), 10)+"-"+filepath.Base(path))
	if err := keep(kept, path); err != nil {
		return err
	}
	text, err := json.Marshal(gotest.Binary{Path: kept, Dir: cwd, Args: args, Env: os.Environ()})
	if err != nil {
		return err
	}
	return os.WriteFile(kept+".json", text, 0o600)
}

// keep is a second name for a file, or a copy on another file system.
func keep(to, from string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// A unit is what one process runs: a test binary, or a command.
type unit struct {
	config bench.Config
	side   side
	binary *gotest.Binary // nil for a command
	path   string         // the file that is run
	keys   []bench.Key    // facts about the program
	hash   string         // of the file, see sum
}

// Probes of runs, as [bench.Run] has them. That of a test binary is followed by the
// import path of its package.
const (
	goTestProbe  = "go-test"
	commandProbe = "command"
)

// units makes of a side what is run: for go test it has the binaries built.
func (a *app) units(ctx context.Context, s side, scratch string) ([]*unit, error) {
	if !s.isGoTest(a.env) {
		path, err := lookup(s.words[0], s.dir)
		if err != nil {
			return nil, err
		}
		u := &unit{config: bench.Config{Probe: commandProbe, Name: s.name}, side: s, path: path}
		u.keys = append(programKeys(path), bench.Key{Name: "command", Value: shell.Line(s.words)})
		return []*unit{u}, nil
	}
	binaries, err := a.build(ctx, s, scratch)
	if err != nil {
		return nil, err
	}
	var list []*unit
	for _, b := range binaries {
		u := &unit{config: bench.Config{Probe: goTestProbe + " " + b.Package, Name: s.name}, side: s, binary: b, path: b.Path}
		u.keys = append(programKeys(b.Path), bench.Key{Name: "pkg", Value: b.Package})
		list = append(list, u)
	}
	return list, nil
}

// A buildError is a go test that built no binary, or not all of them. What it said is
// shown as it said it.
type buildError struct {
	words  []string
	err    error
	output string
}

func (e *buildError) Error() string {
	return fmt.Sprintf("%s: %v", shell.Line(e.words), e.err)
}

func (e *buildError) Unwrap() error { return e.err }

// build has the go command build the test binaries of a side.
func (a *app) build(ctx context.Context, s side, scratch string) (list []*gotest.Binary, err error) {
	dir, err := os.MkdirTemp(scratch, "tests-")
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words, err := gotest.Recording(s.words, exe, recordTest, dir)
	if err != nil {
		return nil, err
	}
	output, err := a.runAside(ctx, s.dir, words)
	if err != nil {
		return nil, &buildError{s.words, err, output}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for _, file := range files {
		b := new(gotest.Binary)
		text, err := os.ReadFile(file)
		if err = errors.Join(err, json.Unmarshal(text, b)); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if err := errors.Join(b.Check(), b.Identify()); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		return nil, &buildError{s.words, errors.New("no package there has a test file"), output}
	}
	return list, nil
}

// runAside runs what is not measured, with all that it starts, and returns what it
// wrote.
func (a *app) runAside(ctx context.Context, dir string, words []string) (string, error) {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	cmd.Env = append(os.Environ(), "PWD="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return output.String(), err
}

// programKeys are what a Go program was built by, and with; nothing for another one.
func programKeys(path string) (keys []bench.Key) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil
	}
	keys = append(keys, bench.Key{Name: "goversion", Value: info.GoVersion})
	for _, s := range info.Settings {
		switch s.Key {
		case "DefaultGODEBUG":
			keys = append(keys, bench.Key{Name: "godebug-default", Value: s.Value})
		case "GOEXPERIMENT", "GOAMD64", "GOARM64", "-pgo", "-race", "-tags":
			keys = append(keys, bench.Key{Name: strings.ToLower(strings.TrimLeft(s.Key, "-")), Value: s.Value})
		}
	}
	return keys
}
