package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// mainInTest in the environment has the test binary be the program, whatever its
// arguments are.
const mainInTest = "GOLANG_WSL_BENCH_MAIN"

// The test binary is the program, with one more probe.
func TestMain(m *testing.M) {
	if os.Getenv(mainInTest) != "" || len(os.Args) > 1 && slices.Contains([]string{syscallsChild, shimCommand, guardCommand, recordTest}, os.Args[1]) {
		main()
	}
	testscript.Main(m, map[string]func(){"windows-clock": windowsClockCommand, "golang-wsl-bench": func() {
		os.Exit(start(&app{
			probes: append(allProbes(), fakeProbe()),
			watch:  bench.Watch{Root: fstest.MapFS{}, Kernel: quiet{}, Limits: limits()},
		}))
	}})
}

// quiet is a kernel that disturbs nobody: the fake takes no time, in which one
// switch of threads is a storm.
type quiet struct{}

func (quiet) Clock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(id, &ts)
	return time.Duration(ts.Nano()), err
}
func (quiet) Hardware() (id int32, done func(), err error) { return 0, nil, errors.ErrUnsupported }
func (quiet) Synchronized() (bool, error)                  { return true, nil }
func (quiet) Nivcsw() (int64, error)                       { return 0, nil }
func (quiet) CPUTime() (time.Duration, error)              { return 0, nil }
func (quiet) CPUs() (int, error)                           { return 2, nil }
func (quiet) TimerSlack() (int64, error)                   { return 50000, nil }

func limits() map[string]float64 {
	limits := bench.DefaultLimits()
	for cause := range limits {
		limits[cause] = 1e18
	}
	return limits
}

// fakeProbe does in a process what it is told to do in that turn, a word for each:
// "ok", "crash", "exit", "hang" (and does not end when asked to), "slow" (and ends),
// "disturbed", "silent", "child" (starts one, and hangs).
func fakeProbe() probe {
	return probe{
		name: "fake", use: "fake [WORD...]", short: "Measure nothing", args: wantArgs(0, -1), deadline: time.Minute,
		flags: func(flags *pflag.FlagSet) func(choice) (bench.Probe, error) {
			log := flags.String("log", "", "who has a turn")
			flags.StringSlice("configs", nil, "names of configurations")
			return func(c choice) (bench.Probe, error) {
				turn := takeTurn(*log, c.config)
				word := "ok"
				if turn < len(c.args) {
					word = c.args[turn]
				}
				return &fake{word, c}, nil
			}
		},
		configs: func(flags *pflag.FlagSet, _ []string) []string {
			if names, _ := flags.GetStringSlice("configs"); len(names) > 0 {
				return names
			}
			return []string{""}
		},
	}
}

// takeTurn writes a line to the log, and returns how many there were.
func takeTurn(log, config string) int {
	text, _ := os.ReadFile(log)
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0
	}
	defer f.Close()
	fmt.Fprintf(f, "%s %d procs=%s\n", config, os.Getpid(), os.Getenv("GOMAXPROCS"))
	return strings.Count(string(text), "\n")
}

type fake struct {
	word   string
	choice choice
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Page(bench.Style) string { return "a page of the probe\n" }

func (f *fake) Measure(ctx context.Context, run *bench.Run) error {
	samples := make([]int64, 500)
	for i := range samples {
		samples[i] = 1000 + int64(i%100)*int64(i%7)
	}
	run.Add(bench.Series{Name: "Fake", Unit: "ns", Role: bench.Headline, Batch: 1, Samples: samples})
	run.Add(bench.Series{Name: "Other", Unit: "ns", Role: bench.Headline, Batch: 1, Samples: samples})
	run.AddValue(bench.Value{Name: "Quick", Unit: "calls", Number: map[bool]float64{true: 1}[f.choice.quick]})
	switch word, rest, _ := strings.Cut(f.word, ":"); word {
	case "crash":
		panic("the fake crashes")
	case "exit":
		fmt.Fprintln(os.Stderr, "some words\ngolang-wsl: error: it says why")
		os.Exit(7)
	case "silent":
		os.Exit(0)
	case "disturbed":
		run.Marks = append(run.Marks, bench.Mark{Cause: bench.Steal, Value: 12, Limit: 1, Unit: "%"})
	case "hang":
		time.Sleep(time.Hour) // whatever ctx says
	case "child":
		cmd := exec.Command("sh", "-c", "trap '' TERM; sleep 12345.678") // which SIGTERM does not end
		_ = cmd.Run()
	case "slow":
		signalParent(rest)
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// signalParent sends the process that collects a signal: it is in another group.
func signalParent(number string) {
	if n, err := strconv.Atoi(number); err == nil {
		_ = syscall.Kill(os.Getppid(), syscall.Signal(n))
	}
}
