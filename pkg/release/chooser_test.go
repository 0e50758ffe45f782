package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A fake answers what it is told to. Where wait is not nil it answers only when
// that is closed, or with the context's error.
type fake struct {
	name string
	wait chan struct{}
	answer
	err   error
	found error // what Find says; nil finds
	hard  bool  // whether what Find finds is an archive without a published sum
	finds int
	ended chan struct{} // closed when a Find that waited has ended
}

func (f *fake) Name() string { return f.name }

func (f *fake) block(ctx context.Context) error {
	if f.wait == nil {
		return nil
	}
	select {
	case <-f.wait:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) cached(Platform) (answer, bool) { return answer{}, false }

func (f *fake) ask(ctx context.Context, _ Platform) (answer, error) {
	if err := f.block(ctx); err != nil {
		return answer{}, err
	}
	return f.answer, f.err
}

func (f *fake) List(ctx context.Context, p Platform) ([]goversion.Version, error) {
	a, err := f.ask(ctx, p)
	return a.versions, err
}

func (f *fake) Find(ctx context.Context, v goversion.Version, p Platform) (*Artifact, error) {
	f.finds++
	if f.ended != nil {
		defer close(f.ended)
	}
	if err := f.block(ctx); err != nil {
		return nil, err
	}
	if f.found != nil {
		return nil, f.found
	}
	a := &Artifact{Version: v, Platform: p, Source: f.name, Format: Zip}
	if f.hard {
		a.Format = TarGz
	}
	return a, nil
}

func vs(t *testing.T, words ...string) []goversion.Version {
	var out []goversion.Version
	for _, w := range words {
		out = append(out, version(t, w))
	}
	return out
}

var never = make(chan struct{})

func TestChooserFindInOrder(t *testing.T) {
	log := new(notebook)
	first := &fake{name: "bundle", found: &NotFoundError{Source: "bundle"}}
	second, third := &fake{name: "goproxy"}, &fake{name: "official"}
	c := &Chooser{Sources: []Source{first, second, third}, Log: log.log}
	a, err := c.Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.Equal(t, "goproxy", a.Source)
	require.Equal(t, []string{"1.22.5: from goproxy"}, log.take())
	require.Equal(t, 1, first.finds)
	require.Equal(t, 0, third.finds, "nobody is asked without need")
	require.Equal(t, "bundle, goproxy, official", c.Name())
}

func TestChooserFindParallel(t *testing.T) {
	log := new(notebook)
	slow := &fake{name: "official", wait: never, ended: make(chan struct{})}
	c := &Chooser{Sources: []Source{slow, &fake{name: "goproxy"}}, Parallel: true, Log: log.log}
	a, err := c.Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.Equal(t, "goproxy", a.Source)
	require.Equal(t, []string{"1.22.5: from goproxy"}, log.take())
	<-slow.ended // it was cancelled
}

// An archive that only the checksum database can vouch for is taken only where
// nobody has the module.
func TestChooserFindHardToProve(t *testing.T) {
	archive := &fake{name: "official", hard: true}
	slow := &fake{name: "goproxy", wait: make(chan struct{})}
	time.AfterFunc(10*time.Millisecond, func() { close(slow.wait) })
	c := &Chooser{Sources: []Source{archive, slow}, Parallel: true}
	a, err := c.Find(t.Context(), version(t, "1.4.3"), amd64)
	require.NoError(t, err)
	require.Equal(t, "goproxy", a.Source)

	slow.found = &NotFoundError{Source: "goproxy"}
	a, err = c.Find(t.Context(), version(t, "1.4.3"), amd64)
	require.NoError(t, err)
	require.Equal(t, "official", a.Source)
}

func TestChooserFindFails(t *testing.T) {
	missing := &NotFoundError{Version: version(t, "1.99.1"), Platform: amd64, Source: "x"}
	forbidden := &download.StatusError{URL: "https://p.example/x.info", Code: 403}
	broken := &download.Error{URL: "https://p.example/x.info", Tried: 3, Err: io.ErrUnexpectedEOF}
	known := loadKnown(t)
	for _, tt := range []struct {
		name, version string
		a, b          error  // what Find says
		list          string // what the live list of b has; "" if it has none
		notFound      bool
		text          string
	}{
		{"both say so", "1.99.1", missing, missing, "", true, "find go 1.99.1 for linux/amd64: not found by a, b"},
		{"refused and in no list", "1.99.1", missing, forbidden, "", true,
			"find go 1.99.1 for linux/amd64: not found by a, b (b: get https://p.example/x.info: 403 Forbidden)"},
		{"refused but known", "1.22.5", missing, forbidden, "", false,
			"find go 1.22.5 for linux/amd64: a: not found; b: get https://p.example/x.info: 403 Forbidden"},
		{"refused but listed", "1.99.1", missing, forbidden, "1.99.1", false, ""},
		{"broken and no list", "1.99.1", missing, broken, "", false, ""},
		{"broken, and a list without it", "1.99.1", broken, broken, "1.22.5", true, ""},
		{"broken but listed", "1.99.1", broken, broken, "1.99.1", false,
			"find go 1.99.1 for linux/amd64: a: get https://p.example/x.info: unexpected EOF (3 tries); " +
				"b: get https://p.example/x.info: unexpected EOF (3 tries)"},
	} {
		for _, parallel := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, parallel), func(t *testing.T) {
				a := &fake{name: "a", found: tt.a, err: errors.New("no list")}
				b := &fake{name: "b", found: tt.b, err: errors.New("no list")}
				if tt.list != "" {
					b.answer, b.err = answer{versions: vs(t, tt.list), live: true}, nil
				}
				c := &Chooser{Sources: []Source{a, b}, Parallel: parallel, Known: known}
				_, err := c.Find(t.Context(), version(t, tt.version), amd64)
				require.Equal(t, tt.notFound, isNotFound(err), "%v", err)
				var sources *SourcesError
				require.Equal(t, !tt.notFound, errors.As(err, &sources))
				if tt.text != "" {
					require.EqualError(t, err, tt.text)
				}
			})
		}
	}
}

// Another source is no cure for a list that was tampered with.
func TestChooserFindConflict(t *testing.T) {
	conflict := &SumConflictError{Version: version(t, "1.22.5"), Platform: amd64}
	for _, parallel := range []bool{false, true} {
		bad := &fake{name: "official", found: fmt.Errorf("wrapped: %w", conflict)}
		good := &fake{name: "goproxy"}
		if parallel {
			good.wait = never // which of the two is faster is not the question here
		}
		c := &Chooser{Sources: []Source{bad, good}, Parallel: parallel}
		_, err := c.Find(t.Context(), version(t, "1.22.5"), amd64)
		require.ErrorIs(t, err, conflict)
		var sources *SourcesError
		require.False(t, errors.As(err, &sources))
	}
}

func TestChooserCancelled(t *testing.T) {
	for _, parallel := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		c := &Chooser{Parallel: parallel, Sources: []Source{
			&fake{name: "a", wait: never}, &fake{name: "b", wait: never},
		}}
		time.AfterFunc(time.Millisecond, cancel)
		_, err := c.Find(ctx, version(t, "1.22.5"), amd64)
		require.ErrorIs(t, err, context.Canceled)
		_, err = c.List(ctx, amd64)
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestChooserList(t *testing.T) {
	whole := answer{versions: vs(t, "1.20", "1.22.5", "1.27.1"), live: true, whole: true}
	part := answer{versions: vs(t, "1.22.5", "1.21.0"), live: true}
	stale := answer{versions: vs(t, "1.20", "1.22.5"), note: "using an old list"}
	other := answer{versions: vs(t, "1.20"), note: "using another old list"}
	fails := errors.New("get https://go.dev/dl/:\nno network")
	for _, tt := range []struct {
		name            string
		a, b            fake
		ordered, atOnce []goversion.Version
		note            string
	}{
		{"all is well", fake{answer: whole}, fake{answer: part}, whole.versions, whole.versions, ""},
		{"the whole list comes second", fake{answer: part}, fake{answer: whole}, part.versions, whole.versions, ""},
		{"the whole list is slow", fake{answer: part}, fake{answer: whole, wait: never}, part.versions, part.versions, ""},
		{"two parts", fake{answer: part}, fake{answer: answer{versions: vs(t, "1.20"), live: true}},
			part.versions, vs(t, "1.20", "1.21.0", "1.22.5"), ""},
		{"one is old", fake{answer: stale}, fake{answer: part}, part.versions, part.versions, ""},
		{"one fails", fake{err: fails}, fake{answer: part}, part.versions, part.versions, ""},
		{"one has nothing", fake{answer: answer{live: true}}, fake{answer: part}, part.versions, part.versions, ""},
		{"all are old", fake{answer: stale}, fake{answer: other}, stale.versions, stale.versions, "using an old list"},
		{"old is better than nothing", fake{err: fails}, fake{answer: other}, other.versions, other.versions, "using another old list"},
		{"nothing at all", fake{answer: answer{live: true}}, fake{answer: answer{live: true}}, nil, nil, ""},
	} {
		for _, parallel := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, parallel), func(t *testing.T) {
				log, a, b := new(notebook), tt.a, tt.b
				c := &Chooser{Sources: []Source{&a, &b}, Parallel: parallel, Log: log.log, Grace: 20 * time.Millisecond}
				got, err := c.List(t.Context(), amd64)
				require.NoError(t, err)
				want := tt.ordered
				if parallel {
					want = tt.atOnce
				}
				require.ElementsMatch(t, want, got)
				if tt.note == "" {
					require.Empty(t, log.take())
				} else {
					require.Equal(t, []string{tt.note}, log.take())
				}
			})
		}
	}
	c := &Chooser{Sources: []Source{&fake{name: "a", err: fails}, &fake{name: "b", err: fails}}}
	_, err := c.List(t.Context(), amd64)
	require.EqualError(t, err, "list releases for linux/amd64: "+
		"a: get https://go.dev/dl/: no network; b: get https://go.dev/dl/: no network")
	require.ErrorIs(t, err, fails)
}

// What list-all does as a rule: nothing is asked.
func TestChooserListFromCache(t *testing.T) {
	o, x := newOfficialTest(t), newProxyTest(t)
	x.dir = o.dir
	list := func() int {
		c := &Chooser{Sources: []Source{o.start(), x.start("{a}")}, Parallel: true, Log: o.log, Grace: time.Minute}
		vs, err := c.List(t.Context(), amd64)
		require.NoError(t, err)
		return len(vs)
	}
	require.Equal(t, cut, list())
	o.requests()
	x.requests()
	require.Equal(t, cut, list())
	require.Empty(t, o.requests())
	require.Empty(t, x.requests())

	// Where go.dev is out of reach, the proxies' list is as good.
	o.set("/dl/", "=404")
	o.Time = o.Add(7 * time.Hour)
	x.Time = o.Time
	x.set("/a"+modules+"list", someModules)
	require.Equal(t, all+1, list())
	o.requests()
	require.Equal(t, all+1, list())
	require.Empty(t, o.requests(), "go.dev is not tried each time")
	require.Empty(t, o.take())
}

func TestChooserOneSource(t *testing.T) {
	o := newOfficialTest(t)
	c := &Chooser{Sources: []Source{o.start()}, Log: o.log}
	_, err := c.Find(t.Context(), version(t, "1.99.1"), amd64)
	require.True(t, isNotFound(err))
	require.ErrorContains(t, err, "not found by official")
	vs, err := c.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Len(t, vs, cut)
}

func BenchmarkChooserListFromCache(b *testing.B) {
	dir, clock := b.TempDir(), newClock()
	start := func() *Official {
		return &Official{ListURL: "http://127.0.0.1:1/", CacheDir: dir, Known: loadKnown(b), Now: clock.now, Download: testClient()}
	}
	o := start()
	o.lists().write("linux", &record{table: o.Known.table, checked: clock.now()})
	for b.Loop() {
		vs, err := (&Chooser{Sources: []Source{start()}, Parallel: true}).List(b.Context(), amd64)
		require.NoError(b, err)
		require.Len(b, vs, all)
	}
}
