package page

import (
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// A traced is what one trace says.
type traced struct {
	Name    string
	Words   string
	Verdict []string
	Tables  []table
}

// mostSites is how many places of a trace are shown.
const mostSites = 12

func newTraced(t Trace) traced {
	r := t.Report
	return traced{
		Name:    shown(t.Name),
		Words:   fmt.Sprintf("%d events of a run of its own, in %s with GOMAXPROCS %d. Tracing slows a program down: no number above is from that run.", r.Events, duration(r.Duration), r.GOMAXPROCS),
		Verdict: r.Verdict(),
		Tables:  []table{callsTable(r), waitsTable(r)},
	}
}

func latencyHead(first ...string) []string {
	return append(first, "times", "in all", "p50", "p99", "longest")
}

func latencyCells(l trace.Latency) []cell {
	cells := []cell{{Text: fmt.Sprint(l.Count), Number: true}}
	for _, d := range []float64{float64(l.Total), float64(l.P50), float64(l.P99), float64(l.Max)} {
		cells = append(cells, cell{Text: number(d, "ns"), Number: true})
	}
	return cells
}

func callsTable(r *trace.Report) table {
	t := table{Caption: "Where system calls took longest", Head: append(latencyHead("call", "from"), "lost the P")}
	for _, s := range r.Syscalls.Sites[:min(len(r.Syscalls.Sites), mostSites)] {
		cells := append([]cell{{Text: shown(s.Stack.Call()), Class: "name"}, {Text: shown(caller(s.Stack)), Class: "name"}}, latencyCells(s.Latency)...)
		t.Rows = append(t.Rows, row{Cells: append(cells, cell{Text: fmt.Sprint(s.LostP), Number: true})})
	}
	t.Note = moreSites(len(r.Syscalls.Sites))
	return t
}

func waitsTable(r *trace.Report) table {
	t := table{Caption: "Why goroutines waited to run", Head: latencyHead("because")}
	for _, c := range r.Scheduler.Causes {
		t.Rows = append(t.Rows, row{Cells: append([]cell{{Text: c.Cause}}, latencyCells(c.Latency)...)})
	}
	return t
}

func moreSites(all int) string {
	if all <= mostSites {
		return ""
	}
	return fmt.Sprintf("%d more are in the bundle.", all-mostSites)
}

// caller is who asked for it, as far as a reader knows the code.
func caller(s trace.Stack) string {
	f := s.Caller()
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", f.Func, f.Line)
}
