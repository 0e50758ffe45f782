package main

import (
	"errors"
	"flag"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"golang-wsl": main})
}

var update = flag.Bool("update", false, "write what the scripts in testdata/script got as what they want")

// The scripts run the program as a process, in a home of their own, against a
// release server on loopback. $DEAD is an address where nobody answers.
func TestScripts(t *testing.T) {
	server := fakerelease.Start(t,
		fakerelease.New("1.98.7"), fakerelease.New("1.99.0"), fakerelease.New("1.99.1"), fakerelease.New("1.100rc1"))
	cache := "GOCACHE=" + buildCache(t) // for the trial of the race detector
	dead := "DEAD=http://" + deadAddress(t) + "/"
	tune := tuneServers(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, server.Env()...)
			// One source, so that it is known who answers.
			env.Vars = append(env.Vars, "GOLANG_WSL_SOURCE=official", "HOME="+filepath.Join(env.WorkDir, "home"), dead, cache)
			env.Vars = append(env.Vars, tune...)
			return nil
		},
	})
}

// exits is a script command: "exits 2 golang-wsl install x" wants that code.
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

// deadAddress is a port that was free a moment ago.
func deadAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// everyCommand calls fn for the root and all below it.
func everyCommand(cmd *cobra.Command, fn func(*cobra.Command)) {
	fn(cmd)
	for _, sub := range cmd.Commands() {
		everyCommand(sub, fn)
	}
}

func TestHelpIsComplete(t *testing.T) {
	root := newApp(func(string) string { return "" }, streams{}).rootCommand()
	everyCommand(root, func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		require.NotRegexp(t, `\.$`, cmd.Short, cmd.CommandPath())
		for line := range strings.SplitSeq(cmd.Long+"\n"+cmd.Example, "\n") {
			require.LessOrEqual(t, len(line), 90, "help that fits a terminal: %s", line)
		}
	})
}

// An example is a command that a reader types: it must be one.
func TestExamplesParse(t *testing.T) {
	root := newApp(func(string) string { return "" }, streams{}).rootCommand()
	everyCommand(root, func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			// What follows two blanks explains.
			line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
			require.Contains(t, line, cmd.CommandPath())
			line = strings.TrimPrefix(line, "source <(golang-wsl ")
			line = strings.TrimSuffix(strings.TrimPrefix(line, "golang-wsl "), ")")
			line, _, _ = strings.Cut(line, " | ")
			words, err := splitWords(line)
			require.NoError(t, err)

			found, args, err := root.Find(words)
			require.NoError(t, err)
			require.NotEqual(t, root, found, line)
			require.NoError(t, found.ParseFlags(args), line)
			require.NoError(t, found.ValidateArgs(found.Flags().Args()), line)
		}
	})
}

// splitWords is what a shell makes of a line without variables.
func splitWords(line string) ([]string, error) {
	out, err := exec.Command("bash", "-c", "printf '%s\n' "+line).Output()
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), err
}
