package report

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// weight is in which order groups of facts explain a difference between two machines.
var weight = []string{"go", "time", "cpu", "scheduler", "cgroup", "memory", "power", "windows", "identity", "disk", "network", "security"}

// telling are the values that change by themselves and still say something of a
// measurement.
var telling = []string{"load1", "psi-cpu-some-avg10", "clock-step-ns", "clock-cost-ns", "rate-correction-ppm", "mhz", "available-kib", "synchronised"}

// Machines is what differs between two machines, side by side: what matters most
// first. Two that do not differ in what can be set are an empty text.
func Machines(a, b *snapshot.Snapshot) string {
	settings, gauges, left := sorted(snapshot.Diff(a, b))
	if len(settings)+len(gauges) == 0 {
		return ""
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "the machines\t\tfirst\tsecond")
	group := ""
	for _, d := range append(settings, gauges...) {
		if group == d.Group {
			d.Group = ""
		} else {
			group = d.Group
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", d.Group, d.Name, shortValue(d.A), shortValue(d.B))
	}
	table.Flush()
	if left > 0 {
		fmt.Fprintf(&text, "%d other values differ, which change by themselves\n", left)
	}
	return text.String()
}

// sorted are the settings that differ and the telling gauges, and how many others
// there are.
func sorted(all []snapshot.Difference) (settings, gauges []snapshot.Difference, left int) {
	for _, d := range all {
		switch {
		case d.Kind == snapshot.Setting:
			settings = append(settings, d)
		case slices.Contains(telling, d.Name):
			gauges = append(gauges, d)
		default:
			left++
		}
	}
	for _, list := range [][]snapshot.Difference{settings, gauges} {
		slices.SortStableFunc(list, func(x, y snapshot.Difference) int { return rank(x.Group) - rank(y.Group) })
	}
	return settings, gauges, left
}

func rank(group string) int {
	if i := slices.Index(weight, group); i >= 0 {
		return i
	}
	return len(weight)
}

// shortValue is a value that two of fit on a line.
func shortValue(value string) string {
	const most = 40
	if letters := []rune(oneLine(value)); len(letters) > most {
		return string(letters[:most-3]) + "..."
	}
	return oneLine(value)
}
