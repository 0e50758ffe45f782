package release

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// Chooser is several sources as one.
type Chooser struct {
	Sources  []Source      // in order of preference
	Parallel bool          // ask all at once and take the first that can serve ("auto")
	Known    *Known        // may be nil
	Grace    time.Duration // how long List waits for a better list once it has one; 0 means 1 second
	Log      func(string)  // one line, such as "1.22.5: from goproxy"; may be nil
}

// Name implements Source.
func (c *Chooser) Name() string {
	var names []string
	for _, s := range c.Sources {
		names = append(names, s.Name())
	}
	return strings.Join(names, ", ")
}

// Find implements Source. The error is
//   - a *SumConflictError as soon as one source has one: no other source is a
//     cure for a list that was tampered with;
//   - a *NotFoundError where every source says so, or where they fail in other
//     ways (some proxies answer 403 for what does not exist) and no list has
//     the version;
//   - otherwise a *SourcesError, or the context's error.
func (c *Chooser) Find(ctx context.Context, v goversion.Version, p Platform) (*Artifact, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make([]SourceFailure, len(c.Sources))
	var second *Artifact
	for found := range c.find(inner, v, p) {
		var conflict *SumConflictError
		switch {
		case found.err == nil && c.Parallel && second == nil && found.artifact.isHardToProve():
			second = found.artifact
			continue
		case found.err == nil:
			return c.choose(found.artifact), nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(found.err, &conflict):
			return nil, found.err
		}
		failed[found.index] = SourceFailure{c.Sources[found.index].Name(), found.err}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if second != nil {
		return c.choose(second), nil
	}
	return nil, c.verdict(ctx, v, p, failed)
}

func (c *Chooser) choose(a *Artifact) *Artifact {
	orSilent(c.Log)(a.Version.String() + ": from " + a.Source)
	return a
}

// Without is c less the source of that name, nil where no other is left. It is
// for who has found that an artifact of that source cannot be fetched after all.
func (c *Chooser) Without(name string) *Chooser {
	rest := *c
	rest.Sources = slices.DeleteFunc(slices.Clone(c.Sources), func(s Source) bool { return s.Name() == name })
	if len(rest.Sources) == 0 {
		return nil
	}
	return &rest
}

type found struct {
	index    int
	artifact *Artifact
	err      error
}

// find asks the sources, together or one by one, and yields what they say as it
// comes. It does not wait for those that are still asked when the loop ends:
// they end with ctx.
func (c *Chooser) find(ctx context.Context, v goversion.Version, p Platform) iter.Seq[found] {
	one := func(i int) found {
		a, err := c.Sources[i].Find(ctx, v, p)
		return found{i, a, err}
	}
	return func(yield func(found) bool) {
		results := make(chan found, len(c.Sources)) // so that nobody blocks on a loop that has ended
		for i := range c.Sources {
			if c.Parallel {
				go func() { results <- one(i) }()
			} else if !yield(one(i)) {
				return
			}
		}
		for range c.Sources {
			if !c.Parallel || !yield(<-results) {
				return
			}
		}
	}
}

// verdict says what it means that all sources failed.
func (c *Chooser) verdict(ctx context.Context, v goversion.Version, p Platform, failed []SourceFailure) error {
	notFound := &NotFoundError{Version: v, Platform: p, Source: c.Name(), Failed: failed}
	unknown := &SourcesError{Version: v, Platform: p, Failed: failed}
	if len(unknown.Unwrap()) == 0 {
		return notFound
	}
	if c.Known != nil && c.Known.Has(v, p) {
		return unknown
	}
	refused := !slices.ContainsFunc(unknown.Unwrap(), func(err error) bool { return !isRefusal(err) })
	listed := false
	for _, s := range c.Sources {
		a, err := askAny(ctx, s, p)
		if err != nil {
			continue
		}
		if slices.Contains(a.versions, v) {
			return unknown
		}
		listed = listed || a.live
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if refused || listed {
		return notFound
	}
	return unknown
}

// isRefusal says whether a server has answered, and will answer so again.
func isRefusal(err error) bool {
	var status *download.StatusError
	return errors.As(err, &status) && status.Code >= 400 && status.Code < 500
}
