package trace

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	exptrace "golang.org/x/exp/trace"
)

// A made is a trace made by hand. Times are in ms.
type made struct {
	t *testing.T
	a *analyzer
}

const (
	noP = exptrace.NoProc
	noG = exptrace.NoGoroutine
)

func newMade(t *testing.T) *made {
	m := &made{t, newAnalyzer(Options{})}
	m.add(exptrace.EventConfig[exptrace.Sync]{Kind: exptrace.EventSync, Time: 1, Goroutine: noG, Proc: noP, Details: exptrace.Sync{N: 1}})
	m.a.setProcs(2, 1)
	return m
}

func send[T exptrace.EventDetails](m *made, c exptrace.EventConfig[T]) {
	ev, err := exptrace.MakeEvent(c)
	require.NoError(m.t, err)
	m.a.event(&ev)
}

func (m *made) add(c exptrace.EventConfig[exptrace.Sync]) { send(m, c) }

func at(ms int) exptrace.Time { return exptrace.Time(ms) * 1e6 }

// g is a transition of a goroutine, in the context of a P and of who runs there.
func (m *made) g(ms int, p exptrace.ProcID, by, id exptrace.GoID, from, to exptrace.GoState, reason string, stack ...string) {
	m.t.Helper()
	t := exptrace.MakeGoStateTransition(id, from, to)
	t.Reason = reason
	if from == undetermined {
		t.Stack = stackOf(stack)
	}
	send(m, exptrace.EventConfig[exptrace.StateTransition]{
		Kind: exptrace.EventStateTransition, Time: at(ms), Proc: p, Goroutine: by, Stack: stackOf(stack), Details: t,
	})
}

func (m *made) p(ms int, by, id exptrace.ProcID, from, to exptrace.ProcState) {
	m.t.Helper()
	send(m, exptrace.EventConfig[exptrace.StateTransition]{
		Kind: exptrace.EventStateTransition, Time: at(ms), Proc: by, Goroutine: noG, Details: exptrace.MakeProcStateTransition(id, from, to),
	})
}

func (m *made) span(ms int, kind exptrace.EventKind, p exptrace.ProcID, g exptrace.GoID, name string) {
	m.t.Helper()
	send(m, exptrace.EventConfig[exptrace.Range]{
		Kind: kind, Time: at(ms), Proc: p, Goroutine: g,
		Details: exptrace.Range{Name: name, Scope: exptrace.MakeResourceID(g)},
	})
}

func stackOf(names []string) exptrace.Stack {
	if len(names) == 0 {
		return exptrace.NoStack
	}
	var frames []exptrace.StackFrame
	for i, name := range names {
		frames = append(frames, exptrace.StackFrame{PC: uint64(len(name)*100 + i + 1), Func: name, File: "x.go", Line: 7})
	}
	return exptrace.MakeStack(frames)
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

const (
	undetermined = exptrace.GoUndetermined
	notExist     = exptrace.GoNotExist
	runnable     = exptrace.GoRunnable
	running      = exptrace.GoRunning
	waiting      = exptrace.GoWaiting
	inSyscall    = exptrace.GoSyscall
	idleP        = exptrace.ProcIdle
	runningP     = exptrace.ProcRunning
)

// A call that was under way when the trace began is left out by go tool trace once its
// goroutine runs, and only then.
func TestCallFromBefore(t *testing.T) {
	m := newMade(t)
	m.g(1, noP, noG, 7, undetermined, inSyscall, "", "syscall.read")
	m.g(5, noP, 7, 7, inSyscall, runnable, "")
	s := m.a.report().Syscalls
	require.Equal(t, Sum{1, ms(4)}, Sum{s.Count, s.Total})
	require.Equal(t, Sum{}, s.LeftOut)
	require.EqualValues(t, 1, s.Sites[0].Lost.Unseen)

	m.g(8, 0, noG, 7, runnable, running, "")
	r := m.a.report()
	require.Equal(t, Sum{1, ms(4)}, r.Syscalls.LeftOut)
	require.Equal(t, Sum{1, ms(3)}, r.Scheduler.LeftOut)
	require.Equal(t, "syscall exit", r.Scheduler.Causes[0].Cause)
	require.Equal(t, "syscall.read", r.Scheduler.Sites[0].Stack[0].Func) // whose exit it was
	require.Empty(t, r.SyscallProfile().Sample)
	require.Empty(t, r.SchedulerProfile().Sample)
}

func TestLosses(t *testing.T) {
	m := newMade(t)
	m.p(1, noP, 0, exptrace.ProcUndetermined, runningP)
	m.g(1, 0, noG, 7, undetermined, running, "")
	lose := func(start int, by exptrace.ProcID) {
		m.g(start, 0, 7, 7, running, inSyscall, "", "syscall.read")
		m.p(start+1, by, 0, runningP, idleP)
		m.p(start+3, noP, 0, idleP, runningP)
		m.g(start+3, 0, 7, 7, inSyscall, runnable, "")
		m.g(start+4, 0, noG, 7, runnable, running, "")
	}
	lose(10, 0)   // it gave it away
	lose(20, noP) // the monitor took it
	lose(30, noP)
	lose(40, 1) // another goroutine stopped the world
	m.g(50, 0, 7, 7, running, inSyscall, "", "syscall.read")
	m.g(52, 0, 7, 7, inSyscall, running, "")
	m.p(60, 0, 0, runningP, idleP) // of nobody in a call
	r := m.a.report()
	require.Len(t, r.Syscalls.Sites, 1)
	site := r.Syscalls.Sites[0]
	require.Equal(t, Lost{HandedOff: 1, Retaken: 2, Stopped: 1}, site.Lost)
	require.Equal(t, site.Lost, r.Ps.Lost)
	require.EqualValues(t, 4, site.LostP)
	require.EqualValues(t, 5, site.Count)
	require.Equal(t, ms(14), site.Total)
	require.Equal(t, ms(4), site.WithP)
	require.Equal(t, ms(8), site.Without)
	require.Equal(t, ms(3), site.Max)
	require.EqualValues(t, at(10)-1, site.MaxAt) // the first of those
	require.EqualValues(t, 4, r.Ps.Starts)
}

// Waits count as idle as far as a P idles that GOMAXPROCS allows, and the world runs.
func TestIdle(t *testing.T) {
	m := newMade(t)
	m.p(1, noP, 0, exptrace.ProcUndetermined, runningP)
	m.p(1, noP, 1, exptrace.ProcUndetermined, runningP)
	m.p(1, noP, 2, exptrace.ProcUndetermined, idleP) // beyond GOMAXPROCS
	m.g(1, 0, noG, 7, undetermined, running, "")
	m.g(10, 0, 7, 8, notExist, runnable, "", "main.main")
	m.p(14, 1, 1, runningP, idleP)
	m.span(16, exptrace.EventRangeBegin, 0, 7, "stop-the-world (read mem stats)")
	m.span(19, exptrace.EventRangeEnd, 0, 7, "stop-the-world (read mem stats)")
	m.p(20, noP, 1, idleP, runningP)
	m.g(30, 1, noG, 8, runnable, running, "")
	idle := m.a.report().Scheduler.Idle
	require.Equal(t, ms(3), idle.Total) // 14 to 16, 19 to 20
	require.Equal(t, ms(3), idle.Together)
	require.Equal(t, ms(3), idle.IdleTime)
	require.Equal(t, ms(3), idle.Max)
	require.EqualValues(t, at(10)-1, m.a.report().Scheduler.Sites[0].MaxAt)
	require.Equal(t, ms(200), idle.Limit)
	require.Zero(t, idle.Long)

	for i := range 40 { // makes the median short
		m.g(40+i, 1, 8, 8, running, runnable, "runtime.Gosched", "main.f")
		m.g(40+i, 1, noG, 8, runnable, running, "")
	}
	require.Equal(t, ms(1), m.a.report().Scheduler.Idle.Limit)
	require.EqualValues(t, 1, m.a.report().Scheduler.Idle.Long)

	m.a.setProcs(3, int64(at(100)))
	m.g(100, 0, 7, 9, notExist, runnable, "", "main.main")
	m.g(105, 0, noG, 9, runnable, running, "")
	require.Equal(t, ms(8), m.a.report().Scheduler.Idle.Total) // now P 2 counts
}

// The world stands when no P runs but that of who stops it.
func TestStopping(t *testing.T) {
	m := newMade(t)
	for p := range exptrace.ProcID(3) {
		m.p(1, noP, p, exptrace.ProcUndetermined, runningP)
	}
	m.g(1, 0, noG, 7, undetermined, running, "")
	name := "stop-the-world (GC mark termination)"
	m.span(10, exptrace.EventRangeBegin, 0, 7, name)
	m.p(11, 1, 1, runningP, idleP)
	m.p(13, 2, 2, runningP, idleP)
	m.p(16, noP, 1, idleP, runningP)
	m.span(18, exptrace.EventRangeEnd, 0, 7, name)
	m.p(20, 1, 1, runningP, idleP)
	m.span(30, exptrace.EventRangeBegin, 0, 7, name) // which has nobody to wait for
	m.span(31, exptrace.EventRangeEnd, 0, 7, name)
	stops := m.a.report().Stops
	require.Len(t, stops, 1)
	require.Equal(t, "GC mark termination", stops[0].Reason)
	require.Equal(t, Latency{Count: 2, Total: ms(9), P50: ms(1), P90: ms(8), P99: ms(8), Max: ms(8)}, stops[0].Latency)
	require.Equal(t, Latency{Count: 2, Total: ms(3), P90: ms(3), P99: ms(3), Max: ms(3)}, stops[0].Stopping)
	require.EqualValues(t, at(10)-1, stops[0].MaxAt)
}

// An assist goes on while its goroutine waits, but only what it runs is its share.
func TestAssist(t *testing.T) {
	m := newMade(t)
	m.g(1, 0, noG, 7, undetermined, running, "")
	m.span(10, exptrace.EventRangeBegin, 0, 7, "GC mark assist")
	m.g(12, 0, 7, 7, running, runnable, "preempted", "main.f")
	m.g(20, 0, noG, 7, runnable, running, "")
	m.span(21, exptrace.EventRangeActive, 0, 7, "GC mark assist") // as a generation begins
	m.span(25, exptrace.EventRangeEnd, 0, 7, "GC mark assist")
	m.g(30, 0, 7, 7, running, waiting, "sleep", "main.f")
	gc := m.a.report().GC
	require.Equal(t, Sum{1, ms(15)}, Sum{gc.Assists.Count, gc.Assists.Total})
	require.Equal(t, ms(7), gc.Assist)
}

func TestMigrationsAndLongRuns(t *testing.T) {
	m := newMade(t)
	m.g(1, 0, noG, 6, undetermined, running, "")
	m.g(2, 0, 6, 7, notExist, runnable, "", "main.main") // t.Stack is not in a made event
	m.g(3, 1, noG, 7, runnable, running, "")             // its first P is no move
	m.g(30, 1, 7, 7, running, runnable, "preempted", "main.loop", "main.start")
	m.g(31, 1, noG, 7, runnable, running, "")
	m.g(32, 1, 7, 7, running, waiting, "chan receive", "main.loop")
	m.g(33, 0, 6, 7, waiting, runnable, "", "main.wake")
	m.g(34, 0, noG, 7, runnable, running, "")
	m.g(60, 0, 7, 7, running, notExist, "")
	m.g(61, 0, 6, 9, notExist, runnable, "", "main.main")
	m.g(70, 0, 6, 6, running, waiting, "select", "main.main")
	r := m.a.report()
	require.EqualValues(t, 1, r.Scheduler.Migrations)
	require.Equal(t, Sum{1, ms(9)}, r.Scheduler.Open)
	require.Equal(t, 1, r.Scheduler.Backlog)
	require.EqualValues(t, 3, r.LongRuns.Count)
	require.Equal(t, ms(69), r.LongRuns.Max)
	var ended []string
	for _, l := range r.LongRuns.Places {
		ended = append(ended, l.Ended+" "+l.Stack.Call())
	}
	require.Equal(t, []string{"blocked: select main.main", "preempted main.loop", "exit "}, ended)
	require.EqualValues(t, 3, r.Goroutines)
}

// What has not ended with the trace is counted, and apart.
func TestOpen(t *testing.T) {
	m := newMade(t)
	m.g(1, 0, noG, 7, undetermined, running, "")
	m.g(2, 0, 7, 7, running, inSyscall, "", "syscall.read", "main.f")
	m.g(50, 1, noG, 8, undetermined, running, "")
	m.g(52, 1, 8, 8, running, waiting, "sleep", "main.g")
	r := m.a.report()
	s := r.Syscalls
	require.Zero(t, s.Count)
	require.Equal(t, Sum{1, ms(50)}, s.Open)
	require.Equal(t, Sum{1, ms(50)}, s.Sites[0].Open)
	require.Contains(t, r.Verdict()[0], "1 had not returned at the end")
}

// known is a trace of testdata.
func known(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open("testdata/go1.26.trace.gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return b
}

// Stacks for which there is no room are one, and nothing is lost of the sums.
func TestOtherStacks(t *testing.T) {
	b := known(t)
	all, few := newAnalyzer(Options{}), newAnalyzer(Options{})
	few.stacks.most = 4
	for _, a := range []*analyzer{all, few} {
		require.NoError(t, a.read(t.Context(), &framing{r: bytes.NewReader(b)}, nil))
	}
	want, got := all.report(), few.report()
	require.Zero(t, want.OtherStacks)
	require.NotZero(t, got.OtherStacks)
	require.Less(t, got.OtherStacks, got.Syscalls.Count+got.Scheduler.Count)
	require.Less(t, len(got.Syscalls.Sites), len(want.Syscalls.Sites))
	require.Equal(t, want.Syscalls.Latency, got.Syscalls.Latency)
	require.Equal(t, want.Syscalls.LeftOut, got.Syscalls.LeftOut)
	require.Equal(t, want.Scheduler.Latency, got.Scheduler.Latency)
	require.Equal(t, want.Scheduler.Causes, got.Scheduler.Causes)
}

// What a damaged trace says of Ps takes no room.
func TestTooManyPs(t *testing.T) {
	m := newMade(t)
	m.p(1, noP, 1<<40, exptrace.ProcUndetermined, runningP)
	require.ErrorContains(t, m.a.failed, "1099511627776 Ps")
	m.g(2, 1<<40, noG, 7, undetermined, running, "")
	require.Zero(t, m.a.seen)
	require.Len(t, m.a.procs, 0)

	require.ErrorIs(t, m.a.read(t.Context(), &framing{r: bytes.NewReader(known(t))}, nil), ErrDamaged)

	m = newMade(t)
	require.True(t, m.a.possible(mostPs))
	require.False(t, m.a.possible(mostPs+1))
}
