package fsio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// errStopped says that there is no more time.
var errStopped = errors.New("stopped")

// least is how many operations there are in a round, however slow.
const least = 4

// A session is one run of the probe. It belongs to the goroutine that works.
type session struct {
	options Options
	pulse   pulse
	places  []*place
	tracks  [][]*track // by operation, by place
	plan    map[*operation]int
	floor   *track
	builds  [][]*track // as tracks, of the go command
	base    time.Time
	step    int64 // of the clock, in ns; 0 is unknown
	rounds  int
	budget  time.Duration // of an operation in a place in a round
}

// A track is the samples of an operation in a place.
type track struct {
	op      *operation
	place   *place
	batch   int
	samples []int64
	ends    []int  // of each round, in samples
	off     string // why the place does without
}

func newSession(o Options, step string) *session {
	s := &session{options: o, base: time.Now(), rounds: 20, budget: 60 * time.Millisecond}
	if o.Quick {
		s.rounds, s.budget = 8, 30*time.Millisecond
	}
	s.step, _ = strconv.ParseInt(step, 10, 64)
	s.pulse.patience.Store(int64(o.Timeout))
	for i, dir := range o.Dirs {
		s.places = append(s.places, newPlace(string(rune('a'+i)), dir, &s.pulse))
	}
	s.pulse.enter("begin", s.places[0])
	s.plan = make(map[*operation]int)
	for _, op := range operations(o.Quick) {
		if len(o.Only) > 0 && !slices.Contains(o.Only, op.id) {
			continue
		}
		op.name = ofFiles + op.name
		s.plan[op] = op.most
		var tracks []*track
		for _, p := range s.places {
			tracks = append(tracks, s.newTrack(op, p))
		}
		s.tracks = append(s.tracks, tracks)
	}
	nothing := &operation{id: "floor", name: "floor", most: 500, each: func(*place, int) error { return nil }, note: "nothing, timed as an operation is"}
	s.floor = s.newTrack(nothing, s.places[0])
	return s
}

// newTrack has its memory before the first sample, so that no page fault is measured.
func (s *session) newTrack(op *operation, p *place) *track {
	t := &track{op: op, place: p, batch: 1, samples: make([]int64, op.most*s.rounds)}
	for i := range t.samples {
		t.samples[i] = -1
	}
	t.samples = t.samples[:0]
	return t
}

// now is one reading of CLOCK_MONOTONIC, in ns since the run began.
func (s *session) now() int64 { return int64(time.Since(s.base)) }

// work measures, and removes what it has made, also where it comes back from a place
// that hung and nobody waits any more.
func (s *session) work(ctx context.Context) (err error) {
	runtime.LockOSThread() // never unlocked: the thread may wait in the kernel
	debug.SetPanicOnFault(true)
	defer func() {
		var gone []error
		for _, p := range s.places {
			gone = append(gone, p.leave())
		}
		err = errors.Join(err, errors.Join(gone...))
	}()
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // SIGBUS
			err = s.pulse.at.Load().failed(fmt.Errorf("read a page at 0x%x: %w", fault.Addr(), unix.EIO))
		default:
			panic(fault)
		}
	}()
	for _, p := range s.places {
		if err := p.prepare(s.most()); err != nil {
			return err
		}
	}
	if err := s.measure(); err != nil {
		return err
	}
	return s.develop(ctx)
}

func (at *spot) failed(err error) error { return at.place.lost(at.op, err) }

func (s *session) most() int {
	most := 1
	for op := range s.plan {
		most = max(most, op.most)
	}
	return most
}

// measure has one round that warms up and says how much there can be in each, and
// then all of them.
func (s *session) measure() error {
	if err := s.round(0); err != nil {
		return err
	}
	s.settle()
	for r := 1; r <= s.rounds; r++ {
		if err := s.phase(s.floor, s.floor.op.most, r); err != nil {
			return err
		}
		if err := s.round(r); err != nil {
			return err
		}
	}
	return nil
}

// round does each operation in each place. Who is first changes.
func (s *session) round(r int) error {
	for _, tracks := range s.tracks {
		for i := range tracks {
			t := tracks[(i+r)%len(tracks)]
			if t.off != "" {
				continue
			}
			if err := s.phase(t, s.plan[t.op], r); err != nil {
				return err
			}
		}
		if r == 0 {
			s.limit(tracks)
		}
	}
	return nil
}

// limit makes the rounds of an operation as long as both places can do within their
// time. Those that share files share the number.
func (s *session) limit(tracks []*track) {
	for _, t := range tracks {
		if t.off != "" {
			continue
		}
		n := len(t.samples)
		for op := range s.plan {
			if op == t.op || op.files && t.op.files {
				s.plan[op] = min(s.plan[op], n)
			}
		}
	}
}

// settle chooses the batches and throws the warm-up away.
func (s *session) settle() {
	for _, tracks := range s.tracks {
		k := 1
		for _, t := range tracks {
			k = max(k, s.batch(t))
		}
		for _, t := range tracks {
			t.batch, t.samples, t.ends = k, t.samples[:0], nil
		}
	}
}

// batch is how many operations a sample needs where the clock is too coarse for one:
// the page that Hyper-V has for it moves by 100 ns.
func (s *session) batch(t *track) int {
	p50 := bench.Series{Samples: t.samples}.Quantile(0.5)
	if t.op.single || p50 == 0 || p50 >= 20*s.step {
		return 1
	}
	return min(int((50*s.step+p50-1)/p50), max(s.plan[t.op]/least, 1))
}

// phase is an operation in a place in a round.
func (s *session) phase(t *track, n, round int) error {
	s.pulse.enter(t.op.id, t.place)
	done, err := 0, error(nil)
	if t.op.setup != nil {
		err = t.op.setup(t.place, n, round)
	}
	if err == nil {
		until := s.budget
		if round > 0 {
			until *= 4 // the number is agreed on; this is for a place that becomes slow
		}
		done, err = s.loop(t, n, s.now()+int64(until))
	}
	if t.op.teardown != nil && err == nil {
		err = t.op.teardown(t.place, done)
	}
	switch {
	case err == nil:
		t.ends = append(t.ends, len(t.samples))
		return nil
	case errors.Is(err, errStopped):
		return err
	}
	if t.off = absent(t.op, err); t.off != "" {
		t.place.closeFiles()
		t.place.fact("-"+t.op.id, "none: "+t.off)
		t.samples = t.samples[:0]
		return nil
	}
	return t.place.lost(t.op.id, err)
}

// loop takes the samples. It allocates nothing.
func (s *session) loop(t *track, n int, until int64) (done int, err error) {
	for done+t.batch <= n {
		if s.pulse.stopped.Load() {
			return done, errStopped
		}
		s.pulse.beats.Add(1)
		if t.op.before != nil {
			if err := t.op.before(t.place); err != nil {
				return done, err
			}
		}
		before := s.now()
		for range t.batch {
			if err := t.op.each(t.place, done); err != nil {
				return done, err
			}
			done++
		}
		after := s.now()
		t.samples = append(t.samples, (after-before)/int64(t.batch))
		if after >= until && done >= least {
			break
		}
	}
	return done, nil
}

// leave removes the directories of the places that do not hang. The goroutine that
// hangs removes its own, should it ever return.
func (s *session) leave() error {
	s.pulse.stopped.Store(true)
	stuck := s.pulse.at.Load().place
	var left []error
	for _, p := range s.places {
		dir := p.ours.Load()
		if dir == nil {
			continue
		}
		if p != stuck {
			own := new(pulse)
			own.patience.Store(int64(s.options.Timeout))
			own.enter("remove "+*dir, p)
			done := make(chan error, 1)
			go func() { done <- removeTree(*dir, own) }()
			if _, err := own.watch(done); err == nil {
				continue
			}
		}
		left = append(left, fmt.Errorf("%s is left", *dir))
	}
	return errors.Join(left...)
}
