package flame

import (
	"cmp"
	"slices"

	"github.com/google/pprof/profile"
)

// A Hot function is one that much of a profile is in.
type Hot struct {
	Function string
	Flat     int64 // in the function itself, in Unit
	Cum      int64 // in it and in all that it calls
}

// Hottest are the functions with the most samples in themselves, n at most, and the
// unit of their numbers: "nanoseconds", "bytes", "count". They are what pprof calls
// top, of the sample type that [Page] draws.
func Hottest(p *profile.Profile, n int) (list []Hot, unit string) {
	at := len(p.SampleType) - 1
	for i, t := range p.SampleType {
		if t.Type == p.DefaultSampleType {
			at = i
		}
	}
	if at < 0 {
		return nil, ""
	}
	index := make(map[string]int)
	of := func(name string) *Hot {
		if _, ok := index[name]; !ok {
			index[name] = len(list)
			list = append(list, Hot{Function: name})
		}
		return &list[index[name]]
	}
	for _, s := range p.Sample {
		seen := make(map[string]bool)
		for depth, name := range names(s) {
			if depth == 0 {
				of(name).Flat += s.Value[at]
			}
			if !seen[name] {
				seen[name] = true
				of(name).Cum += s.Value[at]
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Hot) int {
		return cmp.Or(cmp.Compare(b.Flat, a.Flat), cmp.Compare(b.Cum, a.Cum), cmp.Compare(a.Function, b.Function))
	})
	return list[:min(n, len(list))], p.SampleType[at].Unit
}

// names are the functions of a stack, the innermost first, those that were inlined
// among them.
func names(s *profile.Sample) (list []string) {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function != nil {
				list = append(list, line.Function.Name)
			}
		}
	}
	return list
}
