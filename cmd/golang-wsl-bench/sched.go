package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sched"
)

func schedProbe() probe {
	return probe{
		name: "sched", use: "sched",
		short: "How long Go lets a goroutine wait",
		long: `How long Go lets a goroutine wait that has something to do: woken from another P
(CrossP, which is what people mean by it), by a timer, under load; and beside it what
the kernel alone takes, what the clock can tell, and how much of a CPU is lost.`,
		example: "  " + calledAs + " sched --quick\n  " + calledAs + " sched -o run.txt",
		args:    wantArgs(0, 0), deadline: 5 * time.Minute,
		flags: func(flags *pflag.FlagSet) func(choice) (bench.Probe, error) {
			only := flags.StringSlice("only", nil, "methods to measure, as docs/bench.md has them: B3,C3")
			return func(c choice) (bench.Probe, error) {
				return sched.New(sched.Options{Quick: c.quick, Only: *only}), nil
			}
		},
		words: map[string][]string{"only": sched.Methods()},
	}
}
