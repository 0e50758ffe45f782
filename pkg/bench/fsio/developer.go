package fsio

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Command is a go command to run.
type Command struct {
	Args []string // without "go": "build", "./..."
	Dir  string   // to run it in
	Env  []string // to add to what the caller would give it
}

// A Runner runs a go command and returns what it printed. Where it fails, the error
// has what it said about it. Once ctx ends, it ends the command and returns.
type Runner func(ctx context.Context, c Command) (printed []byte, err error)

// A build is a module and a GOCACHE, each in one of the places.
type build struct {
	index  int
	place  *place // of the sources
	cache  *place
	name   string // of the cache: "same"
	dir    string
	module Module
	cold   *track
	warm   *track
	edited *track
}

// develop measures what a developer waits for.
func (s *session) develop(ctx context.Context) error {
	if s.options.Go == nil {
		return nil
	}
	builds := s.newBuilds()
	trials, err := s.newTrials()
	if err != nil {
		return err
	}
	for _, p := range s.places {
		if err := s.prepareGo(ctx, p, builds, trials); err != nil {
			return err
		}
	}
	if err := s.buildAll(ctx, builds); err != nil {
		return err
	}
	return s.testAll(ctx, trials)
}

// prepareGo does in a place, untimed, what is going to be timed. What the first place
// has in its GOCACHE by then, the standard library above all, is copied to the second:
// to build it twice would take longer than all else.
func (s *session) prepareGo(ctx context.Context, p *place, builds []*build, trials []*trial) error {
	if first := s.places[0].cache; p.cache != first && len(builds)+len(trials) > 0 {
		s.pulse.enter("copy GOCACHE", p)
		if err := copyTree(p.cache, first, s.beat); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return p.lost("copy GOCACHE", err)
		}
	}
	for _, b := range builds {
		if b.place == p {
			if err := b.prepare(ctx, s); err != nil {
				return err
			}
		}
	}
	for _, t := range trials {
		if t.place == p {
			if err := t.prepare(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// goRounds are as many as an interval needs, or one.
func (s *session) goRounds() int {
	if s.options.Quick {
		return 1
	}
	return 6
}

func (s *session) beat() { s.pulse.beats.Add(1) }

// newBuilds are a module in each place, with its GOCACHE there: all that the go
// command keeps is in that place, as it is for somebody whose home is there. In the
// second place it is also built with the GOCACHE of the first, as with sources on
// /mnt/c and a home on ext4; not where it is quick.
func (s *session) newBuilds() (builds []*build) {
	if s.options.Packages < 0 {
		return nil
	}
	for _, p := range s.places {
		builds = append(builds, s.newBuild(p, p, "same"))
	}
	if len(s.places) == 2 && !s.options.Quick {
		builds = append(builds, s.newBuild(s.places[1], s.places[0], "a"))
	}
	for i, b := range builds {
		b.index = i
	}
	s.trackBuilds(builds)
	return builds
}

// buildAll builds cold, warm and edited, each with all modules in turns. What is cold
// is the module's own: each build has another salt, so that nothing of those before
// can be used. The standard library is built, and the page cache is warm.
func (s *session) buildAll(ctx context.Context, builds []*build) error {
	for r := 1; r <= s.goRounds(); r++ {
		for _, step := range []func(*build, context.Context, *session, int) error{(*build).doCold, (*build).doWarm, (*build).doEdited} {
			for i := range builds {
				if err := step(builds[(i+r)%len(builds)], ctx, s, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *session) newBuild(sources, cache *place, name string) *build {
	b := &build{place: sources, cache: cache, name: name, module: Module{Packages: s.options.Packages}}
	b.dir = filepath.Join(sources.scratch, "module-"+name)
	track := func(state, note string) *track {
		return &track{op: &operation{name: fmt.Sprintf("Build/%s/cache=%s", state, name), note: note}, place: sources, batch: 1}
	}
	packages := fmt.Sprintf("go build ./... of %d packages and a command", s.options.Packages)
	b.cold = track("state=cold", packages+"; the standard library is built")
	b.warm = track("state=warm", packages+"; nothing has changed")
	b.edited = track("state=edited", packages+"; one in the middle has changed")
	return b
}

// trackBuilds puts side by side what is to be compared: the places, each with its
// cache. The cache of the other place has rows of its own.
func (s *session) trackBuilds(builds []*build) {
	for _, of := range []func(*build) *track{
		func(b *build) *track { return b.cold }, func(b *build) *track { return b.warm }, func(b *build) *track { return b.edited },
	} {
		var same []*track
		for _, b := range builds {
			if b.name == "same" {
				same = append(same, of(b))
			}
		}
		s.builds = append(s.builds, same)
		for _, b := range builds {
			if b.name != "same" {
				s.builds = append(s.builds, []*track{of(b)})
			}
		}
	}
}

// prepare builds all once, with a salt that no round has.
func (b *build) prepare(ctx context.Context, s *session) error {
	s.pulse.enter("write a module", b.place)
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return b.place.lost("write a module", err)
	}
	if err := b.generate(s, b.salt(0)); err != nil {
		return err
	}
	return b.run(ctx, s, nil)
}

// salt is that of a round, which no other build has.
func (b *build) salt(round int) int { return 1 + 10*round + b.index }

func (b *build) generate(s *session, salt int) error {
	s.pulse.enter("write a module", b.place)
	b.module.Salt = salt
	if err := b.module.generate(b.dir, s.beat); err != nil {
		return b.place.lost("write a module", err)
	}
	return nil
}

func (b *build) doCold(ctx context.Context, s *session, r int) error {
	if err := b.generate(s, b.salt(r)); err != nil {
		return err
	}
	return b.run(ctx, s, b.cold)
}

func (b *build) doWarm(ctx context.Context, s *session, _ int) error { return b.run(ctx, s, b.warm) }

func (b *build) doEdited(ctx context.Context, s *session, r int) error {
	if err := b.module.edit(b.dir, b.module.Packages/2, -b.salt(r)); err != nil {
		return b.place.lost("edit a package", err)
	}
	return b.run(ctx, s, b.edited)
}

// run builds and adds what it took to a track, if there is one.
func (b *build) run(ctx context.Context, s *session, t *track) error {
	took, _, err := s.goCommand(ctx, b.place, Command{
		Args: []string{"build", "-buildvcs=false", "./..."}, Dir: b.dir,
		Env: []string{"GOCACHE=" + b.cache.cache, "GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local"},
	})
	if err == nil && t != nil {
		t.one(int64(took))
	}
	return err
}

// one is a round of one sample.
func (t *track) one(sample int64) {
	t.samples = append(t.samples, sample)
	t.ends = append(t.ends, len(t.samples))
}

// goCommand runs and times a go command. It has more patience than for a file.
func (s *session) goCommand(ctx context.Context, at *place, c Command) (took time.Duration, printed []byte, err error) {
	op := "go " + c.Args[0]
	if s.pulse.stopped.Load() {
		return 0, nil, errStopped
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.GoTimeout)
	defer cancel()
	// The runner ends the command at the deadline, and has a while to do that.
	s.pulse.patience.Store(int64(s.options.GoTimeout + s.options.Timeout))
	defer s.pulse.patience.Store(int64(s.options.Timeout))
	s.pulse.enter(op, at)
	begin := s.now()
	printed, err = s.options.Go(ctx, c)
	took = time.Duration(s.now() - begin)
	s.pulse.beats.Add(1)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = hung{s.options.GoTimeout}
	}
	if err != nil {
		return 0, nil, &Error{op, at.dir, err}
	}
	return took, printed, nil
}
