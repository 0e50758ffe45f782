package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// style is what the terminal can show.
func (a *app) style() bench.Style {
	style := bench.Style{ASCII: !a.utf8()}
	if f, ok := a.std.out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			style.Width = min(width, 100)
		}
	}
	return style
}

// utf8 reports whether the locale has more than ASCII, as setlocale(3) decides it.
func (a *app) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(a.env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// page is a set for people: the table, pictures, and what a reader must know.
func (a *app) page(set *bench.Set, l *launcher, m *measurement) string {
	style := a.style()
	var b strings.Builder
	b.WriteString(set.Table(style))
	for _, config := range configs(set) {
		of := set.Of(config.Probe, config.Name)
		if t := l.tasks[config]; !t.once {
			b.WriteString(pictures(of, style, m.pictures))
		}
		if run := shown(of); l.pages[run] != "" {
			fmt.Fprintf(&b, "\n%s", l.pages[run])
		}
		b.WriteString(a.summary(of, style))
		b.WriteString(leftOut(of.Runs[len(of.Runs)-1]))
	}
	b.WriteString(disturbances(set.Runs, style))
	b.WriteString(tooFew(set, l))
	return b.String()
}

// summary is what the clean runs of a configuration say together; where there are
// none, all of them: the page has said so.
func (a *app) summary(of *bench.Set, style bench.Style) string {
	runs := slices.DeleteFunc(slices.Clone(of.Runs), func(r *bench.Run) bool { return !r.Clean() })
	if len(runs) == 0 {
		runs = of.Runs
	}
	for _, p := range a.probes {
		if p.name == runs[0].Probe && p.summary != nil {
			if text := p.summary(runs, style); text != "" {
				return "\n" + text
			}
		}
	}
	return ""
}

func configs(set *bench.Set) (list []bench.Config) {
	for _, r := range set.Runs {
		if c := (bench.Config{Probe: r.Probe, Name: r.Config}); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// shown is the run that stands for the others in a picture: of the clean ones that
// with the middle p50 of the first headline, else the last. Samples of several runs
// do not go into one picture.
func shown(of *bench.Set) *bench.Run {
	clean := slices.DeleteFunc(slices.Clone(of.Runs), func(r *bench.Run) bool { return !r.Clean() })
	if len(clean) == 0 {
		return of.Runs[len(of.Runs)-1]
	}
	slices.SortStableFunc(clean, func(a, b *bench.Run) int { return int(middle(a) - middle(b)) })
	return clean[(len(clean)-1)/2]
}

func middle(r *bench.Run) int64 {
	if h := headlines(r); len(h) > 0 {
		return h[0].Quantile(0.5)
	}
	return 0
}

// hasNumbers reports whether a run has measured anything.
func hasNumbers(r *bench.Run) bool {
	return len(r.Series) > 0 || slices.ContainsFunc(r.Values, func(v bench.Value) bool { return !strings.HasPrefix(v.Name, "Watch/") })
}

func headlines(r *bench.Run) (list []bench.Series) {
	for _, s := range r.Series {
		if s.Role == bench.Headline && len(s.Samples) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// pictures shows one run of a configuration. Where no run was clean, all its numbers
// are shown, too: the table has none.
func pictures(of *bench.Set, style bench.Style, all bool) string {
	var b strings.Builder
	run := shown(of)
	what := "the run in the middle"
	if clean, _, _ := of.Count(); clean == 0 && !hasNumbers(run) {
		return ""
	} else if clean == 0 {
		what = "one run, NOT clean"
		fmt.Fprintf(&b, "\nNo run of %s was clean. This is the last one, for a first look:\n%s", bench.Config{Probe: run.Probe, Name: run.Config}, essence(run).Table(style))
	} else if clean == 1 {
		what = "the only clean run"
	}
	list := headlines(run)
	if !all && len(list) > 1 {
		list = list[:1]
	}
	for _, s := range list {
		fmt.Fprintf(&b, "\n%s, %s:\n%s", s.Name, what, s.Histogram(style))
		if s.Note != "" {
			fmt.Fprintf(&b, "%s\n", s.Note)
		}
	}
	return b.String()
}

// without is in the middle of the keys that say why something was not measured.
const without = "-without-"

// leftOut says what could not be measured here, and why.
func leftOut(run *bench.Run) string {
	var b strings.Builder
	for _, k := range run.Env {
		if _, what, ok := strings.Cut(k.Name, without); ok {
			if b.Len() == 0 {
				b.WriteString("\nNot measured:\n")
			}
			fmt.Fprintf(&b, "  %s: %s\n", what, k.Value)
		}
	}
	return b.String()
}

// essence is a run without what explains its headlines: they, and what is the least
// that could be measured. One without headlines is all of it.
func essence(r *bench.Run) *bench.Run {
	e := *r
	if len(headlines(r)) == 0 {
		return &e
	}
	e.Series, e.Values = headlines(r), nil
	for i := range e.Series {
		e.Series[i].Note = ""
	}
	for _, v := range r.Values {
		if v.Role == bench.Headline || v.Role == bench.Floor {
			e.Values = append(e.Values, v)
		}
	}
	return &e
}

// causes are the marks in words.
var causes = map[string]string{
	bench.RunDelay:  "our threads were ready to run, and other programs had the CPU",
	bench.Steal:     "the hypervisor gave the CPU to another machine",
	bench.Pressure:  "programs waited for a CPU that others had",
	bench.Throttled: "the control group was out of CPU time",
	bench.Suspend:   "the machine slept",
	bench.ClockSet:  "somebody set the clock",
	bench.ClockSlew: "somebody steered the clock, so that its seconds were no seconds",
	bench.Nivcsw:    "the kernel took the CPU from our threads far more often than in the other runs",
	outOfMemory:     "the kernel has killed programs, as there was no more memory for them",
	bench.ClockBack: "the monotonic clock ran backwards",
}

// disturbances says what the marks of all runs mean, the most frequent first.
func disturbances(runs []*bench.Run, style bench.Style) string {
	worst, count := make(map[string]bench.Mark), make(map[string]int)
	runs = slices.DeleteFunc(slices.Clone(runs), (*bench.Run).WarmsUp)
	for _, r := range runs {
		for _, m := range r.Marks {
			if count[m.Cause]++; m.Value >= worst[m.Cause].Value {
				worst[m.Cause] = m
			}
		}
	}
	var names []string
	for name := range worst {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	for i, name := range names {
		if i == 0 {
			b.WriteString("\nDisturbed runs are not counted. What disturbed them, and the worst of it:\n")
		}
		m := worst[name]
		fmt.Fprintf(&b, "  %s in %d of %d runs, up to %.4g %s where %.4g is the limit: %s\n", name, count[name], len(runs), m.Value, m.Unit, m.Limit, causes[name])
	}
	return b.String()
}

// tooFew says what the numbers are not good for.
func tooFew(set *bench.Set, l *launcher) string {
	least := usualRuns
	for _, c := range configs(set) {
		if clean, _, _ := set.Of(c.Probe, c.Name).Count(); !l.tasks[c].once {
			least = min(least, clean)
		}
	}
	switch {
	case least >= usualRuns:
		return ""
	case least >= leastRuns:
		return fmt.Sprintf("\nWith less than %d clean runs of each, compare says of nothing that it differs.\n", usualRuns)
	}
	return fmt.Sprintf("\nThis is a first look. A 95 %% interval needs %d clean runs, and compare %d: runs of one\nprogram differ by more than the samples within one.\n", leastRuns, usualRuns)
}
