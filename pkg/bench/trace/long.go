package trace

import (
	"cmp"
	"slices"
)

// longRuns are runs without preemption, and the place in the code at which each ended.
type longRuns struct {
	limit  int64 // ns
	all    Sum
	max    int64
	places map[longKey]*longPlace
}

type longKey struct {
	entry, stack stackID
	ending       string
}

type longPlace struct {
	sum        Sum
	max, maxAt int64
	g          int64
}

func (l *longRuns) add(a *analyzer, g *goroutine, stack stackID, ending string) {
	d := a.now - g.since
	l.all.Count++
	l.all.Total += ns(d)
	l.max = max(l.max, d)
	key := longKey{g.entry, stack, ending}
	if l.places == nil {
		l.places = make(map[longKey]*longPlace)
	}
	p := l.places[key]
	if p == nil {
		p = new(longPlace)
		l.places[key] = p
	}
	p.sum.Count++
	p.sum.Total += ns(d)
	if d > p.max {
		p.max, p.maxAt, p.g = d, g.since, int64(g.id)
	}
}

func (a *analyzer) longRuns() LongRuns {
	list := LongRuns{Limit: ns(a.long.limit), Sum: a.long.all, Max: ns(a.long.max), Places: []LongRun{}}
	for key, p := range a.long.places {
		list.Places = append(list.Places, LongRun{
			Sum: p.sum, Max: ns(p.max), MaxAt: ns(p.maxAt - a.start), MaxGoroutine: p.g,
			Ended: key.ending, Entry: a.stacks.list[key.entry].root(), Stack: a.stacks.list[key.stack],
		})
	}
	slices.SortFunc(list.Places, func(x, y LongRun) int {
		return cmp.Or(cmp.Compare(y.Total, x.Total), cmp.Compare(x.MaxAt, y.MaxAt))
	})
	return list
}
