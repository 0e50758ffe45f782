package network

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// A request is when the parts of a Get began and ended, and how far it is. All but
// mu begin anew with each redirect. What the transport leaves behind, such as a dial
// that lost a race, may still call in while somebody reads.
type request struct {
	mu    sync.Mutex
	stage Stage
	proxy *url.URL  // nil is none
	date  time.Time // the clock of the server that redirected here

	dns, dnsDone   time.Time
	connect, stood time.Time // the first address that was tried; the connection that is used
	tls, tlsDone   time.Time
	wrote, first   time.Time
}

// transport is a copy that tells what its proxy does and has no connections yet.
func (r *request) transport(from *http.Transport) *http.Transport {
	t := &http.Transport{ForceAttemptHTTP2: true}
	if from != nil {
		t = from.Clone()
	}
	t.DisableCompression = true // what is measured is what the server has
	if choose := t.Proxy; choose != nil {
		t.Proxy = func(asked *http.Request) (*url.URL, error) {
			proxy, err := chosen(choose, asked)
			r.set(func(time.Time) { r.proxy = proxy })
			return proxy, err
		}
	}
	before := t.OnProxyConnectResponse
	t.OnProxyConnectResponse = func(ctx context.Context, proxy *url.URL, asked *http.Request, answer *http.Response) error {
		if before != nil {
			if err := before(ctx, proxy, asked, answer); err != nil {
				return err
			}
		}
		if answer.StatusCode != http.StatusOK {
			return &proxyError{fmt.Sprintf("proxy %s does not connect to %s: %s", proxy.Host, asked.Host, answer.Status)}
		}
		return nil
	}
	return t
}

// chosen refuses what is no URL. The error of package http quotes it, with the
// password; or there is none, and "http://a:port" has become the host "http:".
func chosen(choose func(*http.Request) (*url.URL, error), asked *http.Request) (*url.URL, error) {
	proxy, err := choose(asked)
	if err != nil || proxy != nil && (proxy.Hostname() == "" || strings.HasSuffix(proxy.Host, ":")) {
		return nil, &proxyError{"the address of the proxy is no URL"}
	}
	return proxy, nil
}

// ProxyOf is the proxy by which Get asks for a URL first, "" for none. It may hold a
// password, but the error does not.
func (c *Client) ProxyOf(url string) (string, error) {
	if c.Transport == nil || c.Transport.Proxy == nil {
		return "", nil
	}
	asked, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", (&request{}).failed(url, err)
	}
	proxy, err := chosen(c.Transport.Proxy, asked)
	if err != nil || proxy == nil {
		return "", err
	}
	return proxy.String(), nil
}

func (r *request) redirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1]
	r.set(func(time.Time) { r.date = date(next.Response.Header) })
	switch {
	case len(via) >= 10:
		return errors.New("stopped after 10 redirects")
	case last.URL.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("redirected from https to %s", download.Redact(next.URL.String()))
	}
	return nil
}

func (r *request) set(f func(now time.Time)) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	f(now)
}

func (r *request) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			r.set(func(time.Time) {
				r.stage = AtConnect
				r.dns, r.dnsDone, r.connect, r.stood, r.tls, r.tlsDone = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
				r.wrote, r.first = time.Time{}, time.Time{}
			})
		},
		DNSStart: func(httptrace.DNSStartInfo) { r.set(func(now time.Time) { r.stage, r.dns = AtName, now }) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			r.set(func(now time.Time) {
				if r.dnsDone = now; info.Err == nil {
					r.stage = AtConnect
				}
			})
		},
		ConnectStart: func(string, string) {
			r.set(func(now time.Time) {
				if r.connect.IsZero() {
					r.connect = now
				}
			})
		},
		// With a proxy of https there are two handshakes. The first one is part of
		// what the connection took.
		TLSHandshakeStart: func() { r.set(func(now time.Time) { r.stage, r.stood, r.tls = AtTLS, now, now }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			r.set(func(now time.Time) { r.tlsDone = now })
		},
		GotConn: func(httptrace.GotConnInfo) {
			r.set(func(now time.Time) {
				if r.stage = AtAnswer; r.stood.IsZero() {
					r.stood = now
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { r.set(func(now time.Time) { r.wrote = now }) },
		GotFirstResponseByte: func() { r.set(func(now time.Time) { r.first = now }) },
	}
}

func (r *request) fill(t *Trip, end time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.DNS = between(r.dns, r.dnsDone)
	t.Connect = between(r.connect, r.stood)
	t.TLS = between(r.tls, r.tlsDone)
	t.FirstByte = between(r.wrote, r.first)
	t.Download = between(r.first, end)
	t.Received = r.first
}

// between is 0 where one of the two was never, and where the second was noticed
// before the first, as happens with servers that answer at once.
func between(begin, end time.Time) time.Duration {
	if begin.IsZero() || end.IsZero() {
		return 0
	}
	return max(0, end.Sub(begin))
}
