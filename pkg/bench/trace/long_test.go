package trace_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// Some million events give what they give go tool trace, and progress is told once for
// each MB at most.
func TestAsGoToolOfMuch(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("GOLANG_WSL_TEST_LONG is not set")
	}
	b := program(t, "churn", "20000000", "3s")
	var told []int64
	report, err := trace.Analyze(t.Context(), bytes.NewReader(b), trace.Options{Progress: func(read int64) { told = append(told, read) }})
	require.NoError(t, err)
	require.Greater(t, report.Generations, 2)
	require.Greater(t, report.Events, int64(1e6))
	requireAsGoTool(t, b, report)

	require.Greater(t, len(told), 2)
	require.True(t, slices.IsSorted(told))
	require.EqualValues(t, len(b), told[len(told)-1])
	for i := 1; i < len(told)-1; i++ {
		require.GreaterOrEqual(t, told[i]-told[i-1], int64(1<<20))
	}
}
