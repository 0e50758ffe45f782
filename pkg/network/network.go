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
// are those of the proxy. Resolve and Dial are the first parts of it alone.
package network

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// A Client asks. It is safe for concurrent use.
type Client struct {
	Transport *http.Transport // copied for each request; nil is [http.Transport]'s zero value with HTTP/2
	UserAgent string          // "" is Go's default
	Limit     int64           // of a body, in bytes; 0 is 64 MiB, and more is [download.ErrTooLarge]
}

// A Trip is a request that was answered, with whatever status.
type Trip struct {
	URL    string // without a password
	Status int
	Header http.Header
	Body   []byte

	// What it took, one after the other; 0 where it was not needed.
	DNS       time.Duration // the name
	Connect   time.Duration // until the connection stood, whatever addresses were tried and whatever a proxy took
	TLS       time.Duration // the handshake
	FirstByte time.Duration // from the request being written to the first byte of the answer
	Download  time.Duration // from the first byte to the last
	Total     time.Duration // all of it

	Date     time.Time // the server's clock, by the second; zero if it does not say
	Received time.Time // this machine's clock when the first byte came
	Issuers  []string  // who signed for the server, from its own certificate upwards
}

// Get asks for a document. Redirects are followed as the go command does, ten at
// most and never from https to http. The times are those of the last request, but
// Total: where a redirect keeps the connection, that took nothing. The error is an
// [*Error].
func (c *Client) Get(ctx context.Context, url string) (*Trip, error) {
	begin := time.Now()
	r := &request{stage: AtConnect}
	ctx = httptrace.WithClientTrace(ctx, r.trace())
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, r.failed(url, err)
	}
	if c.UserAgent != "" {
		asked.Header.Set("User-Agent", c.UserAgent)
	}
	transport := r.transport(c.Transport)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport, CheckRedirect: r.redirect}).Do(asked)
	if err != nil {
		return nil, r.failed(url, err)
	}
	defer response.Body.Close()
	body, err := c.read(response.Body)
	if err != nil {
		return nil, r.failed(url, err)
	}
	end := time.Now()
	trip := &Trip{URL: download.Redact(url), Status: response.StatusCode, Header: response.Header, Body: body, Total: end.Sub(begin)}
	r.fill(trip, end)
	trip.Date = date(response.Header)
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
		err = fmt.Errorf("%w: more than %d bytes", download.ErrTooLarge, limit)
	}
	return body, err
}

// date is the time that it was at the server when it answered. A cache repeats the
// Date of long ago and says in Age how long ago that was (RFC 9111, section 5.1).
func date(header http.Header) time.Time {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	age, err := time.ParseDuration(header.Get("Age") + "s")
	if err != nil || age < 0 {
		age = 0
	}
	return date.Add(age)
}

// issuers names who signed each certificate of a chain.
func issuers(chain []*x509.Certificate) (names []string) {
	for _, certificate := range chain {
		names = append(names, certificate.Issuer.String())
	}
	return names
}
