package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// tracePage is a report for people: the verdict, and tables of some rows each.
func tracePage(r *trace.Report, style bench.Style, rows int) string {
	t := &traceTables{style: style, rows: rows}
	for _, line := range r.Verdict() {
		fmt.Fprintln(&t.b, line)
	}
	t.syscalls(r.Syscalls)
	t.causes(r.Scheduler)
	t.wakeups(r.Scheduler)
	t.longRuns(r.LongRuns)
	t.stops(r.Stops)
	if r.OtherStacks > 0 {
		fmt.Fprintf(&t.b, "\nThere are too many different stacks to keep: %d spans are told under \"(other stacks)\".\n", r.OtherStacks)
	}
	return t.b.String()
}

type traceTables struct {
	b     strings.Builder
	style bench.Style
	rows  int
}

// table shows the first rows. The words of the head are its columns.
func (t *traceTables) table(title, head string, n int, row func(i int) []string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(&t.b, "\n%s\n", title)
	w := tabwriter.NewWriter(&t.b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(head, " ", "\t"))
	for i := range min(n, max(t.rows, 1)) {
		fmt.Fprintf(w, "  %s\n", strings.Join(row(i), "\t"))
	}
	w.Flush()
	if n > t.rows {
		fmt.Fprintf(&t.b, "  and %d more; --top %d shows them\n", n-t.rows, n)
	}
}

func (t *traceTables) syscalls(s trace.Syscalls) {
	t.table("System calls by place, from the call until the goroutine is back or can be:",
		"calls total p50 p99 max lost-P without-P open place", len(s.Sites), func(i int) []string {
			site := s.Sites[i]
			return append(t.latency(site.Latency), fmt.Sprint(site.LostP), t.number(site.Without), fmt.Sprint(site.Open.Count), place(site.Stack, "no stack (C, or begun before the trace)"))
		})
}

func (t *traceTables) causes(s trace.Scheduler) {
	t.table("Waiting to run by cause:",
		"waits total p50 p99 max P-idled moved cause", len(s.Causes), func(i int) []string {
			return t.cause(s.Causes[i], s.Causes[i].Cause)
		})
}

func (t *traceTables) wakeups(s trace.Scheduler) {
	t.table("Waiting to run by who made it runnable:",
		"waits total p50 p99 max P-idled moved cause place", len(s.Sites), func(i int) []string {
			return t.cause(s.Sites[i].Cause, s.Sites[i].Cause.Cause, place(s.Sites[i].Stack, "the runtime"))
		})
}

func (t *traceTables) cause(c trace.Cause, end ...string) []string {
	return append(append(t.latency(c.Latency), t.number(c.WhileIdle), fmt.Sprint(c.Migrated)), end...)
}

func (t *traceTables) longRuns(l trace.LongRuns) {
	t.table("Runs of more than "+t.number(l.Limit)+" without being preempted:",
		"runs total max at ended place", len(l.Places), func(i int) []string {
			p := l.Places[i]
			where := place(p.Stack, "the runtime")
			if len(p.Stack) == 0 && p.Entry != nil {
				where = "begun at " + p.Entry.Func
			}
			return []string{fmt.Sprint(p.Count), t.number(p.Total), t.number(p.Max), t.number(p.MaxAt), p.Ended, where}
		})
}

func (t *traceTables) stops(list []trace.Stop) {
	t.table("Stops of the world by reason, and how long it took until it stood:",
		"stops total p50 p99 max to-stop reason", len(list), func(i int) []string {
			return append(t.latency(list[i].Latency), t.number(list[i].Stopping.Max), list[i].Reason)
		})
}

func (t *traceTables) latency(l trace.Latency) []string {
	return []string{fmt.Sprint(l.Count), t.number(l.Total), t.number(l.P50), t.number(l.P99), t.number(l.Max)}
}

func (t *traceTables) number(d time.Duration) string { return t.style.Number(float64(d), "ns") }

// place is a stack in a line: what was called, and who of the user's did it; none is
// said where there is no stack.
func place(s trace.Stack, none string) string {
	call, caller := s.Call(), s.Caller()
	if caller == nil {
		return none
	}
	at := caller.Func
	if caller.File != "" {
		at += fmt.Sprintf(" (%s:%d)", filepath.Base(caller.File), caller.Line)
	}
	if caller.Func == call {
		return at
	}
	return call + " by " + at
}
