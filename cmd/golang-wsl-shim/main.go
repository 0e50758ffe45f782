// Golang-wsl-shim is what a user calls as go and gofmt. It becomes the go of the
// version that the directory asks for, and is small, because it starts before
// each command.
//
// What is rare it leaves to golang-wsl, which lies beside it and does the same
// work with larger means: to read a go.mod, and to tell what went wrong.
package main

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shim"
)

func main() {
	exe, err := os.Executable()
	if err == nil {
		err = become(exe)
	}
	helper := filepath.Join(filepath.Dir(exe), "golang-wsl")
	if _, _, ok := shim.Called(os.Args[0]); ok {
		_ = syscall.Exec(helper, os.Args, os.Environ())
	}
	_, _ = os.Stderr.WriteString("golang-wsl: error: " + err.Error() + "\n")
	os.Exit(126)
}

func become(exe string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	p := shim.Process{Exe: exe, Args: os.Args, Environ: os.Environ(), Dir: dir}
	c, err := p.Command()
	if err != nil {
		return err
	}
	return syscall.Exec(c.Path, c.Args, c.Env)
}
