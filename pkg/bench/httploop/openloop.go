package httploop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// inFlight is how many requests are under way at most. One that is due when so many
// are waits for the first that is answered. Its latency counts all the same from when
// it was due, and it is counted as missed: nothing is left out.
const inFlight = 64

// A load is requests at a fixed rate.
type load struct {
	path
	rate     int
	warm     int // requests before the samples, which are thrown away
	samples  int
	inFlight int
}

// A loaded is what became of them.
type loaded struct {
	latencies []int64 // ns, by when they were due; without those that never ended
	late      []int64 // by how much the pacer sent each late, ns
	missed    int     // could not be sent when they were due
	failed    int     // are in latencies as the longest
	why       error   // the first failure
}

// A flight is a load that is under way.
type flight struct {
	pacer     pacer
	work      chan int // as long as there are requests: the pacer never waits
	latencies []int64  // -1 is not known yet, or never
	pending   atomic.Int64
	bound     int64
	failed    atomic.Int64
	first     atomic.Pointer[error]
}

// open sends a load. The latencies are those after the warm-up. With an error it
// returns what there is.
func (s *state) open(ctx context.Context, l load) (*loaded, error) {
	client, url := s.newClient(l.path, l.inFlight)
	defer client.CloseIdleConnections()
	n := l.warm + l.samples
	f := &flight{
		work: make(chan int, n), latencies: make([]int64, n), bound: int64(l.inFlight),
		pacer: pacer{rate: int64(l.rate), now: s.now, stopped: new(atomic.Bool), late: make([]int64, n), warm: l.warm},
	}
	for i := range n {
		f.latencies[i], f.pacer.late[i] = -1, -1 // touched, so that no page fault is measured
	}
	defer context.AfterFunc(ctx, func() { f.pacer.stopped.Store(true) })()
	var workers sync.WaitGroup
	for range l.inFlight {
		one, err := newSender(ctx, client, url)
		if err != nil {
			return new(loaded), err
		}
		workers.Go(func() { f.requests(ctx, one) })
	}
	err := f.pace(s.now)
	close(f.work)
	workers.Wait()
	return f.result(l.warm), errors.Join(err, ctx.Err())
}

// pace has the pacer send, on a thread of its own.
func (f *flight) pace(now func() int64) (err error) {
	exact(func() {
		clock := newKernelClock(now)
		f.pacer.wait = clock.wait
		f.pacer.start = now() + int64(5*time.Millisecond)
		_, err = f.pacer.run(f.send)
	})
	return err
}

func (f *flight) send(i int) {
	if f.pending.Add(1) > f.bound {
		f.pacer.miss(i)
	}
	f.work <- i
}

// requests sends what is due, one request at a time, and notes for how long it took from
// when it was due.
func (f *flight) requests(ctx context.Context, one *sender) {
	for i := range f.work {
		if ctx.Err() != nil {
			return
		}
		err := one.send()
		took := f.pacer.now() - f.pacer.due(i)
		f.pending.Add(-1)
		if err != nil {
			if ended(ctx, 100*time.Millisecond) {
				return // not its own failure
			}
			f.failed.Add(1)
			f.first.CompareAndSwap(nil, &err)
			took = max(took, int64(longest))
		}
		f.latencies[i] = took
	}
}

// ended reports whether a context ends within a time. That a server has died is
// known a moment later than that it does not answer.
func ended(ctx context.Context, within time.Duration) bool {
	select {
	case <-ctx.Done():
		return true
	case <-time.After(within):
		return false
	}
}

// result is what there is, without the warm-up.
func (f *flight) result(warm int) *loaded {
	r := &loaded{missed: f.pacer.missed, failed: int(f.failed.Load())}
	if first := f.first.Load(); first != nil {
		r.why = *first
	}
	for i := warm; i < len(f.latencies); i++ {
		if f.latencies[i] >= 0 {
			r.latencies = append(r.latencies, f.latencies[i])
			r.late = append(r.late, f.pacer.late[i])
		}
	}
	return r
}

// latencies measures each path at each rate.
func (s *state) latencies(ctx context.Context) error {
	for _, rate := range s.options.Rates {
		for _, p := range s.paths() {
			if s.options.Quick && rate != s.middle() && p != (path{"ipv4", true}) {
				continue
			}
			if err := s.latency(ctx, s.load(p, rate)); err != nil {
				return err
			}
		}
	}
	if s.addresses.IPv6 == "" {
		s.without("ipv6", "there is no ::1 here: "+s.addresses.NoIPv6)
	}
	return nil
}

// middle is the rate that quick measures everywhere.
func (s *state) middle() int { return s.options.Rates[len(s.options.Rates)/2] }

// load is how many samples a rate gets: 370 are the least for p99, and 10 times that
// are wanted. New connections leave ports behind, so that they are fewer.
func (s *state) load(p path, rate int) load {
	l := load{path: p, rate: rate, inFlight: inFlight, samples: max(400, min(4*rate, max(4000, 2*rate)))}
	if !p.keep {
		l.samples = min(l.samples, 3000)
	}
	if s.options.Quick {
		l.samples = max(400, min(l.samples, rate/2))
	}
	l.warm = min(l.samples/4, rate/2)
	return l
}

// headroom is the part of the saturation that a rate may be. Above it the queue grows
// without end, and a latency says only for how long it was measured.
const headroom = 0.8

// latency adds one series.
func (s *state) latency(ctx context.Context, l load) error {
	name := fmt.Sprintf("%s/rate=%d", l.path, l.rate)
	if most, known := s.saturation[l.path]; known && float64(l.rate) > headroom*most {
		s.without(name, fmt.Sprintf("the rate is above %.0f %% of the saturation, where the queue grows without end", 100*headroom))
		return nil
	}
	r, err := s.open(ctx, l)
	if err == nil && 10*r.failed > l.warm+l.samples {
		if errors.Is(r.why, unix.EADDRNOTAVAIL) {
			s.without(name, "the ports for new connections are used up; net.ipv4.tcp_tw_reuse or a minute would help")
			return nil
		}
		err = fmt.Errorf("%s: %d of %d requests failed: %w", name, r.failed, l.warm+l.samples, r.why)
	}
	if len(r.latencies) == 0 {
		return err
	}
	series := bench.Series{
		Name: s.named("Latency/" + name), Unit: "ns", Role: l.role(), Batch: 1,
		Samples: r.latencies, Missed: r.missed, Note: r.note(),
	}
	s.run.Add(series)
	late := bench.Series{Samples: r.late}
	s.value(s.named("PacerLateP99/"+name), "ns", bench.Floor, float64(late.Quantile(0.99)))
	return err
}

// role is control for the unix socket: TCP is not on its way.
func (p path) role() bench.Role {
	if p.network == "unix" {
		return bench.Control
	}
	return bench.Headline
}

// note is what a reader must know of failures.
func (r *loaded) note() string {
	if r.failed == 0 {
		return ""
	}
	return fmt.Sprintf("%d requests failed and count as %v each, the first: %v", r.failed, longest, r.why)
}
