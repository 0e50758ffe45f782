package main

import (
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
)

// tuneSchema is the version of the JSON, as doctorSchema is.
const tuneSchema = 1

// tuneReport is what "golang-wsl env tune --json" writes. docs/network.md has it.
// There is no password in it.
type tuneReport struct {
	Schema     int          `json:"schema"`
	Version    string       `json:"golang_wsl"`
	Module     string       `json:"module"`
	Rounds     int          `json:"rounds"`
	Seconds    float64      `json:"seconds"`
	GOPROXY    string       `json:"goproxy"`
	GOSUMDB    string       `json:"gosumdb"`
	Candidates []tuneServer `json:"candidates"`
	Proposal   *tuneAdvice  `json:"proposal"`
	Reasons    []string     `json:"reasons"`
}

type tuneAdvice struct {
	GOPROXY string `json:"goproxy"`
	GOSUMDB string `json:"gosumdb"`
	Holds   bool   `json:"holds"`
}

type tuneServer struct {
	Kind    tune.Kind  `json:"kind"`
	Server  string     `json:"server"`
	Whose   tune.Whose `json:"whose"`
	Profile string     `json:"profile,omitempty"`
	InUse   bool       `json:"in_use"`

	Worked         int        `json:"worked"`
	DNS            float64    `json:"dns_ms"`
	Connect        float64    `json:"connect_ms"`
	TLS            float64    `json:"tls_ms"`
	FirstByte      float64    `json:"first_byte_ms"`
	BytesPerSecond float64    `json:"bytes_per_second"`
	Total          float64    `json:"total_ms"`
	Fastest        float64    `json:"fastest_ms"`
	Slowest        float64    `json:"slowest_ms"`
	Lookup         float64    `json:"lookup_ms"`
	Relay          tune.Relay `json:"relay"`
	Error          string     `json:"error"`
	LookupError    string     `json:"lookup_error"`
	Lie            *tuneLie   `json:"lie"`
}

type tuneLie struct {
	Text string `json:"text"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

func newTuneReport(t *tuning) *tuneReport {
	r := &tuneReport{
		Schema: tuneSchema, Version: buildVersion(), Module: t.report.Module.Path + "@" + t.report.Module.Version,
		Rounds: t.report.Rounds, Seconds: t.took.Seconds(),
		GOPROXY: profile.Redacted(t.now.Proxies.String()), GOSUMDB: profile.Redacted(t.now.Database),
		Reasons: orEmpty(t.proposal.Reasons), Candidates: []tuneServer{},
	}
	for _, result := range t.report.Results {
		r.Candidates = append(r.Candidates, newTuneServer(result))
	}
	if t.proposal.GOPROXY != "" {
		r.Proposal = &tuneAdvice{profile.Redacted(t.proposal.GOPROXY), profile.Redacted(t.proposal.GOSUMDB), t.holds()}
	}
	return r
}

func newTuneServer(r tune.Result) tuneServer {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	s := tuneServer{
		Kind: r.Kind, Server: r.Name(), Whose: r.Whose, Profile: r.Profile, InUse: r.InUse, Worked: r.Worked,
		DNS: ms(r.DNS), Connect: ms(r.Connect), TLS: ms(r.TLS), FirstByte: ms(r.FirstByte), BytesPerSecond: r.Throughput,
		Total: ms(r.Total), Fastest: ms(r.Fastest), Slowest: ms(r.Slowest), Lookup: ms(r.Lookup),
		Error: tune.Words(r.Err), LookupError: tune.Words(r.LookupErr),
	}
	if r.Kind == tune.Proxy {
		s.Relay = r.Relay
	}
	if r.Lie != nil {
		s.Lie = &tuneLie{r.Lie.Text, r.Lie.Want, r.Lie.Got}
	}
	return s
}
