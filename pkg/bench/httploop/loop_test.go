package httploop

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A fakeClock is a pacer's time: reading it takes a microsecond.
type fakeClock struct{ ns int64 }

func (c *fakeClock) now() int64 { c.ns += 1000; return c.ns }

func (c *fakeClock) wait(deadline int64) error { c.ns = max(c.ns, deadline); return nil }

func (c *fakeClock) pacer(n, rate int) *pacer {
	return &pacer{start: 1e6, rate: int64(rate), now: c.now, wait: c.wait, stopped: new(atomic.Bool), late: make([]int64, n)}
}

// A thousand a second are due at each millisecond, however long one of them took,
// and those that were due meanwhile are sent at once.
func TestPacerKeepsItsTimes(t *testing.T) {
	c := new(fakeClock)
	p := c.pacer(100, 1000)
	var sent []int64
	n, err := p.run(func(i int) {
		sent = append(sent, c.ns)
		if i == 10 {
			c.ns += 20e6
		}
	})
	require.NoError(t, err)
	require.Equal(t, 100, n)
	for i, at := range sent {
		require.Equal(t, at, p.due(i)+p.late[i])
		switch {
		case i <= 10 || i > 30:
			require.InDelta(t, 1e6*(i+1), at, 10_000, i)
		default:
			require.InDelta(t, sent[10]+20e6, at, 100_000, i)
		}
	}
	require.InDelta(t, 20, p.missed, 1)
	require.Equal(t, int64(1e6+999_999_999), (&pacer{start: 1e6, rate: 7}).due(7)-1, "nothing adds up")
}

func TestPacerStops(t *testing.T) {
	c := new(fakeClock)
	p := c.pacer(100, 1000)
	n, err := p.run(func(i int) { p.stopped.Store(i == 40) })
	require.NoError(t, err)
	require.Equal(t, 41, n)
	broken := errors.New("broken")
	p = new(fakeClock).pacer(100, 1)
	p.wait = func(int64) error { return broken }
	n, err = p.run(func(int) {})
	require.ErrorIs(t, err, broken)
	require.Zero(t, n)
}

// The loop that sends allocates nothing. What net/http allocates for each request is
// part of what is measured.
func TestPacerAllocatesNothing(t *testing.T) {
	base := time.Now()
	now := func() int64 { return int64(time.Since(base)) }
	clock := newKernelClock(now)
	f := &flight{work: make(chan int, 1000), bound: 4}
	f.pacer = pacer{rate: 1_000_000, now: now, wait: clock.wait, stopped: new(atomic.Bool), late: make([]int64, 50)}
	send := f.send
	require.Zero(t, testing.AllocsPerRun(10, func() {
		f.pacer.start, f.pacer.missed, f.pacer.counted = now(), 0, 0
		_, _ = f.pacer.run(send)
	}))
	require.InDelta(t, 46, f.pacer.missed, 4, "more than 4 were pending, and most were late as well")
}

// A real one is on time, more or less, and never early.
func TestKernelClock(t *testing.T) {
	base := time.Now()
	now := func() int64 { return int64(time.Since(base)) }
	exact(func() {
		p := pacer{rate: 1000, now: now, wait: newKernelClock(now).wait, stopped: new(atomic.Bool), late: make([]int64, 200)}
		p.start = now()
		_, err := p.run(func(int) {})
		require.NoError(t, err)
		require.GreaterOrEqual(t, now()-p.start, int64(199e6))
		for _, late := range p.late {
			require.GreaterOrEqual(t, late, int64(0))
		}
	})
}

func TestMeter(t *testing.T) {
	m := &meter{warm: 100, took: 1000, most: 1e9}
	more := true
	now := int64(0)
	for now < 5000 && more {
		now += 10
		more = m.answer(now)
	}
	require.EqualValues(t, 1100, now)
	require.InDelta(t, 1e8, m.rate(), 1)
	few := &meter{warm: 1e9, took: 1e9, most: 100}
	n := 1
	for few.answer(int64(n) * 10) {
		n++
	}
	require.Equal(t, 90, n)
	require.InDelta(t, 1e8, few.rate(), 1)
	require.Zero(t, new(meter).rate())
}
