package bench

import (
	"fmt"
	"strings"
)

// LeastVersus is the least difference that [Versus] calls one. It is 5 % for two files,
// as between two days a machine may differ by that much without anybody having done
// anything. The two sides of one measurement take turns, so that what changes on the
// machine meets both alike; what is left is what runs of one program differ by, and for
// that there are chance and the A/A row. Below 2 % nobody should believe a
// difference without asking what else is new: a program that was only linked in another
// order differs by as much.
const LeastVersus = 0.02

// Versus holds the runs of configuration "B" of a set against those of "A", of which
// the set has runs that took turns. What is not alike in both is what is compared: it
// is no reason to refuse, and is said as a warning.
func Versus(set *Set) (*Comparison, error) {
	c, err := Compare(set.side("A"), set.side("B"), Options{Effect: LeastVersus, Force: true})
	if err != nil {
		return nil, err
	}
	for _, r := range c.Reasons {
		c.Warnings = append(c.Warnings, fmt.Sprintf("also different: %s: %s in A, %s in B", r.Key, words(r.A), words(r.B)))
	}
	c.Reasons = nil
	return c, nil
}

// side is the set of the runs of one configuration, of all probes.
func (s *Set) side(config string) *Set {
	of := &Set{Schema: s.Schema, Partial: s.Partial}
	for _, r := range s.Runs {
		if r.Config == config {
			of.Runs = append(of.Runs, r)
		}
	}
	for _, f := range s.Failed {
		if f.Config == config {
			of.Failed = append(of.Failed, f)
		}
	}
	return of
}

// Answer says in a line for each kind what differs, or that nothing was shown to.
func (c *Comparison) Answer() string {
	kinds := make(map[string][]string)
	tested := false
	for _, p := range c.Pairs {
		tested = tested || p.Verdict == Differs || p.Verdict == NotShown
		if p.Verdict == Differs {
			kinds[p.Why] = append(kinds[p.Why], fmt.Sprintf("%s %s %s", p.A.Name, p.A.Metric, p.Change()))
		}
	}
	var b strings.Builder
	for _, kind := range []string{"worse", "better"} {
		if list := kinds[kind]; len(list) > 0 {
			fmt.Fprintf(&b, "The second is %s: %s\n", kind, strings.Join(list, ", "))
		}
	}
	switch {
	case b.Len() > 0:
	case tested:
		b.WriteString("No difference is shown. That is not to say that there is none.\n")
	default:
		b.WriteString("There is no verdict.\n")
	}
	return b.String()
}
