package bench

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Reason is why numbers of two sets must not be held against each other.
type Reason struct {
	Key  string   `json:"key"` // of [Run.Env], or what is made of it
	A    []string `json:"a"`   // the values there are in the first set
	B    []string `json:"b"`
	Text string   `json:"text"`
}

func (r Reason) String() string {
	return fmt.Sprintf("%s: %s here, %s there: %s", r.Key, words(r.A), words(r.B), r.Text)
}

func words(values []string) string {
	if len(values) == 0 {
		return "unknown"
	}
	return strings.Join(values, " and ")
}

// maxRate is by how many parts in a million two clocks may differ, as
// [ClockRate] has it. Clocks of WSL2 were 70,000 wrong
// (microsoft/WSL#11790).
const maxRate = 200

// decisive are the keys that must be the same, and why.
var decisive = []struct{ key, why string }{
	{"goversion", "the scheduler and its metrics change with each release"},
	{"godebug", "GODEBUG changes how the runtime works"},
	{"godebug-default", "GODEBUG of the program's go.mod changes how the runtime works"},
	{"timerslack-ns", "slack is part of each wake-up, and doubles it"},
	{"clocksource", "what a clock costs and can tell is part of each sample"},
	{"hz", "the tick decides when a thread loses its CPU"},
	{"preempt", "the kernel's preemption decides when a thread loses its CPU"},
	{"sandbox-cpu", "what CPU time a program may have decides how long it takes"},
	{"sandbox-memory", "what memory a program may have decides how often it collects"},
	{"sandbox-cpus", "on how many CPUs a program may run decides what runs beside what"},
	{"sandbox-nice", "priorities decide who waits"},
	{"aslr", "where code and data lie is part of what they take; off, it is the same place in each run"},
}

// MustAgree are the keys of which [Comparable] wants that two sets have the same, for
// people to read.
func MustAgree() []string {
	names := make([]string, 0, len(decisive)+1)
	for _, d := range decisive {
		names = append(names, d.key)
	}
	return append(names, "gomaxprocs") // for each CPU
}

// mayBeUnknown are the keys that many machines do not tell. What is unknown on one
// of them is no reason.
var mayBeUnknown = []string{"hz", "preempt"}

// Comparable is why the numbers of two sets must not be compared; nothing where
// they may be. A set of which the runs do not agree is no set.
func Comparable(a, b *Set) (reasons []Reason) {
	for _, d := range decisive {
		va, vb := a.env(d.key), b.env(d.key)
		if slices.Contains(mayBeUnknown, d.key) {
			va, vb = known(va), known(vb)
			if len(va) == 0 || len(vb) == 0 {
				continue
			}
		}
		if !agree(va, vb) {
			reasons = append(reasons, Reason{d.key, va, vb, d.why})
		}
	}
	if ra, rb := a.ratios(), b.ratios(); !agree(ra, rb) {
		reasons = append(reasons, Reason{"gomaxprocs/cpus", ra, rb, "how many threads share a CPU decides what a wake-up is"})
	}
	reasons = append(reasons, rates(a, b)...)
	return append(reasons, places(a, b)...)
}

// places are the file systems that files were measured on, first and second. Numbers
// of two of them are not about what has changed, and measured one after the other:
// fsio has two places take turns for that.
func places(a, b *Set) (reasons []Reason) {
	for _, key := range []string{"fs-a", "fs-b"} {
		if va, vb := a.env(key), b.env(key); len(va) > 0 && len(vb) > 0 && !agree(va, vb) {
			reasons = append(reasons, Reason{key, va, vb, "another file system; two directories given at once are measured in turns"})
		}
	}
	return reasons
}

// telling are the keys that explain what differs. To compare what has another value
// of them is what many want, so that they are warnings only.
var telling = []string{
	"kind", "kernel", "cpu", "goarch", "goamd64", "goarm64", "goexperiment", "race", "gogc", "gomemlimit",
	"cgroup-cpu-max", "cgroup-memory-max", "fs-a-options", "fs-b-options",
}

// beside is what else is not alike in the two, where both know it.
func beside(a, b *Set) (list []string) {
	for _, key := range telling {
		va, vb := steadyWords(known(a.env(key))), steadyWords(known(b.env(key)))
		if len(va) > 0 && len(vb) > 0 && !slices.Equal(va, vb) {
			list = append(list, fmt.Sprintf("%s: %s here, %s there", key, words(va), words(vb)))
		}
	}
	return list
}

// fileNumbers are what 9p and FUSE have among the options of a mount, another number
// each time.
var fileNumbers = regexp.MustCompile(`,?\b(rfdno|wfdno|fd)=\d+`)

func steadyWords(values []string) (steady []string) {
	for _, v := range values {
		steady = append(steady, fileNumbers.ReplaceAllString(v, ""))
	}
	return slices.Compact(steady)
}

// agree reports whether there is one value, in both. Two that say nothing agree.
func agree(a, b []string) bool {
	return slices.Equal(a, b) && len(a) <= 1
}

func known(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == Absent })
}

// env is the different values that runs of the set have, sorted.
func (s *Set) env(key string) []string {
	return s.distinct(func(r *Run) string { return r.Get(key) })
}

func (s *Set) distinct(of func(*Run) string) (values []string) {
	for _, r := range s.Runs {
		if v := of(r); v != "" {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// ratios are how many Ps there are for each CPU.
func (s *Set) ratios() []string {
	return s.distinct(func(r *Run) string {
		procs, errProcs := strconv.ParseFloat(r.Get("gomaxprocs"), 64)
		cpus, errCPUs := strconv.ParseFloat(r.Get("cpus"), 64)
		if errProcs != nil || errCPUs != nil || cpus == 0 {
			return ""
		}
		return strconv.FormatFloat(procs/cpus, 'g', 3, 64)
	})
}

// rates compares how fast the clocks run. One that is known to be wrong cannot be
// held against one of which nothing is known.
func rates(a, b *Set) []Reason {
	va, vb := known(a.env(ClockRate)), known(b.env(ClockRate))
	var all []float64
	for _, v := range slices.Concat(va, vb) {
		rate, err := strconv.ParseFloat(v, 64)
		if err != nil {
			rate = math.Inf(1)
		}
		all = append(all, rate)
	}
	if len(va) == 0 || len(vb) == 0 {
		all = append(all, 0)
	}
	if apart := slices.Max(all) - slices.Min(all); len(va)+len(vb) == 0 || apart <= maxRate {
		return nil
	}
	return []Reason{{ClockRate, va, vb, fmt.Sprintf("a second of theirs is not one of ours; %d ppm would do", maxRate)}}
}
