// Package download fetches bytes over HTTP, HTTPS and file:// from servers and
// lines that misbehave.
//
// Small documents come whole, from [Client.Get]. Large files come as a stream
// from [Client.Open], which survives resets, stalls and server errors, and
// which keeps what has arrived in a part file, so that the next process goes on
// where this one was killed:
//
//	client := download.New(download.NewTransport(http.ProxyFromEnvironment))
//	body, err := client.Open(ctx, "https://dl.google.com/go/go1.25.3.linux-amd64.tar.gz", "go1.25.3.part")
//	if err != nil {
//		return err
//	}
//	defer body.Close()
//	_, err = io.CopyBuffer(struct{ io.Writer }{hash}, body, make([]byte, 256<<10))
//
// # Retries
//
// A try is repeated after 408, 429 and 5xx, a reset, a body that is too short,
// and a line that brings no byte for [Client.Stall]. The pause grows from half a
// second to ten; Retry-After lengthens it, to a minute at most. No other status
// is tried again. Progress of a stream resets the count of tries, so that a poor
// line that moves forward ends in success.
//
// # What it does not do
//
// It verifies nothing: a server that lies with the right length is found out
// by the caller's digests. It takes no locks: one part file has one writer at a
// time. It never reads the environment; the proxy is the transport's affair.
package download

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	defaultTries = 5
	defaultStall = 30 * time.Second
)

// Client fetches. Its zero value works, with the defaults named below; New
// gives a better tuned one. It is safe for concurrent use.
type Client struct {
	// HTTP sends the requests; nil is a client on http.DefaultTransport. Where
	// its CheckRedirect is nil, the package's own rule holds: ten redirects, no
	// loop, never from https to http.
	HTTP *http.Client

	// Retries is the number of tries without progress, the first one included;
	// 0 is 5.
	Retries int

	// Stall is how long the line may bring no byte, headers included; 0 is 30
	// seconds. A slow reader of a Body is not a stall.
	Stall time.Duration

	// Sleep waits between two tries and returns ctx.Err() when ctx ends first;
	// nil is the real clock.
	Sleep func(ctx context.Context, d time.Duration) error

	// UserAgent is sent with each request; "" is Go's default.
	UserAgent string

	// Log gets one line, without line break, for each try that is repeated. It
	// may be nil.
	Log func(line string)
}

// New returns a client on the transport rt; nil is NewTransport(nil).
func New(rt http.RoundTripper) *Client {
	if rt == nil {
		rt = NewTransport(nil)
	}
	return &Client{HTTP: &http.Client{Transport: rt}}
}

// NewTransport returns a transport for few hosts and large files. The function
// proxy picks the proxy of a request, as http.ProxyFromEnvironment does; nil is
// no proxy.
func NewTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	dialer := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   15 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   8,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
		ReadBufferSize:        64 << 10,
		// A dead HTTP/2 connection must not be picked again after a stall.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 10 * time.Second},
	}
}

func (c *Client) tries() int {
	if c.Retries > 0 {
		return c.Retries
	}
	return defaultTries
}

func (c *Client) stall() time.Duration {
	if c.Stall > 0 {
		return c.Stall
	}
	return defaultStall
}

func (c *Client) log(line string) {
	if c.Log != nil {
		c.Log(line)
	}
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
