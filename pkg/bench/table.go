package bench

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// A page is text with tables in it.
type page struct {
	text  strings.Builder
	table *tabwriter.Writer
	style Style
}

func newPage(style Style) *page { return &page{style: style} }

// line ends a table, if there is one, and adds a line of text.
func (p *page) line(format string, args ...any) {
	p.flush()
	fmt.Fprintln(&p.text, p.style.text(fmt.Sprintf(format, args...)))
}

// row adds a row to a table.
func (p *page) row(cells ...string) {
	if p.table == nil {
		p.table = tabwriter.NewWriter(&p.text, 0, 0, 2, ' ', 0)
	}
	fmt.Fprintln(p.table, p.style.text(strings.Join(cells, "\t")))
}

func (p *page) flush() {
	if p.table != nil {
		p.table.Flush()
		p.table = nil
	}
}

// String is the text without blanks at the ends of lines.
func (p *page) String() string {
	p.flush()
	var out strings.Builder
	for line := range strings.Lines(p.text.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

// Table is a run as a table, and below it what a reader must know.
func (r *Run) Table(style Style) string {
	p := newPage(style)
	p.row("", "p50", "p95", "p99", "p99 is within", "p99.9", "max", "samples")
	for _, s := range r.Series {
		if s.size() == 0 {
			p.row(s.Name, "no samples")
			continue
		}
		cells := []string{s.Name}
		for _, k := range s.summary() {
			if cells = append(cells, style.Number(float64(k.Value), s.Unit)); k.Q == 0.99 {
				cells = append(cells, s.within(k.Q, style))
			}
		}
		p.row(append(cells, fmt.Sprint(s.size()))...)
	}
	p.flush()
	p.values(r.Values)
	for _, s := range r.Series {
		if s.Note != "" {
			p.line("%s: %s", s.Name, s.Note)
		}
	}
	if r.Partial {
		p.line("ended early: this is not the whole run")
	}
	for _, m := range r.Marks {
		p.line("disturbed: %s", m)
	}
	return p.String()
}

// within is the 95 % interval of a quantile, as a table has it.
func (s Series) within(q float64, style Style) string {
	lo, hi, ok := s.Interval(q, 0.95)
	if !ok {
		return "-"
	}
	return style.Number(float64(lo), s.Unit) + " to " + style.Number(float64(hi), s.Unit)
}

func (p *page) values(values []Value) {
	for _, v := range values {
		if !strings.HasPrefix(v.Name, watched) {
			p.row(v.Name, p.style.Number(v.Number, v.Unit))
		}
	}
}

func (m Mark) String() string {
	return fmt.Sprintf("%s %.4g %s (limit %.4g)", m.Cause, m.Value, m.Unit, m.Limit)
}

// Table is the medians over the clean runs of a set, each with its interval, and
// how many runs of each kind there are.
func (s *Set) Table(style Style) string {
	p := newPage(style)
	rows := s.Rows()
	for _, group := range groups(s) {
		config := Config{group[0].Probe, group[0].Config}
		p.line("%s: %s runs", config, s.Of(config.Probe, config.Name).Tally())
		var cells []string
		for i, row := range rows {
			if row.Probe != config.Probe || row.Config != config.Name {
				continue
			}
			if i == 0 || !row.continues(rows[i-1]) {
				cells = []string{"  " + row.Name}
			}
			cells = append(cells, strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(row.Metric, row.Unit), "-")+" "+row.text(style)))
			if i+1 == len(rows) || !rows[i+1].continues(row) {
				p.row(cells...)
			}
		}
		p.flush()
	}
	for _, f := range s.Failed {
		p.line("failed: %s: %s", Config{f.Probe, f.Config}, f.Error)
	}
	if s.Partial {
		p.line("ended early: these are not all runs")
	}
	return p.String()
}

// continues reports whether a row is one line with the one before it: the next quantile
// of a series, or another unit of what has a number in several.
func (r Row) continues(before Row) bool {
	same := r.Probe == before.Probe && r.Config == before.Config && r.Name == before.Name
	return same && (r.Quantile > before.Quantile || r.Quantile == 0 && before.Quantile == 0)
}

// text is the median and how far its interval goes: "107.0µs ±6 %".
func (r Row) text(style Style) string {
	return r.Estimate.text(style, r.Unit)
}

func (e Estimate) text(style Style, unit string) string {
	around := "∞"
	switch {
	case e.Confidence > 0 && e.Lo == e.Hi: // no allocation is none in each run
		around = "0 %"
	case e.Confidence > 0 && e.Center != 0:
		around = fmt.Sprintf("%.0f %%", 100*math.Max(e.Hi/e.Center-1, 1-e.Lo/e.Center))
	}
	return style.Number(e.Center, unit) + " ±" + around
}

// Table is the comparison as a table. Why it should not have been made comes first.
func (c *Comparison) Table(style Style) string {
	p := newPage(style)
	for _, r := range c.Reasons {
		p.line("NOT COMPARABLE: %s", r)
	}
	p.line("first: %s runs; second: %s runs", c.A, c.B)
	p.row("", "", "first", "second", "delta", "A/A", "p (Holm)", "")
	left := 0
	for _, pair := range c.Pairs {
		if pair.Verdict == NotCompared && !strings.Contains(pair.Why, "samples a run") {
			left++
			continue
		}
		p.row(pair.A.Name, pair.A.Metric, pair.A.text(style), pair.B.text(style), pair.Change(), "±"+percent(pair.AA)[1:], pair.chance(),
			fmt.Sprintf("%s: %s", pair.Verdict, pair.Why))
	}
	if tested, differ := c.counts(); tested > 0 {
		p.line("%d rows are compared, %d differ", tested, differ)
	}
	if left > 0 {
		p.line("%d rows more are not compared: diagnostics, and quantiles that a few samples decide", left)
	}
	for _, w := range c.Warnings {
		p.line("%s", w)
	}
	return p.String()
}

// counts are how many rows have a verdict, and how many differ.
func (c *Comparison) counts() (tested, differ int) {
	for _, p := range c.Pairs {
		if p.Verdict == Differs {
			differ++
		}
		if p.Verdict == Differs || p.Verdict == NotShown {
			tested++
		}
	}
	return tested, differ
}

// chance is the corrected p-value, if there is one.
func (p Pair) chance() string {
	switch {
	case p.Verdict != Differs && p.Verdict != NotShown:
		return "-"
	case p.PHolm < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p.PHolm)
}
