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

// saturate finds for each path the highest rate, by a closed loop: each connection
// sends the next request when the last is answered.
func (s *state) saturate(ctx context.Context) error {
	for _, p := range s.paths() {
		best, with := 0.0, 0
		for _, connections := range s.connections() {
			rate, err := s.closed(ctx, p, connections)
			if errors.Is(err, unix.EADDRNOTAVAIL) {
				s.without("saturation/"+p.String(), "the ports for new connections are used up")
				break
			}
			if err != nil {
				return fmt.Errorf("saturation, %s, %d connections: %w", p, connections, err)
			}
			if rate > best {
				best, with = rate, connections
			}
		}
		if best == 0 {
			if s.run.Get("httploop-without-saturation/"+p.String()) == "" {
				s.without("saturation/"+p.String(), "too few requests were answered in the time")
			}
			continue
		}
		s.saturation[p] = best
		s.run.AddValue(bench.Value{Name: s.named("Saturation/" + p.String()), Unit: "req/s", Role: p.role(), Number: best, Higher: true})
		s.value(s.named("SaturationConnections/"+p.String()), "count", bench.Diagnostic, float64(with))
	}
	return nil
}

// connections are how many are tried at a time: with too few the CPUs wait, with too
// many the caches do.
func (s *state) connections() []int {
	if s.options.Quick {
		return []int{4 * s.procs, 16 * s.procs}
	}
	return []int{2 * s.procs, 8 * s.procs, 32 * s.procs}
}

// A meter counts answers, and says over which of them the rate is: from the first
// after the warm-up to the first after the time, or until there are nearly as many
// as there may be.
type meter struct {
	warm, took int64 // ns
	most       int64
	begin      int64 // ns since the run began
	answered   atomic.Int64
	first      atomic.Pointer[mark]
	last       atomic.Pointer[mark]
}

// A mark is how many answers there were at a time.
type mark struct{ n, at int64 }

// answer counts one, and reports whether more are wanted.
func (m *meter) answer(now int64) bool {
	n := m.answered.Add(1)
	switch first := m.first.Load(); {
	case m.last.Load() != nil:
		return false
	case first == nil:
		if now-m.begin >= m.warm || n >= m.most/4 {
			m.first.CompareAndSwap(nil, &mark{n, now})
		}
	case now-first.at >= m.took || n >= m.most*9/10:
		m.last.CompareAndSwap(nil, &mark{n, now})
		return false
	}
	return true
}

// rate is how many answers there were in a second; 0 where there were too few.
func (m *meter) rate() float64 {
	first, last := m.first.Load(), m.last.Load()
	if first == nil || last == nil || last.at <= first.at {
		return 0
	}
	return float64(last.n-first.n) / (float64(last.at-first.at) / 1e9)
}

// closed is how many requests were answered each second.
func (s *state) closed(ctx context.Context, p path, connections int) (float64, error) {
	m := &meter{warm: int64(300 * time.Millisecond), took: int64(time.Second), most: 1e9, begin: s.now()}
	if s.options.Quick {
		m.warm, m.took = int64(50*time.Millisecond), int64(150*time.Millisecond)
	}
	if !p.keep {
		m.most = s.newConnections()
	}
	client, url := s.newClient(p, connections)
	defer client.CloseIdleConnections()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range connections {
		one, err := newSender(within, client, url)
		if err != nil {
			return 0, err
		}
		workers.Go(func() {
			for more := true; more; more = m.answer(s.now()) {
				if err := one.send(); err != nil {
					cancel(err) // no later one replaces it
					return
				}
			}
		})
	}
	workers.Wait()
	return m.rate(), context.Cause(within)
}
