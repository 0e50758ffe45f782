package prepare

import (
	"context"
	"time"
)

// A Warmup is what was run, and not counted, until the numbers had stopped to change.
type Warmup struct {
	Name   string    `json:"name"`   // of what was run
	Values []float64 `json:"values"` // of each round
	Unit   string    `json:"unit,omitempty"`
	Stationarity
	Took time.Duration `json:"took_ns"`
	Why  string        `json:"why"` // it ended: "stationary", "as many rounds as allowed" ...
}

// Bounds are how much warming up there may be.
type Bounds struct {
	Least int           // rounds; 0 is 9, with fewer there is nothing to say
	Most  int           // rounds; 0 is 30
	Time  time.Duration // after which no other round begins; 0 is 2 min
}

func (b Bounds) orDefault() Bounds {
	if b.Least == 0 {
		b.Least = fewest
	}
	if b.Most == 0 {
		b.Most = 30
	}
	if b.Time == 0 {
		b.Time = 2 * time.Minute
	}
	b.Most = max(b.Most, b.Least)
	return b
}

// WarmUp calls once, which measures a round, until the latest rounds are stationary,
// or until a bound is reached: who never is, is measured all the same, and the report
// says so. The rounds that count are the latest two thirds, nine at least: what was
// before them is what the warming up is for. now is the clock; nil is [time.Now].
//
// The error is that of once, and the Warmup has the rounds until then.
func WarmUp(ctx context.Context, name string, bounds Bounds, now func() time.Time, once func(context.Context) (float64, error)) (Warmup, error) {
	if now == nil {
		now = time.Now
	}
	bounds = bounds.orDefault()
	w, begin := Warmup{Name: name}, now()
	for {
		v, err := once(ctx)
		w.Took = now().Sub(begin)
		if err != nil {
			w.Why = "a round failed"
			return w, err
		}
		w.Values = append(w.Values, v)
		n := len(w.Values)
		w.Stationarity = Look(w.Values[n-min(n, max(fewest, n*2/3)):])
		switch {
		case n >= bounds.Least && w.OK:
			w.Why = "stationary"
			return w, nil
		case n >= bounds.Most:
			w.Why = "as many rounds as allowed"
			return w, nil
		case w.Took >= bounds.Time:
			w.Why = "as long as allowed"
			return w, nil
		}
	}
}
