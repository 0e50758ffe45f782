package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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

	// What execve(2) finds as the peak of a process becomes that of the program. Of this
	// one, with the race detector, it can be twice what is allowed, so "run" is asked.
	program, written := filepath.Join(dir, "bench"), filepath.Join(dir, "trace.json")
	cmd := exec.Command(program, "run", "--quick", "--no-sandbox", "--wait", "0", "--json", "--",
		"sh", "-c", `exec "$0" trace --json "$1" >"$2"`, program, file, written)
	cmd.Stderr = os.Stderr
	measured, err := cmd.Output()
	require.NoError(t, err)
	out, err := os.ReadFile(written)
	require.NoError(t, err)
	var report trace.Report
	require.NoError(t, json.Unmarshal(out, &report))
	require.GreaterOrEqual(t, report.Bytes, int64(100e6))
	require.NotZero(t, report.Syscalls.Count)
	var doc document
	require.NoError(t, json.Unmarshal(measured, &doc))
	values := make(map[string]float64)
	for _, v := range doc.Runs[0].Values {
		values[v.Name] = v.Number
	}
	t.Logf("%d MB, %d events in %d generations: at most %.0f MB resident, %.1f s of CPU",
		report.Bytes/1e6, report.Events, report.Generations, values["MaxRSS"]/1e6, values["CPU"]/1e9)
	require.Greater(t, values["MaxRSS"], 20e6, "resident: that of the command")
	require.Less(t, values["MaxRSS"], 500e6, "resident")
}
