package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/plugin"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shim"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// What asdf's shims exit with where they find nothing to run.
const notFound = 126

// beGo becomes the go command that the directory asks for, as golang-wsl-shim
// does, which calls it for what it cannot do. It returns only if that fails.
func beGo(ctx context.Context, args []string, std streams) int {
	a := newApp(os.Getenv, std)
	err := execGo(ctx, args)
	f := shimFault(err)
	a.errorLine(oneLine(err.Error()))
	if f.hint != "" {
		fmt.Fprintf(std.err, "golang-wsl: hint: %s\n", f.hint)
	}
	return f.code
}

func execGo(ctx context.Context, args []string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	p := shim.Process{Exe: exe, Args: args, Environ: os.Environ(), Dir: dir}
	p.Legacy = func(data, name, path string) (string, error) {
		return legacyWords(ctx, toolchain.Store{DataDir: data, Plugin: name}, path)
	}
	c, err := p.Command()
	if err != nil {
		return err
	}
	return &os.PathError{Op: "run", Path: c.Path, Err: syscall.Exec(c.Path, c.Args, c.Env)}
}

// shimRequest asks which binary a command means in a directory.
func (a *app) shimRequest(command, dir string, store toolchain.Store) shim.Request {
	exe, _ := os.Executable()
	return shim.Request{
		Command: command, Dir: dir, DataDir: store.DataDir, Plugin: store.Plugin, Exe: exe,
		Env: func(name string) (string, bool) {
			value := a.env(name)
			return value, value != ""
		},
		Legacy: func(path string) (string, error) { return legacyWords(context.Background(), store, path) },
	}
}

// legacyWords answers as bin/parse-legacy-file does. What it needs for that is
// gone before execve, after which nobody would clean up.
func legacyWords(ctx context.Context, store toolchain.Store, path string) (_ string, err error) {
	a := newApp(os.Getenv, streams{})
	defer func() { err = errors.Join(err, a.close()) }()
	offline, err := a.offline(ctx)
	if err != nil {
		return "", err
	}
	var words bytes.Buffer
	p := &plugin.Plugin{Env: a.env, Stdout: &words, Store: store, Platform: a.platform(), Offline: offline}
	err = p.Run(ctx, "parse-legacy-file", []string{path})
	return words.String(), err
}

// shimFault is diagnose for what beGo meets. The codes are asdf's.
func shimFault(err error) fault {
	var missing *shim.NotInstalledError
	var setup *shim.SetupError
	var errno syscall.Errno
	switch {
	case errors.As(err, &missing):
		return fault{notFound, installHint(missing)}
	case is[*shim.NotSetError](err):
		return fault{notFound, "golang-wsl default latest"}
	case is[*shim.UnreadableError](err):
		return fault{code: notFound}
	case is[*shim.NotExecutableError](err):
		return fault{exitFailed, `write a version in place of that, or put another Go on PATH`}
	case errors.As(err, &setup) && filepath.Base(setup.File) == "env.sh":
		return fault{exitFailed, "golang-wsl setup writes that file anew"}
	case errors.As(err, &errno):
		return fault{exitFailed, execHint(errno)}
	}
	return fault{code: exitFailed}
}

func installHint(e *shim.NotInstalledError) string {
	if len(e.Words) == 0 {
		return "unset " + e.Source
	}
	switch word := e.Words[0]; {
	case e.Broken != "":
		name := filepath.Base(e.Broken)
		return fmt.Sprintf("golang-wsl uninstall %s && golang-wsl install %[1]s", name)
	case word == "default":
		return "golang-wsl default latest"
	case strings.Contains(word, ":"):
		return "only released versions can be installed; \"golang-wsl list all\" shows them"
	default:
		return "golang-wsl install " + word
	}
}

func execHint(errno syscall.Errno) string {
	switch errno {
	case syscall.ETXTBSY:
		return "something is writing to that file; when it is done, this works"
	case syscall.EACCES, syscall.EPERM:
		return "it may not be executed here; is its file system mounted noexec?"
	case syscall.ENOEXEC:
		return "it is not a program for this machine"
	}
	return ""
}
