package fsio

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func series(t *testing.T, run *bench.Run, name string) bench.Series {
	t.Helper()
	i := slices.IndexFunc(run.Series, func(s bench.Series) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, "no series is named %s", name)
	return run.Series[i]
}

// All operations are there, in both places, with a ratio for each round; nothing is
// left, and it can be written and read.
func TestTwoPlaces(t *testing.T) {
	a, b := tmpfs(t, "size=256m"), disk(t)
	run, err := bench.Once(t.Context(), New(Options{Dirs: []string{a, b}, Quick: true}))
	require.NoError(t, err)
	require.False(t, run.Partial)
	empty(t, a, b)
	require.Equal(t, "tmpfs", run.Get("fs-a"))
	require.Contains(t, run.Get("fs-a-options"), "size=262144k")
	require.NotEqual(t, "tmpfs", run.Get("fs-b"))
	require.Contains(t, run.Get("fs-a-drop"), "ignored: 1024 of 1024", "a file in memory has no other place to be")
	require.Equal(t, "works", run.Get("fs-a-chmod"))
	ratios := Ratios(run)
	require.Len(t, ratios, len(Operations()))
	for _, r := range ratios {
		require.Equal(t, 8, r.Rounds, r.Name)
		require.Positive(t, r.Lo, r.Name)
		require.LessOrEqual(t, r.Lo, r.Median, r.Name)
		require.LessOrEqual(t, r.Median, r.Hi, r.Name)
		for _, letter := range []string{"a", "b"} {
			s := series(t, run, r.Name+atPlace+letter)
			require.GreaterOrEqual(t, len(s.Samples), 8*least, s.Name)
			require.Positive(t, s.Quantile(0), s.Name)
		}
	}
	var text strings.Builder
	require.NoError(t, bench.Write(&text, &bench.Set{Schema: bench.Schema, Runs: []*bench.Run{run}}))
}

// What is known to be faster is: no disk waits less than memory for fsync.
func TestFsyncIsSlowerOnDisk(t *testing.T) {
	a, b := tmpfs(t, "size=256m"), disk(t)
	for range 3 { // the machine may be busy
		run, err := bench.Once(t.Context(), New(Options{Dirs: []string{a, b}, Quick: true, Only: []string{"append-fsync"}}))
		require.NoError(t, err)
		if r := Ratios(run); r[0].Lo > 1 {
			return
		}
	}
	t.Error("fsync of a disk takes no longer than of memory")
}

// One place is enough to measure, and any part of the operations: what they need is
// there without those before.
func TestOnePlaceHasNoRatio(t *testing.T) {
	dir := t.TempDir()
	run, err := bench.Once(t.Context(), New(Options{Dirs: []string{dir}, Quick: true, Only: []string{"stat-hit", "unlink", "rename"}}))
	require.NoError(t, err)
	require.Empty(t, Ratios(run))
	require.Len(t, run.Series, 4, "the floor, and one of each")
	series(t, run, "FS/rename/place=a")
	empty(t, dir)
}

func TestWhatIsWrongWithTheOptions(t *testing.T) {
	for _, o := range []Options{
		{},
		{Dirs: []string{"/a", "/b", "/c"}},
		{Dirs: []string{"/a"}, Only: []string{"creat"}},
	} {
		run, err := bench.Once(t.Context(), New(o))
		require.Error(t, err)
		require.True(t, run.Partial)
	}
}

// A run that is interrupted has what there was, says so, and leaves nothing.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for { // until there is something to leave behind
			if found, _ := filepath.Glob(filepath.Join(dir, Prefix+"*")); len(found) > 0 {
				time.Sleep(500 * time.Millisecond)
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	begin := time.Now()
	run, err := bench.Once(ctx, New(Options{Dirs: []string{dir}}))
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, run.Partial)
	require.NotEmpty(t, run.Get("fs-a"))
	require.Less(t, time.Since(begin), 15*time.Second)
	empty(t, dir)
}

// The loops allocate nothing, or the collector would be measured as well.
func TestLoopsAllocateNothing(t *testing.T) {
	o := Options{Dirs: []string{t.TempDir()}, Quick: true}
	require.NoError(t, o.check())
	s := newSession(o, "")
	p := s.places[0]
	require.NoError(t, p.prepare(s.most()))
	defer func() { require.NoError(t, p.leave()) }()
	require.NoError(t, s.round(0))
	for _, tracks := range s.tracks {
		track := tracks[0]
		if track.op.id == "read-4m-cold" {
			continue // its samples do not; what goes before each does
		}
		n := min(s.plan[track.op], 20)
		if track.op.setup != nil {
			require.NoError(t, track.op.setup(p, n, 1))
		}
		i := 0
		allocated := testing.AllocsPerRun(n-1, func() { // it calls once more to warm up
			if track.op.before != nil {
				require.NoError(t, track.op.before(p))
			}
			if err := track.op.each(p, i); err != nil {
				t.Error(track.op.id, err)
			}
			i++
		})
		if track.op.teardown != nil {
			require.NoError(t, track.op.teardown(p, i))
		}
		require.Zero(t, allocated, track.op.id)
	}
}

// Where the clock moves by a microsecond, short operations are timed in
// batches, of the same size in both places.
func TestCoarseClock(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	run := &bench.Run{Env: []bench.Key{{Name: "clock-step-ns", Value: "1000"}}}
	require.NoError(t, New(Options{Dirs: []string{a, b}, Quick: true, Only: []string{"stat-hit", "flock", "create", "unlink"}}).Measure(t.Context(), run))
	first, second := series(t, run, "FS/stat/name=hit/place=a"), series(t, run, "FS/stat/name=hit/place=b")
	require.Greater(t, first.Batch, 1)
	require.Equal(t, first.Batch, second.Batch)
	require.Equal(t, 1, series(t, run, "FS/unlink/place=a").Batch, "nothing can be unlinked twice")
}

func TestIdentify(t *testing.T) {
	dir := tmpfs(t, "size=1m,mode=700")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	fs, err := Identify(link)
	require.NoError(t, err)
	require.Equal(t, dir, fs.Dir)
	require.Equal(t, "tmpfs", fs.Type())
	require.Contains(t, fs.Mount.Options, "size=1024k")
	require.False(t, fs.Mount.Windows)
	require.LessOrEqual(t, fs.Free, uint64(1<<20))
	fs.Mount.Type = ""
	require.Equal(t, "tmpfs", fs.Type(), "by its number")
	_, err = Identify(filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
