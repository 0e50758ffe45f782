// Package network makes one request to a server and tells what that went through:
// how long the name, the connection, the handshake and the first byte took, what
// the server's clock says, and, where it failed, at which of these and why.
//
//	c := &network.Client{Transport: download.NewTransport(http.ProxyFromEnvironment)}
//	trip, err := c.Get(ctx, "https://proxy.example/golang.org/x/mod/@v/list")
//	var bad *network.Error
//	switch {
//	case errors.As(err, &bad) && bad.Reason == network.Clock:
//		// the certificate is from bad.NotBefore to bad.NotAfter
//	case err == nil:
//		// trip.DNS, trip.Connect, trip.TLS, trip.FirstByte, len(trip.Body)/trip.Download
//	}
//
// Each Get opens a connection of its own, so that all of it is measured. It tries
// once: who wants bytes has package download. Through a proxy, name and connection
// are those of the proxy.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// A Client asks. It is safe for concurrent use.
type Client struct {
	Transport *http.Transport // copied for each request; nil is [http.Transport]'s zero value
	UserAgent string          // "" is Go's default
	Limit     int64           // of a body, in bytes; 0 is 64 MiB, and more is an error
}

// A Trip is a request that was answered, with whatever status.
type Trip struct {
	URL    string // without a password
	Status int
	Header http.Header
	Body   []byte

	// What it took, one after the other; 0 where it was not needed.
	DNS       time.Duration // the name
	Connect   time.Duration // TCP
	TLS       time.Duration // the handshake
	FirstByte time.Duration // from the request being written to the first byte of the answer
	Download  time.Duration // from the first byte to the last
	Total     time.Duration // all of it

	Date     time.Time // the server's clock, by the second; zero if it does not say
	Received time.Time // this machine's clock when the first byte came
	Issuers  []string  // who signed for the server, from its own certificate upwards
}

// Get asks for a document. Redirects are followed; the times are those of the last
// request, but Total. The error is an [*Error].
func (c *Client) Get(ctx context.Context, url string) (*Trip, error) {
	begin := time.Now()
	clocks := &clocks{}
	ctx = httptrace.WithClientTrace(ctx, clocks.trace())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, newError(url, err, clocks)
	}
	if c.UserAgent != "" {
		request.Header.Set("User-Agent", c.UserAgent)
	}
	transport := c.Transport.Clone()
	if c.Transport == nil {
		transport = &http.Transport{ForceAttemptHTTP2: true}
	}
	defer transport.CloseIdleConnections()
	transport.DisableCompression = true // what is measured is what the server has
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, newError(url, err, clocks)
	}
	defer response.Body.Close()
	body, err := c.read(response.Body)
	if err != nil {
		return nil, newError(url, err, clocks)
	}
	trip := &Trip{URL: download.Redact(url), Status: response.StatusCode, Header: response.Header, Body: body, Total: time.Since(begin)}
	clocks.fill(trip, time.Now())
	trip.Date, _ = http.ParseTime(response.Header.Get("Date"))
	if response.TLS != nil {
		trip.Issuers = issuers(response.TLS.PeerCertificates)
	}
	return trip, nil
}

func (c *Client) read(r io.Reader) ([]byte, error) {
	limit := c.Limit
	if limit == 0 {
		limit = 64 << 20
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return body, err
}

// clocks are when the parts of a request began and ended. The transport may dial
// several addresses at once; the connection that won is the one that counts.
type clocks struct {
	mu                         sync.Mutex
	dns, dnsDone               time.Time
	dial                       map[string]time.Time
	connect                    time.Duration
	tls, tlsDone               time.Time
	wrote, first               time.Time
	resolving, dialing, hasTLS bool
}

func (c *clocks) trace() *httptrace.ClientTrace {
	set := func(f func(now time.Time)) {
		now := time.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		f(now)
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			set(func(time.Time) {
				c.dns, c.dnsDone, c.connect, c.tls, c.tlsDone = time.Time{}, time.Time{}, 0, time.Time{}, time.Time{}
				c.dial = make(map[string]time.Time)
			})
		},
		DNSStart: func(httptrace.DNSStartInfo) { set(func(now time.Time) { c.dns, c.resolving = now, true }) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			set(func(now time.Time) { c.dnsDone, c.resolving = now, info.Err != nil })
		},
		ConnectStart: func(_, address string) { set(func(now time.Time) { c.dial[address], c.dialing = now, true }) },
		ConnectDone: func(_, address string, err error) {
			set(func(now time.Time) {
				if err == nil && c.connect == 0 {
					c.connect, c.dialing = now.Sub(c.dial[address]), false
				}
			})
		},
		TLSHandshakeStart: func() { set(func(now time.Time) { c.tls, c.hasTLS = now, true }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			set(func(now time.Time) { c.tlsDone, c.hasTLS = now, err != nil })
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { set(func(now time.Time) { c.wrote = now }) },
		GotFirstResponseByte: func() { set(func(now time.Time) { c.first = now }) },
	}
}

func (c *clocks) fill(t *Trip, end time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dnsDone.IsZero() {
		t.DNS = c.dnsDone.Sub(c.dns)
	}
	t.Connect = c.connect
	if !c.tlsDone.IsZero() {
		t.TLS = c.tlsDone.Sub(c.tls)
	}
	t.FirstByte, t.Download, t.Received = c.first.Sub(c.wrote), end.Sub(c.first), c.first
}

// stage is where a request was when it failed.
func (c *clocks) stage() Stage {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.resolving:
		return AtName
	case c.hasTLS:
		return AtTLS
	case c.dialing:
		return AtConnect
	}
	return AtAnswer
}

// issuers names who signed each certificate of a chain.
func issuers(chain []*x509.Certificate) (names []string) {
	for _, certificate := range chain {
		names = append(names, certificate.Issuer.String())
	}
	return names
}
