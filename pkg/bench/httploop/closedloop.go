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

// closed is how many requests were answered each second.
func (s *state) closed(ctx context.Context, p path, connections int) (float64, error) {
	warm, took := 300*time.Millisecond, time.Second
	if s.options.Quick {
		warm, took = 50*time.Millisecond, 150*time.Millisecond
	}
	most := int64(1e9)
	if !p.keep {
		most = s.newConnections()
	}
	client, url := s.newClient(p, connections)
	defer client.CloseIdleConnections()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var answered atomic.Int64
	var over atomic.Bool
	var workers sync.WaitGroup
	for range connections {
		one, err := newSender(within, client, url)
		if err != nil {
			return 0, err
		}
		workers.Go(func() {
			for !over.Load() && within.Err() == nil && answered.Load() < most {
				if err := one.send(); err != nil {
					cancel(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	rate := count(within, s.now, &answered, warm, took, most)
	over.Store(true)
	workers.Wait()
	return rate, context.Cause(within)
}

// count looks at a number after the warm-up and at the end of the time, or when the
// most that may be is near, and says by how much it grew in a second.
func count(ctx context.Context, now func() int64, n *atomic.Int64, warm, took time.Duration, most int64) float64 {
	ticks := time.NewTicker(5 * time.Millisecond)
	defer ticks.Stop()
	begin, at, from := now(), int64(0), int64(0)
	for {
		select {
		case <-ctx.Done():
			return 0
		case <-ticks.C:
		}
		done, t := n.Load(), now()
		switch {
		case at == 0 && (t-begin >= int64(warm) || done >= most/4):
			at, from = t, done
		case at != 0 && (t-at >= int64(took) || done >= most*9/10):
			return float64(done-from) / (float64(t-at) / 1e9)
		}
	}
}
