package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// evidencePage is evidence for people: the answer first, then what it is worth.
func (a *app) evidencePage(ev *evidence) string {
	style := a.style()
	var b strings.Builder
	for _, s := range ev.sides {
		if s.name != "" {
			fmt.Fprintf(&b, "%s: %s\n", s.name, s)
		}
	}
	if c := ev.comparison; c != nil {
		b.WriteString("A is the first, B the second.\n\n")
		b.WriteString(c.Table(style))
		b.WriteString(c.Answer())
		for _, f := range ev.set.Failed {
			fmt.Fprintf(&b, "failed: %s: %s\n", bench.Config{Probe: f.Probe, Name: f.Config}, f.Error)
		}
	} else {
		if ev.refused != nil {
			fmt.Fprintf(&b, "There is no comparison: %v\n\n", ev.refused)
		}
		b.WriteString(essential(ev.set).Table(style))
	}
	b.WriteString(notClean(ev.set, style))
	if len(ev.left) > 0 {
		fmt.Fprintf(&b, "without such a benchmark: %s\n", strings.Join(ev.left, ", "))
	}
	b.WriteString(disturbances(ev.set.Runs, style))
	b.WriteString(countedFoot(ev.set, style))
	b.WriteString(preparedFoot(ev.prepared))
	b.WriteString(sandboxFoot(ev, style))
	b.WriteString(tooFew(ev.set, new(launcher)))
	return b.String()
}

// essential is a set without what explains its headlines.
func essential(set *bench.Set) *bench.Set {
	out := *set
	out.Runs = nil
	for _, r := range set.Runs {
		run := *r
		run.Values = nil
		for _, v := range r.Values {
			if v.Role == bench.Headline {
				run.Values = append(run.Values, v)
			}
		}
		out.Runs = append(out.Runs, &run)
	}
	return &out
}

// notClean is what the disturbed runs of those say together that have no others.
func notClean(set *bench.Set, style bench.Style) string {
	rest := new(bench.Set)
	for _, c := range configs(set) {
		of := set.Of(c.Probe, c.Name)
		if clean, _, _ := of.Count(); clean > 0 {
			continue
		}
		for _, r := range of.Runs {
			if run := *r; !r.Partial && !r.WarmsUp() {
				run.Marks = nil
				rest.Runs = append(rest.Runs, &run)
			}
		}
	}
	if len(rest.Runs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nNo run of these was clean. What the disturbed ones say together, for a first look:\n")
	for line := range strings.Lines(essential(rest).Table(style)) {
		if name, _, ok := strings.Cut(line, ": "); ok && strings.HasSuffix(line, " runs\n") {
			line = name + ", NOT clean:\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// sandboxFoot says what the limits really were.
func sandboxFoot(ev *evidence, style bench.Style) string {
	r := ev.sandbox
	if r.Rung == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nsandbox: %s\n", r.Rung)
	for _, e := range append(r.Limits, r.Settings...) {
		if e.Requested == "" {
			continue
		}
		asked, got := effectText(e, e.Requested, style), effectText(e, e.Effective, style)
		switch {
		case e.Missing():
			fmt.Fprintf(&b, "  %s: %s was asked for, and NOT to be had: %s\n", e.Name, asked, e.Note)
		case asked != got:
			fmt.Fprintf(&b, "  %s: %s was asked for, it is %s, by %s\n", e.Name, asked, got, e.By)
		default:
			fmt.Fprintf(&b, "  %s: %s, by %s\n", e.Name, got, e.By)
		}
	}
	if len(r.Missing()) > 0 {
		for _, t := range r.Tried {
			fmt.Fprintf(&b, "  not %s: %s\n", t.Rung, t.Why)
		}
	}
	return b.String() + throttledText(ev)
}

// effectText is a value of a limit in its unit.
func effectText(e sandbox.Effect, value string, style bench.Style) string {
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil:
	case e.Name == "memory" || e.Name == "swap":
		return style.Number(n, "B")
	case e.Name == "timer-slack":
		return style.Number(n, "ns")
	case e.Name == "cpu":
		return cpuText(n)
	}
	return value
}

// cpuText is CPU time as a person says it.
func cpuText(cpus float64) string {
	if cpus <= 1 {
		return fmt.Sprintf("%g %% of a CPU", 100*cpus)
	}
	return fmt.Sprintf("%g CPUs", cpus)
}

// throttledText is for how much of the time the limit of CPU time held the program
// back.
func throttledText(ev *evidence) string {
	if e, ok := effect(ev.sandbox.Limits, "cpu"); !ok || e.Requested == "" {
		return ""
	}
	least, most := math.Inf(1), 0.0
	for i, u := range ev.usage {
		if i >= len(ev.set.Runs) || ev.set.Runs[i].Wall <= 0 || u.CPUTime == 0 {
			continue
		}
		part := 100 * u.Throttled.Seconds() / ev.set.Runs[i].Wall.Seconds()
		least, most = min(least, part), max(most, part)
	}
	if most == 0 {
		return ""
	}
	return fmt.Sprintf("  that limit held it back for %.0f to %.0f %% of the time\n", least, most)
}
