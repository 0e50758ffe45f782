package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
)

// A report of packages that nobody here has written is sound, and its tables are what
// benchstat says of what the test binaries wrote.
func TestReportOfTheStandardLibrary(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("GOLANG_WSL_TEST_LONG is not set")
	}
	dir := t.TempDir()
	file, raw, benchstat := filepath.Join(dir, "audit.zip"), filepath.Join(dir, "raw.txt"), filepath.Join(dir, "benchstat")
	names := "^Benchmark(SortInt1K|SortString1K|StableInt1K|UnmarshalMap|MarshalMap|NumberIsValid|CookieString|ReadRequestCurl|ServeMux_SkipServe)$"
	_, stderr, code := runApp(t, "report", "-o", file, "--runs", "7", "--warmup", "0", "--wait", "0", "--",
		"go", "test", "-benchmem", "-benchtime", "10ms", "-bench", names, "encoding/json", "sort", "net/http")
	require.Zero(t, code, stderr)
	stdout, stderr, code := runApp(t, "verify", file)
	require.Zero(t, code, stdout, stderr)
	require.Contains(t, stdout, ": sound: ")

	b, err := openReport(file)
	require.NoError(t, err)
	e, err := b.Evidence()
	require.NoError(t, err)
	require.Len(t, e.Set.Runs, 21)
	require.Len(t, e.Profiles, 6)
	require.Len(t, e.Traces, 3)
	var all []byte
	for _, r := range e.Raw {
		if r.Run >= 0 && !strings.HasSuffix(r.Name, ".stderr.txt") {
			all = append(all, r.Data...)
		}
	}
	require.NoError(t, os.WriteFile(raw, all, 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", benchstat, "golang.org/x/perf/cmd/benchstat").CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.CommandContext(t.Context(), benchstat, "-format", "csv", raw).Output()
	require.NoError(t, err)
	theirs := benchstatRows(t, string(out))

	var tables report.Tables
	text, ok := b.File("tables.json")
	require.True(t, ok)
	require.NoError(t, json.Unmarshal(text, &tables))
	require.Len(t, tables.Rows, len(theirs))
	require.GreaterOrEqual(t, len(theirs), 9*3)
	for _, row := range tables.Rows {
		unit, factor := row.Metric, 1.0
		switch unit { // as benchstat has them
		case "ns/op":
			unit, factor = "sec/op", 1e-9
		case "MB/s":
			unit, factor = "B/s", 1e6
		}
		their, ok := theirs[strings.TrimPrefix(row.Probe, "go-test ")+" "+row.Name+" "+unit]
		require.True(t, ok, "%s in %s", row, out)
		if their.center == 0 {
			require.Zero(t, row.Center, row)
		} else {
			require.InEpsilon(t, their.center, row.Center*factor, 1e-9, row)
			around := math.Round(100 * max(row.Hi/row.Center-1, 1-row.Lo/row.Center))
			require.Equal(t, their.around, fmt.Sprintf("%.0f%%", around), row)
		}
	}
}

// A cell is a median of benchstat and how far its interval goes.
type cell struct {
	center float64
	around string
}

// benchstatRows are the cells by package, name and unit.
func benchstatRows(t *testing.T, text string) map[string]cell {
	t.Helper()
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	records, err := in.ReadAll()
	require.NoError(t, err)
	found, pkg, unit := make(map[string]cell), "", ""
	for _, r := range records {
		switch rest, isPkg := strings.CutPrefix(r[0], "pkg: "); {
		case isPkg:
			pkg = rest
		case len(r) < 3:
		case r[0] == "" && r[2] == "CI":
			unit = r[1]
		case r[0] != "" && r[0] != "geomean":
			center, err := strconv.ParseFloat(r[1], 64)
			require.NoError(t, err, "%q", r)
			found[pkg+" "+r[0]+" "+unit] = cell{center, r[2]}
		}
	}
	return found
}

// Runs of an hour are not lost where no bundle can be made of them.
func TestReportThatCannotBe(t *testing.T) {
	a, _, errs := quietApp(t)
	f := &reportFlags{}
	f.out = filepath.Join(t.TempDir(), "audit.zip")
	ev := &evidence{set: &bench.Set{Schema: bench.Schema, Runs: []*bench.Run{{Probe: "command"}}}}
	e := &report.Evidence{Set: ev.set, Raw: []report.Raw{{Name: "0001.txt", Run: 0, Data: make([]byte, report.Most)}}}
	require.ErrorIs(t, a.writeReport(f, ev, e, report.Options{}), report.ErrTooLarge)
	require.Equal(t, "golang-wsl: the runs are in "+f.out+".json\n", errs.String())
	require.NoFileExists(t, f.out)
	set, err := readSet(f.out + ".json")
	require.NoError(t, err)
	require.Len(t, set.Runs, 1)
}
