package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// napTest is a benchmark that sleeps for as long as it is told to.
const napTest = `package nap

import (
	"flag"
	"testing"
	"time"
)

func BenchmarkNap(b *testing.B) {
	d, err := time.ParseDuration(flag.Arg(0))
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		time.Sleep(d)
	}
}
`

// A time.Sleep that is 5 % longer is found, in real time.
func TestRunFindsALongerSleep(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("it takes half a minute; GOLANG_WSL_TEST_LONG is not set")
	}
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("go.mod", []byte("module nap.test\n\ngo 1.22\n"), 0o600))
	require.NoError(t, os.WriteFile("nap_test.go", []byte(napTest), 0o600))
	nap := "go test -bench=. -benchtime=10x . -args "
	args := []string{"run", "--json", "--wait", "0", "--runs", "10"}
	if os.Getuid() == 0 {
		args = append(args, "--nice", "-15") // what else the tests do is not in its way
	}
	var found bench.Pair
	for range 4 { // a machine that is busy all the same can hide it
		out, errs, code := runApp(t, append(append(append(args, "--"), strings.Fields(nap+"40ms")...), "--vs", nap+"42ms")...)
		require.Zero(t, code, errs)
		var doc document
		require.NoError(t, json.Unmarshal([]byte(out), &doc))
		if found = doc.Comparison.Pairs[0]; found.Verdict == bench.Differs {
			break
		}
		t.Logf("%s: %+.1f %%, A/A %.1f %%", found.Why, 100*found.Delta, 100*found.AA)
	}
	require.Equal(t, "ns/op", found.A.Metric)
	require.Equal(t, bench.Differs, found.Verdict, "%+v", found)
	require.Equal(t, "worse", found.Why)
	require.InDelta(t, 0.05, found.Delta, 0.025)
}

// Ctrl-C gives what there is so far, marked as partial.
func TestRunInterrupted(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.txt")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "run", "--wait", "0", "--warmup", "0", "--no-sandbox", "-o", out, "--",
		"sh", "-c", "echo >>turns; [ $(wc -l <turns) -lt 3 ] || sleep 1000")
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), mainInTest+"=1")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, "turns"))
		return strings.Count(string(text), "\n") == 3
	}, 60*time.Second, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	err := cmd.Wait()
	require.Equal(t, exitFailed, cmd.ProcessState.ExitCode(), "%v", err)
	require.Contains(t, stderr.String(), out+" has what there was until then, and says so\n")
	require.Contains(t, stderr.String(), "golang-wsl: error: interrupted\n")
	require.Contains(t, stdout.String(), "ended early: these are not all runs")
	set, err := readSet(out)
	require.NoError(t, err)
	require.True(t, set.Partial)
	_, _, partial := set.Count()
	require.Equal(t, 1, partial)
	require.Len(t, set.Runs, 3, fmt.Sprint(set.Tally()))
}
