package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A report is all that was measured. It prints Markdown.
type report struct {
	opts    options
	facts   facts
	machine string
	lanes   []*lane
	steps   []*step
	starts  []*start
}

// full is the report for docs/performance.md.
func (r *report) full() string {
	var b strings.Builder
	r.preface(&b)
	for _, l := range r.lanes {
		fmt.Fprintf(&b, "\n%s: %s.\n\n", strings.ToUpper(l.name[:1])+l.name[1:], l.what)
		l.table(&b)
	}
	fmt.Fprintf(&b, "\nParts of the work on the tarball, each done alone on one core, %d runs:\n\n", len(r.steps[0].runs))
	b.WriteString("| step | median (min to max), ms |\n| --- | --- |\n")
	for _, s := range r.steps {
		fmt.Fprintf(&b, "| %s | %s |\n", s.name, spread(s.runs, millis, "%.0f"))
	}
	fmt.Fprintf(&b, "\nStarts, %d runs:\n\n", r.opts.starts)
	r.startTable(&b)
	return b.String()
}

// short is the report for README.md.
func (r *report) short() string {
	var b strings.Builder
	b.WriteString("| install of | by | wall time, ours to theirs | aim |\n| --- | --- | --- | --- |\n")
	for _, l := range r.lanes {
		for _, w := range l.ways[1:] {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.name, w.name, l.ratio(w), w.aims)
		}
	}
	b.WriteString("\n")
	r.startTable(&b)
	b.WriteString("\n")
	r.preface(&b)
	return b.String()
}

func (r *report) preface(b *strings.Builder) {
	fmt.Fprintf(b, "Medians of %d rounds, with (min to max); a ratio is of two runs of one round. Go %s.\n%s.\n",
		r.opts.rounds, r.facts.Version, r.machine)
}

func (l *lane) table(b *strings.Builder) {
	b.WriteString("| by | wall, s | CPU, s | peak memory, MB | ours to this | aim |\n| --- | --- | --- | --- | --- | --- |\n")
	for i, w := range l.ways {
		ratio := "1"
		if i > 0 {
			ratio = l.ratio(w)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", w.name,
			spread(w.runs, func(s sample) float64 { return s.wall.Seconds() }, "%.2f"),
			spread(w.runs, func(s sample) float64 { return s.cpu.Seconds() }, "%.2f"),
			spread(w.runs, func(s sample) float64 { return float64(s.peak) / 1e6 }, "%.0f"),
			ratio, w.aims)
	}
}

// ratio is that of our wall time to w's, round by round.
func (l *lane) ratio(w *way) string {
	var ratios []float64
	for i, ours := range l.ways[0].runs {
		ratios = append(ratios, ours.wall.Seconds()/w.runs[i].wall.Seconds())
	}
	return spread(ratios, func(r float64) float64 { return r }, "%.2f")
}

func (r *report) startTable(b *strings.Builder) {
	b.WriteString("| start of | median (min to max), ms | at most |\n| --- | --- | --- |\n")
	for _, s := range r.starts {
		fmt.Fprintf(b, "| %s | %s | %s |\n", s.name, spread(s.runs, millis, "%.1f"), s.aim)
	}
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }

// spread is "median (min to max)".
func spread[T any](all []T, value func(T) float64, format string) string {
	values := make([]float64, len(all))
	for i, v := range all {
		values[i] = value(v)
	}
	slices.SortFunc(values, cmp.Compare)
	n := len(values)
	median := (values[(n-1)/2] + values[n/2]) / 2
	return fmt.Sprintf(format+" ("+format+" to "+format+")", median, values[0], values[n-1])
}

const (
	beginMark = "<!-- bench:begin -->"
	endMark   = "<!-- bench:end -->"
)

// write puts the reports between the markers of two documents. One that does not
// exist or has no markers is left alone.
func (r *report) write(full, short string) error {
	for name, text := range map[string]string{full: r.full(), short: r.short()} {
		data, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		before, rest, ok := strings.Cut(string(data), beginMark)
		_, after, ended := strings.Cut(rest, endMark)
		if !ok || !ended {
			fmt.Fprintf(os.Stderr, "bench: %s has no markers and stays as it is\n", name)
			continue
		}
		data = []byte(before + beginMark + "\n" + text + endMark + after)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
