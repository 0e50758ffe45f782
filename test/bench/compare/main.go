// Compare installs one real Go release from a loopback server in several ways, in
// turn, in one run, and prints how they compare. It is what scripts/bench-install
// runs; see docs/performance.md for what the numbers mean.
//
// Each round runs every way once, beginning with another one each time, and each
// ratio is of two runs of the same round: whatever else the machine does falls on
// both. Nothing is kept from round to round; to clean up is not timed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

type options struct {
	helper, plugin, server, mise, curl, goCommand string
	proxies, version, tarball, archives           string
	dir, cache                                    string
	rounds, starts                                int
	write                                         bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bench: error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(opts.dir, "bench-install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	opts.dir = dir
	s, err := startServer(ctx, opts)
	if err != nil {
		return err
	}
	defer s.stop()
	r := &report{opts: opts, facts: s.facts}
	if r.machine, err = describeMachine(opts); err != nil {
		return err
	}
	lanes, err := opts.lanes(ctx, s.facts)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if err := l.run(ctx, dir, opts.rounds); err != nil {
			return err
		}
		r.lanes = append(r.lanes, l)
	}
	if r.steps, err = measureSteps(s.facts, filepath.Join(dir, "steps"), min(opts.rounds, 5)); err != nil {
		return err
	}
	if r.starts, err = opts.measureStarts(ctx, s.facts); err != nil {
		return err
	}
	fmt.Print(r.full())
	if !opts.write {
		return nil
	}
	return r.write("docs/performance.md", "README.md")
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench-install", flag.ContinueOnError)
	f.IntVar(&o.rounds, "rounds", 10, "`number` of rounds, after one that does not count")
	f.IntVar(&o.starts, "starts", 50, "`number` of runs of what only takes milliseconds")
	f.StringVar(&o.version, "version", "", "the `version` to install (default: the newest that the helper's table does not know)")
	f.StringVar(&o.tarball, "tarball", "", "serve this `file` as its tarball, and do not make one")
	f.StringVar(&o.dir, "dir", "/dev/shm", "install below this `directory`")
	f.BoolVar(&o.write, "write", false, "write the tables into docs/performance.md and README.md, between their markers")
	// What the script finds out.
	f.StringVar(&o.helper, "helper", "", "the helper")
	f.StringVar(&o.plugin, "plugin", "", "a copy of the plugin, which the helper was built from")
	f.StringVar(&o.server, "server", "", "the loopback server")
	f.StringVar(&o.goCommand, "go", "", "the go command")
	f.StringVar(&o.curl, "curl", "curl", "curl")
	f.StringVar(&o.mise, "mise", "", "mise, if there is one")
	f.StringVar(&o.proxies, "goproxy", "", "where the real module comes from")
	f.StringVar(&o.archives, "archives", "", "where archives are kept from run to run")
	f.StringVar(&o.cache, "cache", "", "the helper's cache directory, for the doors")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.rounds < 1 || o.starts < 1 {
		return o, fmt.Errorf("there has to be at least one round")
	}
	return o, nil
}
