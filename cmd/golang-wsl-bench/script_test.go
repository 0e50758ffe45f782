package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the scripts in testdata/script got as what they want")

// The scripts run the program as a process, which runs itself.
func TestScripts(t *testing.T) {
	traces, err := filepath.Abs("../../pkg/bench/trace/testdata")
	require.NoError(t, err)
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(word string) (bool, error) {
			if word == "long" {
				return os.Getenv("GOLANG_WSL_TEST_LONG") != "", nil
			}
			return false, fmt.Errorf("no condition is called %q", word)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TRACES", traces)
			// For those in which go builds.
			env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			env.Setenv("GOFLAGS", "-vet=off")
			env.Setenv("GOWORK", "off")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits is a script command: "exits 2 golang-wsl-bench x" wants that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, not %d", strings.Join(args[1:], " "), got, want)
	}
}

func TestHelpIsComplete(t *testing.T) {
	a := &app{env: func(string) string { return "" }, probes: allProbes()}
	root := a.rootCommand()
	for _, cmd := range append(root.Commands(), root) {
		require.NotEmpty(t, cmd.Short+strings.Repeat("-", map[bool]int{true: 1}[cmd.Hidden]), cmd.CommandPath())
		require.NotRegexp(t, `\.$`, cmd.Short, cmd.CommandPath())
		for line := range strings.SplitSeq(cmd.Long+"\n"+cmd.UsageString(), "\n") {
			require.LessOrEqual(t, len(line), 90, "help that fits a terminal: %s", line)
		}
	}
}
