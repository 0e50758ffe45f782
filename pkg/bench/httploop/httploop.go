// Package httploop measures what HTTP over the loopback costs a Go program: how late
// an answer is at a fixed rate, and which rate is the highest.
//
//	// In a process of its own, which ends when its standard input does:
//	err := httploop.Serve(ctx, dir, func(a httploop.Addresses) { json.NewEncoder(os.Stdout).Encode(a) })
//
//	// In this one, where start runs that process and reads its addresses:
//	run, err := bench.Once(ctx, httploop.New(httploop.Options{Start: start, Quick: true}))
//	for _, s := range run.Series {
//		fmt.Println(s.Name, s.Quantile(0.5), s.Quantile(0.99), s.Unit)
//	}
//	for _, s := range httploop.Settings(run) {
//		fmt.Println(s.Name, s.Value, s.Tried, s.Advice)
//	}
//
// Client and server are net/http on both sides and two processes, so that they share
// neither Ps nor a collector. Requests are due at fixed times (open loop), and each
// latency counts from when its request was due: a server that stalls makes all those
// late that were due meanwhile. A pacer that sleeps with clock_nanosleep sends them,
// because time.Sleep knows milliseconds only.
//
// Saturation is a closed loop: as many requests as can be answered, by a few
// connections. Two processes then keep all CPUs busy, and make each other wait.
//
// The names of series and values say the network, whether connections are kept, the
// rate, and the Ps and CPUs of the client. The unix socket is the control: it does
// not move with what is done to TCP.
package httploop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Options are what to measure and how. Only Start must be there.
type Options struct {
	// Start starts a second process that calls [Serve], and returns once that is
	// ready. The probe stops it.
	Start func(ctx context.Context) (Server, error)
	// Quick is about 10 s in place of 75: fewer samples, and ipv6, unix and what
	// connects anew are measured at the middle rate only.
	Quick bool
	// Rates are the requests that are due each second, in ascending order. Empty is
	// 200, 1,000 and 5,000. A rate above 80 % of the saturation is left out.
	Rates []int
	Root  fs.FS // laid out like /; nil is this machine's
}

// A Server is the process that answers.
type Server struct {
	Addresses Addresses
	Exit      <-chan error // receives once, or is closed, when the process has ended; nil if nobody knows
	Stop      func()       // ends the process and returns when it has ended; may be called after it has
}

// New is a probe named "net". It starts nothing yet.
func New(o Options) bench.Probe { return &probe{o} }

type probe struct{ options Options }

// Name is that of [bench.Probe].
func (*probe) Name() string { return "net" }

// errServer says that the second process is to blame.
var errServer = errors.New("the server has ended")

// Measure is that of [bench.Probe]. What cannot be measured here is no error: a key
// of the run, "httploop-without-…", says why it was left out.
func (p *probe) Measure(ctx context.Context, run *bench.Run) error {
	if err := p.options.check(); err != nil {
		return err
	}
	server, err := p.options.Start(ctx)
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer server.Stop()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case why := <-server.Exit:
			if why == nil {
				cancel(errServer)
			} else {
				cancel(fmt.Errorf("%w: %w", errServer, why))
			}
		case <-within.Done():
		}
	}()
	s, err := newState(p.options, server.Addresses, run)
	if err == nil {
		err = s.measure(within)
	}
	if within.Err() != nil || err != nil && ended(within, time.Second) { // it explains all other errors
		return context.Cause(within)
	}
	return err
}

func (o *Options) check() error {
	if o.Start == nil {
		return errors.New("Options.Start is missing: who starts the server?")
	}
	if len(o.Rates) == 0 {
		o.Rates = []int{200, 1000, 5000}
	}
	return CheckRates(o.Rates)
}

// CheckRates says what is wrong with [Options.Rates]. Nothing is with none.
func CheckRates(rates []int) error {
	for i, rate := range rates {
		if rate < 1 || rate > 1_000_000 || i > 0 && rate <= rates[i-1] {
			return fmt.Errorf("%v are not ascending between 1 and 1,000,000", rates)
		}
	}
	return nil
}

// A state is what the parts of one run share.
type state struct {
	options     Options
	addresses   Addresses
	run         *bench.Run
	root        fs.FS
	base        time.Time
	procs, cpus int
	saturation  map[path]float64 // req/s
}

func newState(o Options, a Addresses, run *bench.Run) (*state, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("ask which CPUs may be used: %w", err)
	}
	s := &state{
		options: o, addresses: a, run: run, root: o.Root, base: time.Now(),
		procs: runtime.GOMAXPROCS(0), cpus: set.Count(), saturation: make(map[path]float64),
	}
	if s.root == nil {
		s.root = os.DirFS("/")
	}
	return s, nil
}

// now is one reading of CLOCK_MONOTONIC, in ns since the run began.
func (s *state) now() int64 { return int64(time.Since(s.base)) }

// measure is the order of things: what fills the CPUs comes before what is fine, and
// what fills a queue on purpose comes last.
func (s *state) measure(ctx context.Context) error {
	sockets := s.timeWait()
	before, _ := s.counters()
	for _, part := range []func(context.Context) error{s.saturate, s.latencies} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	s.timeWaits(sockets)
	if after, err := s.counters(); err == nil {
		s.value("ListenOverflows/by=load", "count", bench.Diagnostic, float64(after.overflows-before.overflows))
	}
	for _, part := range []func(context.Context) error{s.overflow, s.settings} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// named is a name with what makes it another experiment.
func (s *state) named(name string) string {
	return fmt.Sprintf("%s/procs=%d/cpus=%d", name, s.procs, s.cpus)
}

func (s *state) value(name, unit string, role bench.Role, number float64) {
	s.run.AddValue(bench.Value{Name: name, Unit: unit, Role: role, Number: number})
}

func (s *state) key(name, value string) {
	s.run.Env = append(s.run.Env, bench.Key{Name: name, Value: value})
}

// without says why something was left out.
func (s *state) without(what, why string) { s.key("httploop-without-"+what, why) }
