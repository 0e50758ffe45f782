// Golang-wsl-bench measures how Go runs on this machine. "golang-wsl bench" builds
// it on first use and becomes it, so that golang-wsl itself stays small:
//
//	golang-wsl bench sched --quick
//	golang-wsl bench compare before.txt after.txt
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func main() { os.Exit(start(&app{probes: allProbes()})) }

// start is the program as a process. app has what a test may want otherwise.
func start(a *app) int {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) { // nohup's word counts
			signals = append(signals, s)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	a.env, a.std = os.Getenv, streams{os.Stdin, os.Stdout, os.Stderr}
	return run(ctx, os.Args[1:], a)
}

// streams are the three files that a command talks through.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// app is one run of the program: what it was given.
type app struct {
	env    func(string) string
	std    streams
	probes []probe
	watch  bench.Watch // of the process that measures, without its Env
}

// run is the whole program as a function: start adds only what a process has.
func run(ctx context.Context, args []string, a *app) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.std.in)
	root.SetOut(a.std.out)
	root.SetErr(a.std.err)
	return a.report(ctx, root.ExecuteContext(ctx))
}
