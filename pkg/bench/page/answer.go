package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// An answer is what a person sees first.
type answer struct {
	Lead  sentence
	Lines []sentence
	More  string // how many lines are left out
	Note  string // what the lead does not mean
	Cards []card
}

// A card is one number, large.
type card struct {
	Name, Label, Value, Range string
}

// mostLines is how many sentences an answer has.
const mostLines = 5

func (v *view) answer() answer {
	clean, _, _ := v.data.Set.Count()
	switch {
	case len(v.data.Refused) > 0:
		return refusal(v.data.Refused)
	case len(v.data.Set.Runs) == 0:
		return answer{Lead: sentence{Text: "Nothing was measured."}, Note: failedWords(v.data.Set)}
	case clean == 0:
		return answer{
			Lead: sentence{Text: "No run counts."},
			Note: "Something else disturbed each of them, or they were ended early. What they measured all the same is below: a first look, and no result.",
		}
	case v.data.Failure != "" && v.data.Comparison == nil:
		return answer{Lead: sentence{Text: "A and B were not compared."}, Note: upper(v.data.Failure) + "."}
	case v.data.Comparison != nil:
		return v.compared(v.data.Comparison)
	}
	return v.measured()
}

func failedWords(set *bench.Set) string {
	if len(set.Failed) == 0 {
		return "There is no run."
	}
	return fmt.Sprintf("%s: %s", count(len(set.Failed), "failure"), set.Failed[0].Error)
}

// refusal says why there is no comparison.
func refusal(reasons []bench.Reason) answer {
	a := answer{Lead: sentence{Text: "A and B cannot be compared."}, Note: "The numbers of each side are below; a difference between them would not mean what it seems to."}
	for _, r := range reasons {
		a.Lines = append(a.Lines, sentence{Name: shown(r.Key), Text: fmt.Sprintf("%s in A, %s in B: %s", list(r.A), list(r.B), r.Text), Class: "worse"})
	}
	return a
}

func list(values []string) string {
	if len(values) == 0 {
		return "unknown"
	}
	return strings.Join(values, " and ")
}

// compared is the answer of a comparison.
func (v *view) compared(c *bench.Comparison) answer {
	var differ, same []bench.Pair
	better := 0
	for _, p := range c.Pairs {
		switch p.Verdict {
		case bench.Differs:
			differ = append(differ, p)
			if p.Why == "better" {
				better++
			}
		case bench.NotShown:
			same = append(same, p)
		}
	}
	slices.SortStableFunc(differ, func(a, b bench.Pair) int { return largerFirst(a, b) })
	tested := len(differ) + len(same)
	switch {
	case tested == 0:
		return answer{Lead: sentence{Text: "Nothing could be compared."}, Note: untested(c)}
	case len(differ) == 0:
		return v.same(same, runsWords(c))
	case len(differ) == 1:
		a := answer{Lead: v.changeSentence(differ[0])}
		a.Lead.Text += fmt.Sprintf(", shown by %s.", runsWords(c))
		a.Note = restWords(len(same))
		return a
	}
	a := answer{
		Lead: sentence{Text: fmt.Sprintf("%s differs from %s in %d of %s, shown by %s: %s.", v.sides[1], v.sides[0], len(differ), count(tested, "number"), runsWords(c), goodAndBad(better, len(differ)-better))},
		Note: restWords(len(same)),
	}
	for _, p := range differ[:min(len(differ), mostLines)] {
		a.Lines = append(a.Lines, v.changeSentence(p))
	}
	if left := len(differ) - mostLines; left > 0 {
		a.More = fmt.Sprintf("and %d more that differ, in the table below", left)
	}
	return a
}

func goodAndBad(better, worse int) string {
	switch {
	case better+worse == 2 && better == 0:
		return "both worse"
	case better+worse == 2 && worse == 0:
		return "both better"
	case better == 0:
		return fmt.Sprintf("all %d worse", worse)
	case worse == 0:
		return fmt.Sprintf("all %d better", better)
	}
	return fmt.Sprintf("%d better, %d worse", better, worse)
}

func restWords(same int) string {
	switch same {
	case 0:
		return ""
	case 1:
		return "For the other number no difference is shown. That is not to say that there is none."
	}
	return fmt.Sprintf("For the other %d numbers no difference is shown. That is not to say that there is none.", same)
}

// runsWords is by how many runs something is shown.
func runsWords(c *bench.Comparison) string {
	if c.A.Clean == c.B.Clean {
		return fmt.Sprintf("%s each", count(c.A.Clean, "clean run"))
	}
	return fmt.Sprintf("%d and %s", c.A.Clean, count(c.B.Clean, "clean run"))
}

// same is the answer where nothing differs: what the runs leave open.
func (v *view) same(pairs []bench.Pair, runs string) answer {
	a := answer{
		Lead: sentence{Text: fmt.Sprintf("No difference between %s and %s is shown in %s, by %s.", v.sides[0], v.sides[1], compareWords(len(pairs)), runs)},
		Note: "That is not to say that there is none: a change within these intervals would not be seen.",
	}
	open := leftOpen(pairs)
	for _, c := range open[:min(len(open), mostLines)] {
		a.Lines = append(a.Lines, sentence{Name: v.all.called(c.pair.A.Probe, rowName(c.pair.A)), Text: fmt.Sprintf("a change from %s to %s is left open", signed(c.lo), signed(c.hi))})
	}
	if left := len(open) - mostLines; left > 0 {
		a.More = fmt.Sprintf("and less in %d more", left)
	}
	if len(open) == 0 {
		a.Note = "That is not to say that there is none."
	}
	return a
}

// leftOpen is which changes the runs do not exclude, the largest first.
func leftOpen(pairs []bench.Pair) (list []change) {
	for _, p := range pairs {
		if lo, hi, ok := p.Interval(confidence); ok && lo < hi {
			list = append(list, change{p, lo, hi, ok})
		}
	}
	slices.SortStableFunc(list, func(a, b change) int {
		return cmp.Compare(max(-b.lo, b.hi), max(-a.lo, a.hi))
	})
	return list
}

func compareWords(n int) string {
	if n == 1 {
		return "the one number that is compared"
	}
	return fmt.Sprintf("any of the %d numbers that are compared", n)
}

// untested says why no row has a verdict: what most of them say.
func untested(c *bench.Comparison) string {
	for _, p := range c.Pairs {
		if p.Verdict == bench.TooFewRuns {
			return "Of each side there were too few clean runs: " + p.Why + "."
		}
	}
	if len(c.Pairs) > 0 {
		return c.Pairs[0].A.Name + ": " + c.Pairs[0].Why + "."
	}
	return "A and B have no number in common."
}
