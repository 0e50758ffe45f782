// Golang-wsl installs Go toolchains that are proven to be the released ones. It
// is the helper behind the callbacks of the asdf plugin of the same name, and a
// command of its own that needs no asdf:
//
//	golang-wsl install 1.22
//	golang-wsl verify
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shim"
)

// defaultGOPROXY is what "go env GOPROXY" said where the helper was built;
// lib/build.bash stamps it. Neither environment nor "go env -w" outranks less.
var defaultGOPROXY string

func main() {
	if _, _, ok := shim.Called(os.Args[0]); ok {
		os.Exit(beGo(context.Background(), os.Args, streams{os.Stdin, os.Stdout, os.Stderr}))
	}
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) { // nohup's word counts
			signals = append(signals, s)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	code := run(ctx, os.Args[1:], os.Getenv, streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are the three files that a command talks through.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program as a function: main adds only what a process has.
func run(ctx context.Context, args []string, env func(string) string, std streams) int {
	app := newApp(env, std)
	root := app.rootCommand()
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if cerr := app.close(); err == nil {
		err = cerr
	}
	return app.report(ctx, err)
}
