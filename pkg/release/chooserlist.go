package release

import (
	"context"
	"slices"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

const defaultGrace = time.Second

// List implements Source.
//
// In order, it is the list of the first source that answers. In parallel, it is
// the official list where that comes in time, because only that one is sure to
// have the newest release, else what all live sources have together. Where none
// is live it is the first source's old list, which is said through Log.
func (c *Chooser) List(ctx context.Context, p Platform) ([]goversion.Version, error) {
	if c.Parallel {
		if vs := c.cachedList(p); vs != nil {
			return vs, nil
		}
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]listed, len(c.Sources))
	c.collect(inner, p, answers)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return c.pick(p, answers)
}

// cachedList is the first young list on disk, nil if there is none. It is what
// keeps list-all within 15 ms.
func (c *Chooser) cachedList(p Platform) []goversion.Version {
	for _, s := range c.Sources {
		if l, ok := s.(lister); ok {
			if a, ok := l.cached(p); ok && len(a.versions) > 0 {
				return a.versions
			}
		}
	}
	return nil
}

type listed struct {
	index int
	done  bool
	answer
	err error
}

// good says whether l can be the last word.
func (l *listed) good() bool { return l.done && l.err == nil && l.live && len(l.versions) > 0 }

// collect fills in answers until they are good enough.
func (c *Chooser) collect(ctx context.Context, p Platform, answers []listed) {
	one := func(i int) listed {
		a, err := askAny(ctx, c.Sources[i], p)
		return listed{i, true, a, err}
	}
	if !c.Parallel {
		for i := range answers {
			if answers[i] = one(i); answers[i].good() {
				return
			}
		}
		return
	}
	results := make(chan listed, len(answers)) // so that nobody blocks after the return
	for i := range answers {
		go func() { results <- one(i) }()
	}
	var grace <-chan time.Time
	for range answers {
		select {
		case <-grace:
			return
		case l := <-results:
			answers[l.index] = l
			if l.good() && l.whole {
				return
			}
			if l.good() && grace == nil {
				timer := time.NewTimer(c.grace())
				defer timer.Stop()
				grace = timer.C
			}
		}
	}
}

func (c *Chooser) grace() time.Duration {
	if c.Grace > 0 {
		return c.Grace
	}
	return defaultGrace
}

// pick makes one list of the answers.
func (c *Chooser) pick(p Platform, answers []listed) ([]goversion.Version, error) {
	var all []goversion.Version
	for i := range answers {
		if l := &answers[i]; l.good() {
			if l.whole {
				return l.versions, nil
			}
			all = union(all, l.versions)
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	if i := slices.IndexFunc(answers, func(l listed) bool { return l.done && l.err == nil && len(l.versions) > 0 }); i >= 0 {
		if note := answers[i].note; note != "" {
			orSilent(c.Log)(note)
		}
		return answers[i].versions, nil
	}
	failed := &SourcesError{Platform: p}
	for i, l := range answers {
		if l.err != nil {
			failed.Failed = append(failed.Failed, SourceFailure{c.Sources[i].Name(), l.err})
		}
	}
	if len(failed.Failed) > 0 {
		return nil, failed
	}
	return nil, nil
}
