package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/syscalls"
)

// runBench is the program in this process; what it starts is the program as well.
func runBench(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{env: os.Getenv, std: streams{nil, &out, &errs}, probes: allProbes()}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err = root.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestSyscalls(t *testing.T) {
	dir := t.TempDir()
	out, errs, err := runBench(t, "syscalls", "--dir", dir, "--only", "eventfd2,linkat", "--deadline", "10s")
	require.NoError(t, err)
	require.Equal(t, "2 of 2 work in "+dir+":\n  eventfd2 linkat\n", out)
	require.Empty(t, errs)
}

func TestSyscallsAsJSON(t *testing.T) {
	out, _, err := runBench(t, "syscalls", "--dir", t.TempDir(), "--only", "eventfd2", "--json")
	require.NoError(t, err)
	var report syscalls.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Len(t, report.Rows, 1)
	require.Equal(t, syscalls.Works, report.Rows[0].Verdict)
}

// What the user has set for go's own runtime is not what is looked at.
func TestSyscallsWithoutTheUsersGODEBUG(t *testing.T) {
	t.Setenv("GODEBUG", "asyncpreemptoff=1")
	out, _, err := runBench(t, "syscalls", "--dir", t.TempDir(), "--only", "tgkill")
	require.NoError(t, err)
	require.Contains(t, out, "1 of 1 work")
}

func TestSyscallsThatAreNotKnown(t *testing.T) {
	out, _, err := runBench(t, "syscalls", "--only", "openat3")
	require.ErrorContains(t, err, `--only: there is no "openat3"`)
	require.Empty(t, out)
}

func TestSyscallTable(t *testing.T) {
	row := func(group, name string, v syscalls.Verdict, detail string) syscalls.Row {
		return syscalls.Row{Group: group, Name: name, Loses: "this and that", Answer: syscalls.Answer{Verdict: v, Detail: detail}}
	}
	r := syscalls.Report{Dir: "/here", Partial: true, Rows: []syscalls.Row{
		row("start", "futex", syscalls.Works, ""),
		row("files", "statx", "ENOSYS", ""),
		row("files", "fchmodat", syscalls.Wrong, "set to 755, the mode is 777"),
		row("locks", "flock", syscalls.Works, ""),
	}}
	require.Equal(t, `files
  statx     ENOSYS      lost: this and that
  fchmodat  wrong       lost: this and that
                        seen: set to 755, the mode is 777

2 of 4 work in /here:
  futex flock

It was ended early: other rows were not tried.
`, syscallTable(r))
}

func TestWrap(t *testing.T) {
	require.Equal(t, "  aa bb\n  cc\n", wrap([]string{"aa", "bb", "cc"}, 8))
	require.Empty(t, wrap(nil, 8))
}

// A process that hangs is killed with all that came of it.
func TestStartKillsTheGroup(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	script := t.TempDir() + "/hangs"
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nsleep 100 &\necho $!\nwait\n"), 0o755))
	begin := time.Now()
	exit, err := startAgain(script)(ctx, "x", "y")
	require.NoError(t, err)
	require.Less(t, time.Since(begin), 50*time.Second)
	require.Equal(t, "killed", exit.Signal.String())
	var pid int
	require.NoError(t, json.Unmarshal(exit.Output, &pid))
	require.Eventually(t, func() bool { return gone(pid) }, 10*time.Second, 10*time.Millisecond)
}

// gone takes a process that nobody has waited for yet as gone.
func gone(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(b), ") Z ")
}
