package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// The real command needs less than 500 MB for a trace of 100 MB.
func TestTraceMemory(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("GOLANG_WSL_TEST_LONG is not set")
	}
	dir := t.TempDir()
	for name, pkg := range map[string]string{"bench": ".", "churn": "../../pkg/bench/trace/testdata/churn"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	file := filepath.Join(dir, "trace.out")
	f, err := os.Create(file)
	require.NoError(t, err)
	churn := exec.Command(filepath.Join(dir, "churn"), "100000000", "0s")
	churn.Stdout, churn.Stderr = f, os.Stderr
	require.NoError(t, churn.Run())
	require.NoError(t, f.Close())

	cmd := exec.Command(filepath.Join(dir, "bench"), "trace", "--json", file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var report trace.Report
	require.NoError(t, json.Unmarshal(out, &report))
	require.GreaterOrEqual(t, report.Bytes, int64(100e6))
	require.NotZero(t, report.Syscalls.Count)
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("%d MB, %d events in %d generations: at most %d MB resident, %s of CPU",
		report.Bytes/1e6, report.Events, report.Generations, int64(usage.Maxrss)*1024/1e6, cpu)
	require.Less(t, int64(usage.Maxrss), int64(500_000_000/1024), "KiB resident")
}
