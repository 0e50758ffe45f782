package httploop

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Coordinated omission: a server that stalls for 200 ms once makes all requests late
// that were due meanwhile, not only the 4 that were under way.
func TestStallMakesManyLate(t *testing.T) {
	s := running(t, "stall")
	r, err := s.open(t.Context(), load{path: path{"ipv4", true}, rate: 500, samples: 600, inFlight: 4})
	require.NoError(t, err)
	require.Len(t, r.latencies, 600)
	late, longest := 0, int64(0)
	for _, v := range r.latencies {
		if longest = max(longest, v); v > int64(5*time.Millisecond) {
			late++
		}
	}
	require.GreaterOrEqual(t, late, 90, "500 a second, 195 ms: 97 and more")
	require.GreaterOrEqual(t, longest, int64(199*time.Millisecond))
	require.GreaterOrEqual(t, r.missed, 90, "4 were under way, the others had no connection")
	require.Zero(t, r.failed)
}

func TestServerDies(t *testing.T) {
	late := func(ctx context.Context) (Server, error) { // requests fail before anybody knows why
		server, err := start("die")(ctx)
		exit, ended := make(chan error, 1), server.Exit
		server.Exit = exit
		go func() {
			why := <-ended
			time.Sleep(300 * time.Millisecond)
			exit <- why
		}()
		return server, err
	}
	run, err := bench.Once(t.Context(), New(Options{Quick: true, Start: late}))
	require.ErrorContains(t, err, "measure net: the server has ended: exit status 7")
	require.True(t, run.Partial)
	_, err = bench.Once(t.Context(), New(Options{Start: func(context.Context) (Server, error) { return Server{}, errors.New("no such program") }}))
	require.EqualError(t, err, "measure net: start the server: no such program")
}

// What was answered before the server died is kept.
func TestServerDiesUnderLoad(t *testing.T) {
	server, err := start("die")(t.Context())
	require.NoError(t, err)
	defer server.Stop()
	s, err := newState(Options{}, server.Addresses, new(bench.Run))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-server.Exit; cancel() }()
	r, err := s.open(ctx, load{path: path{"ipv4", true}, rate: 4000, samples: 8000, inFlight: 16})
	require.ErrorIs(t, err, context.Canceled)
	require.InDelta(t, 1990, len(r.latencies), 20)
	require.Zero(t, r.failed, r.why)
}

func TestSomethingElseAnswers(t *testing.T) {
	_, err := bench.Once(t.Context(), New(Options{Quick: true, Start: start("lie")}))
	require.ErrorContains(t, err, "something else answers at http://127.0.0.1:")
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	began := time.Now()
	run, err := bench.Once(ctx, New(Options{Quick: true, Rates: []int{1, 2, 20}, Start: start()}))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(began), 8*time.Second)
	require.True(t, run.Partial)
	require.NotEmpty(t, run.Values, "the saturation was measured")
	require.Len(t, run.Series, 1, "a second and a half of one request each")
}

// Nobody answers there: each request fails, and none is lost.
func TestFailuresCount(t *testing.T) {
	s, err := newState(Options{}, Addresses{IPv4: "127.0.0.1:1"}, new(bench.Run))
	require.NoError(t, err)
	l := load{path: path{"ipv4", true}, rate: 1000, samples: 20, inFlight: 4}
	r, err := s.open(t.Context(), l)
	require.NoError(t, err)
	require.Len(t, r.latencies, 20)
	require.Equal(t, 20, r.failed)
	require.Regexp(t, "^20 requests failed and count as 5s each, the first: .* connection refused$", r.note())
	s.saturation[l.path] = 1e6
	require.ErrorContains(t, s.latency(t.Context(), l), "20 of 20 requests failed")
}

func TestRateAboveSaturation(t *testing.T) {
	s, err := newState(Options{Rates: []int{100, 81_000}}, Addresses{}, new(bench.Run))
	require.NoError(t, err)
	s.saturation[path{"ipv4", true}] = 100_000
	require.NoError(t, s.latency(t.Context(), load{path: path{"ipv4", true}, rate: 81_000, samples: 10}))
	require.Regexp(t, "above 80 % of the saturation", s.run.Get("httploop-without-net=ipv4/keepalive=on/rate=81000"))
	require.Empty(t, s.run.Series)
	for _, rates := range [][]int{{0}, {5, 5}, {9, 8}, {2_000_000}} {
		o := Options{Start: start(), Rates: rates}
		require.ErrorContains(t, o.check(), "not ascending between 1 and 1,000,000")
	}
}

// A kernel that has none of these files, such as that of WSL1.
func TestAbsent(t *testing.T) {
	s, err := newState(Options{Root: fstest.MapFS{}}, Addresses{}, new(bench.Run))
	require.NoError(t, err)
	require.NoError(t, s.overflow(t.Context()))
	require.NoError(t, s.settings(t.Context()))
	require.Regexp(t, "^unknown: a connect hung, and nobody counts: open proc/net/netstat: ", s.run.Get(Overflow))
	require.Equal(t, bench.Absent, s.run.Get("somaxconn"))
	require.EqualValues(t, -1, s.timeWait())
	require.EqualValues(t, 2823, s.newConnections())
	for _, one := range Settings(s.run) {
		require.NotEmpty(t, one.Advice, one.Name)
	}
}

func TestVerdict(t *testing.T) {
	one := listening{1, 1}
	require.Equal(t, "not provoked: a queue of 1 took 8 connections", verdict(8, 0, listening{}, nil))
	require.Equal(t, "unknown: a connect hung, but the kernel has not counted it", verdict(2, time.Second, listening{1, 0}, nil))
	require.Equal(t, "provoked, and the connect was never answered, although there was room again", verdict(2, 0, one, nil))
	require.Equal(t, "provoked", verdict(2, time.Second, one, nil))
}

func TestCounters(t *testing.T) {
	got := counters("TcpExt: A ListenDrops\nTcpExt: 1 22\nIpExt: A\nIpExt: 3\n\nTcpExt:\ncut A B\ncut 1\n")
	require.Equal(t, map[string]int64{"TcpExt.A": 1, "TcpExt.ListenDrops": 22, "IpExt.A": 3}, got)
}

// Goroutines of the server that keep all Ps busy make answers wait for a time slice.
// Others use this machine as well, so that it has several tries.
func TestHogMovesLatency(t *testing.T) {
	p99 := func(faults ...string) int64 {
		s := running(t, faults...)
		r, err := s.open(t.Context(), load{path: path{"ipv4", true}, rate: 100, warm: 10, samples: 150, inFlight: inFlight})
		require.NoError(t, err)
		return bench.Series{Samples: r.latencies}.Quantile(0.99)
	}
	for range 6 {
		if quiet, hogged := p99(), p99("hog"); hogged > 2*quiet {
			t.Logf("p99 %v quiet, %v with busy goroutines", time.Duration(quiet), time.Duration(hogged))
			return
		}
	}
	t.Error("busy goroutines of the server have not doubled p99 in six tries")
}
