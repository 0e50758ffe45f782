package page

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A level is how much a point takes from what the numbers are worth.
type level string

const (
	fine level = "fine"
	note level = "note"
	care level = "care"
	bad  level = "bad"
)

// A remark is one reason to believe the numbers, or not to.
type remark struct {
	Level level
	Text  string
}

// Word is the level for those who see no colours.
func (r remark) Word() string {
	return map[level]string{fine: "Good", note: "Note", care: "Care", bad: "Bad"}[r.Level]
}

// A belief is all of them together.
type belief struct {
	Level   level
	Text    string
	Remarks []remark
}

func newBelief(remarks []remark) belief {
	b := belief{Level: fine, Text: "Nothing here speaks against these numbers.", Remarks: remarks}
	n := 0
	for _, r := range remarks {
		switch {
		case r.Level == bad:
			b.Level = bad
		case r.Level == care && b.Level == fine:
			b.Level = care
		}
		if r.Level == care || r.Level == bad {
			n++
		}
	}
	switch b.Level {
	case care:
		b.Text = fmt.Sprintf("Read these numbers with care, for %s.", count(n, "reason"))
	case bad:
		b.Text = fmt.Sprintf("Do not build on these numbers, for %s.", count(n, "reason"))
	}
	slices.SortStableFunc(b.Remarks, func(x, y remark) int { return rank(x.Level) - rank(y.Level) })
	return b
}

func rank(l level) int {
	return slices.Index([]level{bad, care, fine, note}, l)
}

// remarks are what the runs themselves say.
func (v *view) remarks() (list []remark) {
	say := func(l level, format string, args ...any) {
		list = append(list, remark{l, fmt.Sprintf(format, args...)})
	}
	set := v.data.Set
	clean, others, warm := v.kinds()
	switch all := clean + others; {
	case all == 0:
		say(bad, "There is no run.")
	case clean == 0:
		say(bad, "%s: %s.", noneWords(all), causes(set))
	case others == 0:
		say(fine, "Nothing disturbed any of the %s.", count(all, "run"))
	case clean < others:
		say(care, "%d of %d runs count: %s. A machine this busy may have touched the others as well.", clean, all, causes(set))
	default:
		say(fine, "%d of %d runs count; the others were disturbed and are not in any number: %s.", clean, all, causes(set))
	}
	if warm > 0 {
		say(note, "%s before them only warmed up.", count(warm, "run"))
	}
	v.fewRuns(say)
	if n := len(set.Failed); n > 0 {
		say(care, "%s did not measure. The first: %s", count(n, "process"), set.Failed[0].Error)
	}
	if set.Partial {
		say(care, "The measurement was ended early: these are not all runs.")
	}
	if v.all.noNumbers > 0 {
		say(care, "%s no number (NaN or infinite), and in no picture.", areWords(v.all.noNumbers))
	}
	if c := v.data.Comparison; c != nil {
		for _, r := range c.Reasons {
			say(bad, "The comparison was forced. %s", r)
		}
		for _, w := range c.Warnings {
			say(care, "%s.", upper(w))
		}
	}
	return list
}

// upper makes the begin of a sentence of a text that is none.
func upper(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".")
}

func areWords(n int) string {
	if n == 1 {
		return "1 value is"
	}
	return fmt.Sprintf("%d values are", n)
}

// kinds counts the runs: those that count, those that do not, and those that were
// only there to warm up.
func (v *view) kinds() (clean, others, warm int) {
	for _, r := range v.data.Set.Runs {
		switch {
		case r.Clean():
			clean++
		case r.WarmsUp():
			warm++
		default:
			others++
		}
	}
	return clean, others, warm
}

func noneWords(all int) string {
	if all == 1 {
		return "The one run does not count"
	}
	return fmt.Sprintf("None of %d runs counts", all)
}

// fewRuns says where there are too few runs for what the numbers are to show.
func (v *view) fewRuns(say func(level, string, ...any)) {
	least := -1
	for _, f := range v.all.figures {
		for _, l := range f.lanes {
			if n := len(l.counted()); n > 0 && (least < 0 || n < least) {
				least = n
			}
		}
	}
	switch {
	case least >= 0 && least < 6:
		say(care, "Some numbers are of %s only: an interval needs 6, a comparison 10.", count(least, "clean run"))
	case least >= 6 && least < 10 && v.data.Comparison != nil:
		say(care, "Some numbers are of %s a side: a comparison needs 10.", count(least, "clean run"))
	}
}

// causes are what disturbed the runs, in words, the most frequent first.
func causes(set *bench.Set) string {
	names, counts := []string{}, make(map[string]int)
	add := func(cause string) {
		if counts[cause] == 0 {
			names = append(names, cause)
		}
		counts[cause]++
	}
	for _, r := range set.Runs {
		if r.WarmsUp() {
			continue
		}
		for _, m := range r.Marks {
			add(causeWords(m.Cause))
		}
		if r.Partial {
			add("ended early")
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	for i, n := range names {
		names[i] = fmt.Sprintf("%s (%d)", n, counts[n])
	}
	return strings.Join(names, ", ")
}

// causeWords is what a mark means.
func causeWords(cause string) string {
	switch cause {
	case bench.Warmup:
		return "warming up"
	case bench.RunDelay:
		return "had to wait for a CPU"
	case bench.Steal:
		return "the hypervisor ran somebody else"
	case bench.Pressure:
		return "other threads waited for a CPU"
	case bench.Throttled:
		return "out of its share of CPU time"
	case bench.Suspend:
		return "the machine slept"
	case bench.ClockSet:
		return "somebody set the clock"
	case bench.ClockBack:
		return "the clock ran backwards"
	case bench.Nivcsw:
		return "lost the CPU far more often than other runs"
	}
	return cause
}
