// Package tune measures module proxies and checksum databases from here, and
// proposes what the go command should be told.
//
//	now := tune.Setting{Proxies: proxies, Database: "sum.golang.org"}
//	report, err := tune.Measure(ctx, tune.Options{
//		Candidates: tune.Candidates(now, standard, profiles),
//		Database:   now.Database,
//		Transport:  download.NewTransport(http.ProxyFromEnvironment),
//	})
//	p := tune.Propose(report, now)
//	// p.GOPROXY is "https://fast.example,https://slow.example,direct", p.Reasons say why
//
// # What is measured
//
// Three rounds over all candidates, one round after the other, so that a bad moment
// of the line hits all of them and not one. In each round a proxy is asked for the
// zip of one small module whose h1 is known, over a connection of its own: that is
// name, connection, handshake, first byte and throughput. Then it is asked to relay
// the checksum database, for the same module; a database is asked itself. Such an
// answer counts once signature and proof are checked.
//
// # Who lies
//
// A proxy that sends other files under the name of that module, and whoever hands
// out a record that its own proofs contradict, is a liar: the report says what was
// wanted and what came, and nothing proposes it. What is no module at all, such as
// the login page of a hotel, is a failure and no lie.
//
// # What is proposed
//
// [Propose] is a function of the report alone. Verification is never turned off; the
// rules for the order and for the separators stand there.
package tune

import (
	"context"
	"net/http"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// A Setting is what the go command is told.
type Setting struct {
	Proxies  goproxy.List // GOPROXY
	Database string       // GOSUMDB; "" is that of the go command, "off" none
}

// A Module is one that every public proxy has.
type Module struct {
	Path, Version string
	H1            string // of its files, as in go.sum
	Size          int64  // of its zip, in bytes; a proxy that packs otherwise has another
}

// Cobra is a module of common size that half of all programs need, so that a proxy
// has it at hand. This project needs it as well: a test holds the sum against go.sum.
func Cobra() Module {
	return Module{
		Path: "github.com/spf13/cobra", Version: "v1.10.2",
		H1: "h1:DMTTonx5m65Ic0GOoRY2c16WCbHxOOw6xxezuLaBpcU=", Size: 241429,
	}
}

// Options say what to measure and how. The zero values stand for what is named.
type Options struct {
	Candidates []Candidate
	Database   string          // the GOSUMDB that each proxy is asked to relay; "" and "off" are sum.golang.org
	Module     Module          // Cobra
	Transport  *http.Transport // copied for each request; [http.Transport]'s zero value
	UserAgent  string          // Go's default
	Rounds     int             // 3
	Parallel   int             // 4 requests at a time
	Wait       time.Duration   // 3 s for a connection, and again for the first byte
	Limit      time.Duration   // 10 s for a module, and again for a look-up

	// Progress, if not nil, is told how many of the samples are done, one call at a
	// time.
	Progress func(done, of int)
}

// A Sample is what one candidate did in one round.
type Sample struct {
	DNS, Connect, TLS, FirstByte time.Duration // as in [network.Trip]
	Throughput                   float64       // of the module, in bytes per second; 0 for a database
	Total                        time.Duration // all of the request
	Err                          error         // why it did not serve; all of the above is 0 then

	Lookup    time.Duration // of a proven record in the checksum database, all its requests together
	LookupErr error         // why there is none; [ErrNotRelayed] is no failure
}

// A Result is all that is known of a candidate.
type Result struct {
	Candidate
	Samples []Sample // one for each round
	Summary
}

// A Report is the outcome of [Measure].
type Report struct {
	Module   Module
	Database string   // that each proxy was asked to relay
	Rounds   int      // that were made: one alone if nobody answered in it
	Results  []Result // in the order of the candidates
}

// answered reports whether anybody sent anything in a round.
func (r *Report) answered(round int) bool {
	for _, result := range r.Results {
		if !silent(result.Samples[round].Err) {
			return true
		}
	}
	return false
}

// Measure asks all candidates. The error is that of the context, or is about
// Options.Database; what fails in a round is in its [Sample].
func Measure(ctx context.Context, opts Options) (*Report, error) {
	m, err := newMeter(opts)
	if err != nil {
		return nil, err
	}
	r := m.report
	for round := range m.opts.Rounds {
		if err := m.round(ctx, round); err != nil {
			return nil, err
		}
		if r.Rounds++; !r.answered(round) {
			break // a second silence would say no more, and take as long
		}
	}
	for i := range r.Results {
		r.Results[i].Summary = Summarize(r.Results[i].Samples)
	}
	return r, nil
}
