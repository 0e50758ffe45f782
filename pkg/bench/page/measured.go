package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// measured is the answer where there is one side only: the numbers themselves.
func (v *view) measured() answer {
	heads := v.headlines()
	if len(heads) == 0 {
		return answer{Lead: sentence{Text: "There is no number that is a result."}, Note: "What was measured explains others; all of it is below."}
	}
	if len(heads) == 1 {
		for _, l := range heads[0].lanes {
			if len(l.counted()) > 0 {
				s := v.valueSentence(heads[0], l)
				s.Text += "."
				return answer{Lead: s}
			}
		}
	}
	tally := v.data.Set.Tally()
	a := answer{Lead: sentence{Text: fmt.Sprintf("The medians of %s, each with its 95\u00a0%% interval.", count(tally.Clean, "clean run"))}}
	// What is the same in each run, such as 0 allocations, is not what was asked.
	if changing := slices.DeleteFunc(slices.Clone(heads), (*figure).constant); len(changing) > 0 {
		a.More = moreWords(len(heads) > len(changing))
		heads = changing
	}
	for _, f := range heads {
		for _, l := range f.lanes {
			if len(l.counted()) == 0 {
				continue
			}
			if len(a.Cards) == 6 {
				a.More = moreWords(true)
				return a
			}
			a.Cards = append(a.Cards, v.card(f, l))
		}
	}
	return a
}

func moreWords(more bool) string {
	if more {
		return "All of them are in the table below."
	}
	return ""
}

func (v *view) card(f *figure, l *lane) card {
	c := card{Name: v.all.called(f.probe, f.name), Label: f.label(), Value: number(l.estimate.Center, f.unit), Range: "no interval: too few clean runs"}
	if len(f.lanes) > 1 {
		c.Name += " · " + v.name(l.config)
	}
	if l.estimate.Confidence > 0 {
		c.Range = number(l.estimate.Lo, f.unit) + " to " + number(l.estimate.Hi, f.unit)
	}
	return c
}

// headlines are the figures that people mean by the name: times before all else, and
// of a series the middle and the tail.
func (v *view) headlines() (list []*figure) {
	for _, first := range []bool{true, false} {
		for _, f := range v.all.figures {
			time := strings.HasPrefix(f.unit, "ns") && (f.quantile == 0 || f.quantile == 0.5)
			if f.role != bench.Headline && f.role != "" || time != first || f.quantile != 0 && f.quantile != 0.5 && f.quantile != 0.99 {
				continue
			}
			if slices.ContainsFunc(f.lanes, func(l *lane) bool { return len(l.counted()) > 0 }) {
				list = append(list, f)
			}
		}
	}
	return list
}
