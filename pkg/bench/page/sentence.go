package page

import (
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A sentence is about something with a name that may be of any script and length.
type sentence struct {
	Name  string
	Text  string
	Class string // "better", "worse", or nothing
}

// changeSentence says by how much the second side differs: "B takes 12 % longer (95 %
// interval 9.1 to 15 %)".
func (v *view) changeSentence(p bench.Pair) sentence {
	s := sentence{Name: v.all.called(p.A.Probe, p.A.Name), Class: p.Why, Text: v.sides[1] + " " + verb(p)}
	if lo, hi, ok := p.Interval(confidence); ok && lo < hi { // where it is the same in each run there is none
		s.Text += " (95\u00a0% interval " + interval(lo, hi) + ")"
	}
	return s
}

// interval is that of a change. Where all of it goes one way, the words before it
// have said which.
func interval(lo, hi float64) string {
	switch {
	case lo >= 0 && hi >= 0:
		return digits(lo) + " to " + percent(hi)
	case lo <= 0 && hi <= 0:
		return digits(hi) + " to " + percent(lo)
	}
	return signed(lo) + " to " + signed(hi)
}

// verb is what a side does, in the words of its unit.
func verb(p bench.Pair) string {
	size, more := percent(p.Delta), p.Delta > 0
	if fromNothing(p) {
		return fmt.Sprintf("has %s, where there were 0", number(p.B.Center, p.B.Unit))
	}
	word := func(up, down string) string {
		if more {
			return up
		}
		return down
	}
	switch base := strings.TrimSuffix(p.A.Unit, "/op"); {
	case base == "ns" && p.A.Quantile > 0:
		return word("takes "+size+" longer at "+quantileWord(p.A), "takes "+size+" less time at "+quantileWord(p.A))
	case base == "ns":
		return word("takes "+size+" longer", "takes "+size+" less time")
	case p.A.Unit == "B/op":
		return word("allocates "+size+" more bytes", "allocates "+size+" fewer bytes")
	case p.A.Unit == "allocs/op":
		return word("allocates "+size+" more often", "allocates "+size+" less often")
	case base == "B":
		return word("uses "+size+" more memory", "uses "+size+" less memory")
	}
	return word("has "+size+" more "+p.A.Unit, "has "+size+" fewer "+p.A.Unit)
}

func quantileWord(r bench.Row) string {
	return strings.TrimSuffix(r.Metric, "-"+r.Unit)
}

// valueSentence says what one number is: "takes 107.0 µs (95 % interval 98.0 to 113 µs)".
func (v *view) valueSentence(f *figure, l *lane) sentence {
	text := "is " + number(l.estimate.Center, f.unit)
	if strings.HasPrefix(f.unit, "ns") {
		text = "takes " + number(l.estimate.Center, f.unit)
	}
	if f.quantile > 0 {
		text = f.label() + " is " + number(l.estimate.Center, f.unit)
	} else if !strings.HasPrefix(f.unit, "ns") && f.unit != "B" {
		text = "has " + number(l.estimate.Center, f.unit)
	}
	return sentence{Name: v.all.called(f.probe, f.name), Text: text + ", " + estimateWords(f, l)}
}

// estimateWords are how sure that is.
func estimateWords(f *figure, l *lane) string {
	n := len(l.counted())
	if l.estimate.Confidence == 0 {
		return fmt.Sprintf("the middle of %s, too few for an interval", count(n, "clean run"))
	}
	return fmt.Sprintf("the median of %s (%.0f %% interval %s to %s)", count(n, "clean run"), 100*l.estimate.Confidence-0.5, number(l.estimate.Lo, f.unit), number(l.estimate.Hi, f.unit))
}
