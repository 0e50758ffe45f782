package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// windows puts a powershell.exe on PATH that is a script, as PowerShell would answer:
// lines that end in CR LF.
func windows(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "powershell.exe"), []byte("#!/bin/sh\n"+script), 0o755))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// windowsClockCommand is a command of the tests: a clock that makes 100 ticks of 100 ns
// where ours says that 107 have passed.
func windowsClockCommand() {
	fmt.Print("10000000\r\n")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Printf("%d\r\n", time.Since(time.Unix(1_700_000_000, 0))/107)
	}
}

func absent(n int) (runs []*bench.Run) {
	for range n {
		runs = append(runs, &bench.Run{Env: []bench.Key{{Name: "cpus", Value: "2"}, {Name: bench.ClockRate, Value: bench.Absent}}})
	}
	return runs
}

// On WSL2 clocks have run 7 % fast. What a run knows itself stays.
func TestRateByWindows(t *testing.T) {
	windows(t, "exec windows-clock")
	clock, err := openWindowsClock(t.Context())
	require.NoError(t, err)
	_, err = clock.now()
	require.NoError(t, err)
	clock.close()
	require.NotNil(t, clock.cmd.ProcessState, "it has ended")

	runs := absent(2)
	runs[1].Env[1].Value = "3"
	for range 5 { // on a busy machine an answer may take too long for three seconds
		finish := rateByWindows(t.Context())
		time.Sleep(3 * time.Second)
		if finish(runs); runs[0].Get(bench.ClockRate) != bench.Absent {
			break
		}
	}
	ppm, err := strconv.Atoi(runs[0].Get(bench.ClockRate))
	require.NoError(t, err)
	require.InDelta(t, 70_000, ppm, 250)
	require.Equal(t, "3", runs[1].Get(bench.ClockRate))
	require.Equal(t, "2", runs[0].Get("cpus"))
}

func TestNoWindows(t *testing.T) {
	for name, script := range map[string]string{
		"it ends":         "exit 1\n",
		"words":           "echo 'Access is denied.'\n",
		"no ticks":        "echo 0; cat\n",
		"it ends at once": "echo 10000000\n",
		"it is too slow":  "echo 10000000; while read -r _; do sleep 0.01; date +%s%N; done\n",
		"is no program":   "",
	} {
		t.Run(name, func(t *testing.T) {
			windows(t, script)
			if script == "" {
				t.Setenv("PATH", t.TempDir())
			}
			runs := absent(1)
			rateByWindows(t.Context())(runs)
			require.Equal(t, bench.Absent, runs[0].Get(bench.ClockRate))
		})
	}
}
