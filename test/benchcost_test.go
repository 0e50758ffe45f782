package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A quick look at the scheduler takes less than 15 s, and what the loop of Gosched and
// SameP costs for each sample is less than 50 ns, and on the page. The cost is the
// least of ten loops, which other programs do not change; who has his CPU taken away
// for the whole of them has two tries more.
func TestBenchSchedCosts(t *testing.T) {
	longBench(t)
	exe := strippedBench(t)
	least := 1e9
	for try := 0; try < 3 && least >= 50; try++ {
		begin := time.Now()
		result := run(t, exec.Command(exe, "sched", "--quick", "--json"))
		took := time.Since(begin)
		result.requireOK(t)
		require.Less(t, took, 15*time.Second)
		set, err := bench.Read(strings.NewReader(result.stdout), "stdout")
		require.NoError(t, err)
		i := slices.IndexFunc(set.Runs[0].Values, func(v bench.Value) bool { return v.Name == "SampleCost" })
		require.GreaterOrEqual(t, i, 0)
		least = min(least, set.Runs[0].Values[i].Number)
		t.Logf("%v, and %.0f ns a sample", took, least)
	}
	require.Less(t, least, 50.0)
	result := run(t, exec.Command(exe, "sched", "--quick", "--only", "A1"))
	result.requireOK(t)
	require.Regexp(t, `(?m)^ *SampleCost +[0-9.]+ns`, result.stdout)
}

// A file of 1,000,000 results is read in less than 2 s. It is the CPU time that counts,
// of all threads, as this machine has other things to do: it is more than what reading
// takes where nothing else runs.
func TestBenchReadsAMillion(t *testing.T) {
	longBench(t)
	exe, path := strippedBench(t), filepath.Join(t.TempDir(), "million.txt")
	require.NoError(t, os.WriteFile(path, million(t), 0o644))
	least := time.Hour
	for try := 0; try < 5 && least >= 2*time.Second; try++ {
		cmd := exec.Command(exe, "compare", path, path+".missing") // which is not read before the first, and that must be whole
		text, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(text), "million.txt.missing: no such file")
		least = min(least, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	t.Logf("%v of CPU time", least)
	require.Less(t, least, 2*time.Second)
}

func longBench(t *testing.T) {
	t.Helper()
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("GOLANG_WSL_TEST_LONG is not set")
	}
}

// million is a file of 1,000,000 results: 500 runs of 20 series, a hundred times.
func million(t *testing.T) []byte {
	t.Helper()
	set := new(bench.Set)
	for i := range 500 {
		r := &bench.Run{Probe: "p", Begin: time.Unix(int64(i), 0).UTC(), Env: []bench.Key{{Name: "goversion", Value: "go1.26.8"}}}
		for k := range 20 {
			s := bench.Series{Name: fmt.Sprintf("CrossP/park=%dus/procs=2", k), Unit: "ns", Role: bench.Headline, Batch: 1, Count: 20_000}
			for j, q := range []float64{0.5, 0.95, 0.99, 0.999, 1} {
				s.Quantiles = append(s.Quantiles, bench.Quantile{Q: q, Value: int64(100_000+7*i) << j})
			}
			r.Add(s)
		}
		set.Runs = append(set.Runs, r)
	}
	var file bytes.Buffer
	require.NoError(t, bench.Write(&file, set))
	head, rest, _ := strings.Cut(file.String(), "# run ")
	runs, end, found := strings.Cut("# run "+rest, "# end ")
	require.True(t, found)
	end = strings.NewReplacer(`:500`, `:50000`, `:10000`, `:1000000`).Replace(end)
	text := []byte(head + strings.Repeat(runs, 100) + "# end " + end)
	require.Equal(t, 1_000_000, bytes.Count(text, []byte("\nBenchmark")))
	return text
}
