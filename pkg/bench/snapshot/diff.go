package snapshot

import (
	"cmp"
	"fmt"
	"strconv"
)

// A Difference is a fact that two snapshots do not agree in.
type Difference struct {
	Group string `json:"group"`
	Name  string `json:"name"`
	Kind  Kind   `json:"kind"`
	A     string `json:"a"` // the value, or "absent (why)"
	B     string `json:"b"`
	// Delta is B less A, of counters and of gauges that are numbers; "" of others.
	Delta string `json:"delta,omitempty"`
}

func (d Difference) String() string {
	if d.Delta != "" {
		return fmt.Sprintf("%s %s: %s, from %s to %s", d.Group, d.Name, d.Delta, d.A, d.B)
	}
	return fmt.Sprintf("%s %s: %s, then %s", d.Group, d.Name, d.A, d.B)
}

// Diff is what differs between two snapshots: of one machine before and after, or of
// two machines. Settings come first, which should not change while something is
// measured, then gauges, then counters.
func Diff(a, b *Snapshot) (list []Difference) {
	inA, inB := a.index(), b.index()
	for _, kind := range []Kind{Setting, Gauge, Counter} {
		for _, k := range keys(a, b) {
			fa, fb := inA[k], inB[k]
			if va, vb := said(fa), said(fb); cmp.Or(fa.Kind, fb.Kind) == kind && va != vb {
				d := Difference{Group: k.group, Name: k.name, Kind: kind, A: va, B: vb}
				if kind != Setting {
					d.Delta = delta(fa.Value, fb.Value)
				}
				list = append(list, d)
			}
		}
	}
	return list
}

type key struct{ group, name string }

func (s *Snapshot) index() map[key]Fact {
	facts := make(map[key]Fact, len(s.Facts))
	for _, f := range s.Facts {
		facts[key{f.Group, f.Name}] = f
	}
	return facts
}

// keys are those of both, in the order of a; what only b has comes behind its group.
func keys(a, b *Snapshot) (list []key) {
	seen := make(map[key]bool)
	for _, group := range Groups() {
		for _, s := range []*Snapshot{a, b} {
			for _, f := range s.Facts {
				if k := (key{f.Group, f.Name}); f.Group == group && !seen[k] {
					seen[k] = true
					list = append(list, k)
				}
			}
		}
	}
	return list
}

func said(f Fact) string {
	switch {
	case f.Group == "":
		return "absent (not asked for)"
	case f.Absent != "":
		return "absent (" + f.Absent + ")"
	}
	return f.Value
}

// delta is how much more b is, where both are numbers.
func delta(a, b string) string {
	if va, err := strconv.ParseInt(a, 10, 64); err == nil {
		if vb, err := strconv.ParseInt(b, 10, 64); err == nil {
			return fmt.Sprintf("%+d", vb-va)
		}
	}
	va, errA := strconv.ParseFloat(a, 64)
	vb, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil {
		return ""
	}
	return fmt.Sprintf("%+.4g", vb-va)
}
