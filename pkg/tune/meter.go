package tune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/sync/errgroup"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// A meter makes the requests of one [Measure].
type meter struct {
	opts    Options
	relayed checksumdb.Setting
	report  *Report
	client  *network.Client
	path    string // of the module, as it stands in URLs

	mu   sync.Mutex // held around Options.Progress
	done int
}

func newMeter(opts Options) (*meter, error) {
	relayed, err := checksumdb.ParseGOSUMDB(opts.Database)
	if err != nil {
		return nil, err
	}
	opts.Module = cmp.Or(opts.Module, Cobra())
	opts.Rounds, opts.Parallel = cmp.Or(opts.Rounds, 3), cmp.Or(opts.Parallel, 4)
	opts.Wait, opts.Limit = cmp.Or(opts.Wait, 3*time.Second), cmp.Or(opts.Limit, 10*time.Second)
	path, err := module.EscapePath(opts.Module.Path)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{ForceAttemptHTTP2: true}
	if opts.Transport != nil {
		transport = opts.Transport.Clone()
	}
	transport.DialContext = (&net.Dialer{Timeout: opts.Wait}).DialContext
	transport.TLSHandshakeTimeout, transport.ResponseHeaderTimeout = opts.Wait, opts.Wait
	opts.Transport = transport
	m := &meter{
		opts: opts, relayed: relayed, path: path, report: &Report{Module: opts.Module, Database: opts.Database},
		client: &network.Client{Transport: transport, UserAgent: opts.UserAgent, Limit: 16*opts.Module.Size + 1<<20},
	}
	for _, c := range opts.Candidates {
		m.report.Results = append(m.report.Results, Result{Candidate: c})
	}
	return m, nil
}

// round takes one sample of each candidate. Who begins is another one each time:
// the first few have the line to themselves for a moment.
func (m *meter) round(ctx context.Context, round int) error {
	var group errgroup.Group
	group.SetLimit(m.opts.Parallel)
	n := len(m.report.Results)
	for i := range n {
		result := &m.report.Results[(i+round*m.opts.Parallel)%n]
		result.Samples = append(result.Samples, Sample{})
		sample := &result.Samples[round]
		group.Go(func() error {
			*sample = m.sample(ctx, result.Candidate)
			m.progress(n)
			return ctx.Err()
		})
	}
	return group.Wait()
}

func (m *meter) progress(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done++
	if m.opts.Progress != nil {
		m.opts.Progress(m.done, n*m.opts.Rounds)
	}
}

func (m *meter) sample(ctx context.Context, c Candidate) Sample {
	if c.Kind == Database {
		return m.database(ctx, c.Value)
	}
	return m.proxy(ctx, goproxy.Proxy{URL: c.Value})
}

// proxy fetches the module, then looks it up through the proxy. One that does not
// answer the first question is not asked the second.
func (m *meter) proxy(ctx context.Context, p goproxy.Proxy) (s Sample) {
	trip, err := m.get(ctx, p.Join(m.path+"/@v/"+m.opts.Module.Version+".zip"))
	if err == nil {
		err = m.check(trip.Body)
	}
	if s.Err = err; err != nil {
		return s
	}
	s.take(trip)
	if trip.Download > 0 {
		s.Throughput = float64(len(trip.Body)) / trip.Download.Seconds()
	}
	s.Lookup, s.LookupErr = m.relay(ctx, p)
	return s
}

func (s *Sample) take(t *network.Trip) {
	s.DNS, s.Connect, s.TLS, s.FirstByte, s.Total = t.DNS, t.Connect, t.TLS, t.FirstByte, t.Total
}

// check holds what a proxy has sent against the sum of the module.
func (m *meter) check(zip []byte) error {
	got, err := hashZip(zip)
	if err != nil {
		return err
	}
	if want := m.opts.Module.H1; got != want {
		return &Lie{Text: fmt.Sprintf("other files as %s@%s", m.opts.Module.Path, m.opts.Module.Version), Want: want, Got: got}
	}
	return nil
}

// relay asks as the go command does: "supported" first. What follows is asked of
// the proxy alone, while the go command would turn to the database itself if the
// proxy does not have it.
func (m *meter) relay(ctx context.Context, p goproxy.Proxy) (time.Duration, error) {
	begin := time.Now()
	base := goproxy.Proxy{URL: p.Join("sumdb/" + m.relayed.Name)}
	_, err := m.get(ctx, base.Join("supported"))
	if download.IsNotFound(err) {
		return 0, ErrNotRelayed
	}
	if err == nil {
		err = m.lookup(ctx, m.relayed.Key+" "+base.URL)
	}
	if err != nil {
		return 0, err
	}
	return time.Since(begin), nil
}

// database asks for the record over a connection of its own, to have the parts of
// that, and then for the record with its proof.
func (m *meter) database(ctx context.Context, setting string) (s Sample) {
	set, err := checksumdb.ParseGOSUMDB(setting)
	if err != nil {
		return Sample{Err: err, LookupErr: err}
	}
	base := goproxy.Proxy{URL: cmp.Or(set.URL, "https://"+set.Name)}
	if !base.IsFile() {
		trip, err := m.get(ctx, base.Join("lookup/"+m.path+"@"+m.opts.Module.Version))
		if err != nil {
			return Sample{Err: err, LookupErr: err}
		}
		s.take(trip)
	}
	begin := time.Now()
	if err := m.lookup(ctx, setting); err != nil {
		return Sample{Err: err, LookupErr: err}
	}
	s.Lookup = time.Since(begin)
	return s
}

// get makes one request, and any status but 200 is an error. The timeouts of the
// transport do not see a proxy of HTTPS_PROXY that takes a connection and then says
// nothing, so a clock runs until the first byte.
func (m *meter) get(ctx context.Context, url string) (*network.Trip, error) {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Limit)
	defer cancel()
	ctx, give := context.WithCancelCause(ctx)
	defer give(nil)
	clock := time.AfterFunc(2*m.opts.Wait, func() { give(context.DeadlineExceeded) })
	defer clock.Stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() { clock.Stop() }})
	trip, err := m.client.Get(ctx, url)
	if err == nil && trip.Status != http.StatusOK {
		err = &download.StatusError{URL: trip.URL, Code: trip.Status}
	}
	if err != nil {
		return nil, err
	}
	return trip, nil
}

// lookup proves the record of the module from an empty tree, over connections of
// its own.
func (m *meter) lookup(ctx context.Context, setting string) error {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Limit)
	defer cancel()
	transport := m.opts.Transport.Clone()
	defer transport.CloseIdleConnections()
	client := download.New(transport)
	client.Retries, client.UserAgent = 1, m.opts.UserAgent
	db, err := checksumdb.Open(checksumdb.Options{GOSUMDB: setting, Download: client, Timeout: m.opts.Limit})
	if err != nil {
		return err
	}
	mod := m.opts.Module
	record, err := db.Lookup(ctx, mod.Path, mod.Version)
	var forged *checksumdb.SecurityError
	switch {
	case errors.As(err, &forged):
		return &Lie{Text: forged.Summary}
	case err != nil:
		return err
	case record.H1 != mod.H1:
		return &Lie{Text: fmt.Sprintf("another sum for %s@%s", mod.Path, mod.Version), Want: mod.H1, Got: record.H1}
	}
	return nil
}
