package bench

import (
	"errors"
	"fmt"
	"strings"
)

// Options are how [Compare] compares. The zero value is what benchmarking asks for.
type Options struct {
	// Force compares what is not [Comparable]. The reasons are part of the result.
	Force bool
	// MinRuns is how many clean runs each side must have for a verdict; 0 is 10. Less
	// than 4 are too few for any (p is 0.1 at best).
	MinRuns int
	// Effect is the least difference that is called one; 0 is 0.05, 5 %.
	Effect float64
	// Alpha is how often one may be called so by chance, over all rows; 0 is 0.05.
	Alpha float64
}

func (o Options) withDefaults() Options {
	if o.MinRuns == 0 {
		o.MinRuns = 10
	}
	o.MinRuns = max(o.MinRuns, 4)
	if o.Effect == 0 {
		o.Effect = 0.05
	}
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	return o
}

// A Pair is a row of both sets.
type Pair struct {
	A Row `json:"a"`
	B Row `json:"b"`
	// Delta is by which part B is above A: 0.1 for a tenth. It is 0 where A is.
	Delta float64 `json:"delta"`
	// AA is the A/A row: by how much the odd runs of a set differ from its even ones,
	// of the two sets the larger. Nothing has changed there.
	AA      float64 `json:"a_a"`
	P       float64 `json:"p"`      // by Mann and Whitney
	PHolm   float64 `json:"p_holm"` // corrected for all rows that are compared
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
}

// A Tally is how many runs a set has of each kind.
type Tally struct {
	Clean     int `json:"clean"`
	Disturbed int `json:"disturbed"`
	Partial   int `json:"partial"`
	Failed    int `json:"failed"`
	Warmup    int `json:"warm_up,omitempty"`
}

func (t Tally) String() string {
	text := fmt.Sprintf("%d clean, %d disturbed", t.Clean, t.Disturbed)
	if t.Partial > 0 {
		text += fmt.Sprintf(", %d partial", t.Partial)
	}
	if t.Failed > 0 {
		text += fmt.Sprintf(", %d failed", t.Failed)
	}
	if t.Warmup > 0 {
		text += fmt.Sprintf(", %d warm-up", t.Warmup)
	}
	return text
}

// Tally counts the runs.
func (s *Set) Tally() Tally {
	clean, disturbed, partial := s.Count()
	return Tally{clean, disturbed, partial, len(s.Failed), len(s.Runs) - clean - disturbed - partial}
}

// A Comparison is two sets, row by row.
type Comparison struct {
	A        Tally    `json:"runs_a"`
	B        Tally    `json:"runs_b"`
	Pairs    []Pair   `json:"pairs"`
	Reasons  []Reason `json:"reasons,omitempty"`  // why it should not have been made
	Warnings []string `json:"warnings,omitempty"` // what else a reader must know
}

// An IncomparableError says why two sets are not to be compared.
type IncomparableError struct{ Reasons []Reason }

func (e *IncomparableError) Error() string {
	texts := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		texts[i] = r.String()
	}
	return "the two cannot be compared: " + strings.Join(texts, "; ")
}

// ErrNothingShared says that two sets have no number in common.
var ErrNothingShared = errors.New("the two have nothing in common: no number was measured in both")

// Compare holds the clean runs of b against those of a. A row differs only where
// the corrected p-value is below alpha, and the medians differ by more than the
// least effect and by more than two halves of one set do.
//
// The error is a [*IncomparableError] where [Comparable] has reasons and nobody
// forces it, and [ErrNothingShared] where there is no row.
func Compare(a, b *Set, options Options) (*Comparison, error) {
	options = options.withDefaults()
	for name, set := range map[string]*Set{"first": a, "second": b} {
		if err := set.fit(); err != nil {
			return nil, fmt.Errorf("the %s set %w", name, err)
		}
	}
	reasons := Comparable(a, b)
	if len(reasons) > 0 && !options.Force {
		return nil, &IncomparableError{reasons}
	}
	c := &Comparison{A: a.Tally(), B: b.Tally(), Reasons: reasons}
	if c.pair(a.Rows(), b.Rows()); len(c.Pairs) == 0 {
		return nil, ErrNothingShared
	}
	rows := c.test(options)
	for i := range c.Pairs {
		c.Pairs[i].judge(options, rows)
	}
	c.warn(a, b)
	return c, nil
}

// fit reports why a set cannot be one side of a comparison.
func (s *Set) fit() error {
	if clean, _, _ := s.Count(); clean == 0 {
		return fmt.Errorf("has no clean run: %s", s.Tally())
	}
	return nil
}

// pair finds the rows that both have. Where each side has one configuration of a
// probe, their names may differ: that is what is compared.
func (c *Comparison) pair(a, b []Row) {
	anyName := renamed(a, b)
	key := func(row Row) rowKey {
		if anyName[row.Probe] {
			row.Config = ""
		}
		return row.key()
	}
	index, paired := make(map[rowKey]int, len(b)), make(map[int]bool, len(b))
	for i, row := range b {
		index[key(row)] = i
	}
	for _, row := range a {
		if i, ok := index[key(row)]; ok {
			paired[i] = true
			c.Pairs = append(c.Pairs, newPair(row, b[i]))
		} else {
			c.Warnings = append(c.Warnings, fmt.Sprintf("only the first has %s", row))
		}
	}
	for i, row := range b {
		if !paired[i] {
			c.Warnings = append(c.Warnings, fmt.Sprintf("only the second has %s", row))
		}
	}
}

// renamed are the probes of which both sides have one configuration.
func renamed(a, b []Row) map[string]bool {
	one := make(map[string]bool)
	for _, rows := range [][]Row{a, b} {
		seen := make(map[string]string)
		for _, row := range rows {
			if config, ok := seen[row.Probe]; !ok {
				seen[row.Probe] = row.Config
				if _, known := one[row.Probe]; !known {
					one[row.Probe] = true
				}
			} else if config != row.Config {
				one[row.Probe] = false
			}
		}
	}
	return one
}

// warn adds what a reader must know of the sets.
func (c *Comparison) warn(a, b *Set) {
	c.Warnings = append(c.Warnings, beside(a, b)...)
	if a.Partial || b.Partial {
		c.Warnings = append(c.Warnings, "a set was ended early")
	}
	if tested, _ := c.counts(); tested == 0 {
		c.Warnings = append(c.Warnings, "no row could be compared")
	}
}
