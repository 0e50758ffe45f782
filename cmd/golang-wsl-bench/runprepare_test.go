package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
)

// What is counted is the program's: it needs more time on a processor if it does more,
// and the children count, too.
func TestCountersAreOfTheProgram(t *testing.T) {
	clock := func(times string) (ns float64, known bool) {
		out, errs, code := runApp(t, "run", "--quick", "--json", "--counters", "--", "sh", "-c",
			"sh -c 'i=0; while [ $i -lt "+times+" ]; do i=$((i+1)); done'")
		require.Equal(t, 0, code, errs)
		var d struct {
			Runs    []*bench.Run
			Prepare *prepare.Report
		}
		require.NoError(t, json.Unmarshal([]byte(out), &d))
		for _, v := range d.Runs[len(d.Runs)-1].Values {
			if v.Name == counted+"task-clock" {
				return v.Number, true
			}
		}
		require.Equal(t, bench.Absent, d.Runs[len(d.Runs)-1].Get("perf-task-clock"))
		return 0, false
	}
	little, known := clock("10")
	much, _ := clock("300000")
	if known {
		require.Greater(t, much, 5*little)
	}
}

func TestPreparedFoot(t *testing.T) {
	require.Empty(t, preparedFoot(nil))
	require.Empty(t, preparedFoot(&prepare.Report{Findings: []prepare.Finding{{Verdict: prepare.OK}, {Verdict: prepare.Unknown}}, Changes: []prepare.Change{{Restored: true}}}))
	require.Equal(t, "\nbefore it was measured:\n  load: busy\n  /sys/x: it was \"powersave\", and is NOT so again: gone\n",
		preparedFoot(&prepare.Report{
			Findings: []prepare.Finding{{Name: "load", Verdict: prepare.Warn, Text: "busy"}},
			Changes:  []prepare.Change{{What: "/sys/x", Old: "powersave", Error: "gone"}},
		}))
}
