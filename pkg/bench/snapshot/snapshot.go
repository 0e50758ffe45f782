// Package snapshot writes down what a machine is while something is measured on it,
// so that a stranger can see on what a number was made, and what changed meanwhile.
//
//	before := snapshot.Take(ctx, snapshot.Machine{Root: os.DirFS("/"), Env: os.Getenv})
//	... // measure
//	after := snapshot.Take(ctx, snapshot.Machine{Root: os.DirFS("/"), Env: os.Getenv})
//	for _, d := range snapshot.Diff(before, after) {
//		fmt.Println(d)
//	}
//
// Each [Fact] has where it is from and, where there is more to it than its value, the
// text as it was read. What a machine does not tell is a fact as well, with the
// reason: a kernel without PSI is not one on which nothing waits.
//
// Taking a snapshot changes nothing. It reads files and makes system calls that ask;
// Windows is asked only by the function that the [Machine] has for it.
//
// What identifies a person or a machine is taken out by a [Redactor].
package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Schema is the version of the written form of a Snapshot.
const Schema = 1

// Kind is what it means that a fact has changed.
type Kind string

// Kinds of facts.
const (
	Setting Kind = "setting" // stays as it is unless somebody changes it
	Counter Kind = "counter" // only grows: the difference is what happened meanwhile
	Gauge   Kind = "gauge"   // changes by itself: free memory, load
)

// A Fact is one thing that is known of a machine, or that it does not tell.
type Fact struct {
	Group string `json:"group"` // one of [Groups]
	Name  string `json:"name"`  // within the group: "clocksource"
	Kind  Kind   `json:"kind"`
	Value string `json:"value,omitempty"`
	// Raw is the text that Value was taken from, where that has more. Several facts may
	// be from one text; the first has it.
	Raw    string `json:"raw,omitempty"`
	Absent string `json:"absent,omitempty"` // why there is no value; "" where there is
	Source string `json:"source"`           // a path, a system call, a program
}

func (f Fact) String() string {
	if f.Absent != "" {
		return fmt.Sprintf("%s %s: absent (%s)", f.Group, f.Name, f.Absent)
	}
	return fmt.Sprintf("%s %s: %s", f.Group, f.Name, f.Value)
}

// A Snapshot is what was known of a machine at one time.
type Snapshot struct {
	Schema int       `json:"schema"`
	Taken  time.Time `json:"taken"`
	Facts  []Fact    `json:"facts"` // by group, in the order of [Groups]
}

// Groups are the groups of facts, in the order in which a Snapshot has them.
func Groups() []string {
	return []string{"identity", "windows", "cpu", "time", "scheduler", "cgroup", "memory", "disk", "network", "security", "power", "go", "counters"}
}

// Get is a fact, if the snapshot has it.
func (s *Snapshot) Get(group, name string) (Fact, bool) {
	i := slices.IndexFunc(s.Facts, func(f Fact) bool { return f.Group == group && f.Name == name })
	if i < 0 {
		return Fact{}, false
	}
	return s.Facts[i], true
}

// Value is the value of a fact, "" where it is absent.
func (s *Snapshot) Value(group, name string) string {
	f, _ := s.Get(group, name)
	return f.Value
}

// Take looks at a machine. What cannot be read is absent, and no error; where ctx ends
// first, what was not asked by then is.
func Take(ctx context.Context, m Machine) *Snapshot {
	t := newTaker(ctx, m)
	for _, look := range looks() {
		look(t)
	}
	order := make(map[string]int)
	for i, name := range Groups() {
		order[name] = i
	}
	slices.SortStableFunc(t.facts, func(a, b Fact) int { return cmp.Compare(order[a.Group], order[b.Group]) })
	return &Snapshot{Schema: Schema, Taken: t.now().UTC().Truncate(time.Millisecond), Facts: t.facts}
}

// line makes one line of text.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }
