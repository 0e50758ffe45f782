package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// A skew is how far this machine's clock is ahead of a server's.
type skew struct {
	host  string
	ahead time.Duration
	known bool
	plain bool // said over plain http, by whoever answered
}

// A clock that is off by less than this is as good as one that is right: a Date has
// whole seconds, and answers wait on the way.
const (
	clockOff   = 2 * time.Minute
	clockWrong = 24 * time.Hour
)

func lookClock(ctx context.Context, m *Machine) Finding {
	if m.Net == nil {
		return skipped(nobodyAsked)
	}
	answers := all(m.clocks(), func(address string) skew { return m.skew(ctx, address) })
	var known []skew
	var evidence []string
	for _, s := range answers {
		if s.known {
			known = append(known, s)
			evidence = append(evidence, s.String())
		}
	}
	if len(known) == 0 {
		return skipped("no server has said what time it is")
	}
	f := judgeClock(known)
	f.Evidence = evidence
	if f.Status.IsProblem() {
		f.Cure = m.setClock()
	}
	return f
}

func (s skew) String() string {
	text := fmt.Sprintf("by %s this clock is %s", s.host, off(s.ahead))
	if s.plain {
		text += " (asked without TLS, so that anybody may have answered)"
	}
	return text
}

// off does not tell seconds: a Date has no parts of them.
func off(ahead time.Duration) string {
	ahead = ahead.Round(time.Second)
	switch {
	case ahead.Abs() < 3*time.Second:
		return "right"
	case ahead > 0:
		return ahead.String() + " ahead"
	}
	return (-ahead).String() + " behind"
}

// judgeClock believes two that agree, or one alone.
func judgeClock(known []skew) Finding {
	s, only := known[0], ""
	if len(known) == 1 {
		only = "; no second server was there to be asked"
	}
	for _, other := range known[1:] {
		if (other.ahead - s.ahead).Abs() > clockOff {
			return Finding{Status: Info, Text: fmt.Sprintf("two servers disagree: %s, %s", s, other)}
		}
		if other.ahead.Abs() < s.ahead.Abs() {
			s = other
		}
	}
	switch {
	case s.ahead.Abs() > clockWrong:
		return Finding{Status: Error, Text: s.String() + only}
	case s.ahead.Abs() > clockOff:
		return Finding{Status: Warning, Text: s.String() + only}
	}
	return ok("%s%s", s, only)
}

// clocks are a document of the first host of GOPROXY, and one of the first other
// host behind it or of GOSUMDB.
func (m *Machine) clocks() (list []string) {
	proxies, _, _, _ := m.proxies()
	var hosts []string
	add := func(address string) {
		if host := hostOf(address); len(list) < 2 && host != "" && (len(hosts) == 0 || host != hosts[0]) {
			list, hosts = append(list, address), append(hosts, host)
		}
	}
	database := goproxy.Proxy{URL: m.databaseURL()}
	for i, p := range proxies.Proxies() {
		if add(p.Join(smallModule)); i == 0 {
			add(database.Join("latest"))
		}
	}
	add(database.Join("latest")) // with GOPROXY=direct the only one
	return list
}

// skew asks one server. Where the clock is what keeps TLS from standing, the server
// or its redirect says over plain http what time it is: a hint, not a proof.
func (m *Machine) skew(ctx context.Context, address string) skew {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	s := skew{host: hostOf(address)}
	trip, err := m.Net.Get(ctx, address)
	var bad *network.Error
	if errors.As(err, &bad) && bad.Reason == network.Clock && strings.HasPrefix(address, "https://") {
		s.plain = true
		host := s.host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		trip, err = m.Net.Get(ctx, (&url.URL{Scheme: "http", Host: host, Path: "/"}).String())
	}
	switch {
	case err == nil && !trip.Date.IsZero() && !trip.Received.IsZero():
		// The server has looked at its clock about half way.
		s.ahead, s.known = trip.Received.Add(-trip.FirstByte/2).Sub(trip.Date), true
	case s.plain && errors.As(err, &bad) && !bad.Date.IsZero():
		s.ahead, s.known = m.Now.Sub(bad.Date), true
	}
	return s
}
