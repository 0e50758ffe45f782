package bench

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// simulated is clean runs of 12 rows, 4 series at p50, p95 and p99. The runs differ
// by spread, a standard deviation of the logarithm: 0.05 for 5 %. Half of that a
// run has in common, and one run in 20 has a tail three times as long that nobody
// has marked.
func simulated(rng *rand.Rand, runs int, factor, spread float64) *Set {
	set := &Set{}
	for i := range runs {
		run := &Run{Probe: "p", Begin: time.Unix(int64(i), 0).UTC(), Env: []Key{{"goversion", "go1.26.8"}}}
		common, tail := rng.NormFloat64(), 1.0
		if rng.Float64() < 0.05 {
			tail = 3
		}
		for k := range 4 {
			s := Series{Name: fmt.Sprintf("CrossP/park=%dus/procs=2", k), Unit: "ns", Role: Headline, Batch: 1, Count: 20_000}
			for j, q := range quantiles {
				noise := math.Exp(spread * (common + rng.NormFloat64()) / math.Sqrt2)
				value := 100_000 * factor * noise * math.Pow(2, float64(j))
				if j > 0 {
					value *= tail
				}
				s.Quantiles = append(s.Quantiles, Quantile{q, int64(value)})
			}
			run.Add(s)
		}
		set.Runs = append(set.Runs, run)
	}
	return set
}

// The real benchstat reads what is written, and its medians and intervals are ours.
func TestBenchstatReadsIt(t *testing.T) {
	benchstat := filepath.Join(t.TempDir(), "benchstat")
	out, err := exec.Command("go", "build", "-o", benchstat, "golang.org/x/perf/cmd/benchstat").CombinedOutput()
	require.NoError(t, err, "%s", out)

	set := simulated(rand.New(rand.NewPCG(1, 2)), 12, 1, 0.05)
	for i, r := range set.Runs {
		r.AddValue(Value{Name: "Rate", Unit: "req/s", Number: 1000 + float64(i), Higher: true})
		r.Env = append(r.Env, Key{"clock-step-ns", strconv.Itoa(20 + i%2)})
	}
	set.Runs[3].Marks = []Mark{{RunDelay, 3.5, 2, "%"}}
	set.Runs[7].Partial = true
	file := filepath.Join(t.TempDir(), "run.txt")
	f, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, Write(f, set))
	require.NoError(t, f.Close())

	out, err = exec.Command(benchstat, "-format", "csv", file).Output()
	require.NoError(t, err)
	theirs := medians(t, string(out))
	rows := set.Rows()
	require.Len(t, rows, 4*len(quantiles)+1)
	for _, row := range rows {
		require.Len(t, row.PerRun, 10)
		unit, factor := strings.Replace(row.Metric, "ns", "sec", 1), 1.0
		if unit != row.Metric {
			factor = 1e-9
		}
		got, ok := theirs[row.Name+" "+unit]
		require.True(t, ok, "%s in %s", row, out)
		require.InEpsilon(t, row.Center*factor, got.center, 1e-9, row)
		interval := math.Round(100 * max(row.Hi/row.Center-1, 1-row.Lo/row.Center))
		require.Equal(t, fmt.Sprintf("%.0f%%", interval), got.interval, row)
	}
	require.Contains(t, theirs, "Rate/run=disturbed req/s")
	require.Contains(t, theirs, "Rate/run=partial req/s")

	out, err = exec.Command(benchstat, "-filter", "-/run:disturbed", file).Output()
	require.NoError(t, err)
	require.NotContains(t, string(out), "disturbed")
}

type median struct {
	center   float64
	interval string
}

// medians are the cells of benchstat's tables by row and unit.
func medians(t *testing.T, text string) map[string]median {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	records, err := in.ReadAll()
	require.NoError(t, err)
	found, unit := make(map[string]median), ""
	for _, r := range records {
		switch {
		case len(r) < 3:
		case r[0] == "" && r[2] == "CI":
			unit = r[1]
		case r[0] != "" && r[0] != "geomean":
			center, err := strconv.ParseFloat(r[1], 64)
			require.NoError(t, err, "%q", r)
			found[r[0]+" "+unit] = median{center, r[2]}
		}
	}
	return found
}
