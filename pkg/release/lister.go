package release

import (
	"context"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// An answer is a list of versions and what it is worth.
type answer struct {
	versions []goversion.Version
	live     bool   // it is what the source says today
	whole    bool   // it has everything that was ever released
	note     string // what to tell the user if this list is used
}

// A lister is a Source that says what its list is worth, so that a Chooser can
// pick the best one and stay silent about the others.
type lister interface {
	Source
	// cached answers at once, without asking anyone, or not at all.
	cached(Platform) (answer, bool)
	// ask answers as well as it can. It logs nothing.
	ask(context.Context, Platform) (answer, error)
}

// askAny asks any Source.
func askAny(ctx context.Context, s Source, p Platform) (answer, error) {
	if l, ok := s.(lister); ok {
		return l.ask(ctx, p)
	}
	vs, err := s.List(ctx, p)
	return answer{versions: vs, live: err == nil}, err
}

// listAlone is List for a lister that nobody has chosen among others.
func listAlone(ctx context.Context, l lister, p Platform, log func(string)) ([]goversion.Version, error) {
	a, err := l.ask(ctx, p)
	if err != nil {
		return nil, err
	}
	if a.note != "" {
		orSilent(log)(a.note)
	}
	return a.versions, nil
}
