package download

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// answer is one response whose bytes must keep coming.
type answer struct {
	*http.Response
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	stall  time.Duration
}

// do sends one request. The clock runs from here to the headers, and then in
// each Read, never between two of them.
func (c *Client) do(ctx context.Context, method, rawURL string, header http.Header) (*answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, method, rawURL, nil)
	if err != nil {
		cancel(nil)
		return nil, backoff.Permanent(&Error{URL: Redact(rawURL), Err: err})
	}
	if header != nil {
		req.Header = header.Clone()
	}
	if c.UserAgent != "" && req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.UserAgent)
	}
	a := &answer{ctx: ctx, cancel: cancel, stall: c.stall()}
	a.timer = time.AfterFunc(a.stall, func() { cancel(errStalled) })
	a.Response, err = c.client().Do(req)
	a.timer.Stop()
	if err != nil {
		cause := a.cause(err)
		cancel(nil)
		return nil, classify(Redact(rawURL), cause)
	}
	return a, nil
}

// client is HTTP with the redirect rule of this package.
func (c *Client) client() *http.Client {
	var client http.Client
	if c.HTTP != nil {
		client = *c.HTTP
	}
	if client.CheckRedirect == nil {
		client.CheckRedirect = checkRedirect
	}
	return &client
}

// Read reads the body under the clock.
func (a *answer) Read(p []byte) (int, error) {
	a.timer.Reset(a.stall)
	n, err := a.Body.Read(p)
	a.timer.Stop()
	if err != nil && err != io.EOF {
		err = a.cause(err)
	}
	return n, err
}

// Close ends the request.
func (a *answer) Close() {
	a.timer.Stop()
	a.cancel(nil)
	_ = a.Body.Close()
}

func (a *answer) cause(err error) error {
	if context.Cause(a.ctx) == errStalled {
		return errStalled
	}
	return err
}

// status is the error for an answer nobody asked for. Its short page is read,
// so that the connection can serve the next request: a GOPROXY list meets many
// a 404.
func (a *answer) status(safeURL string) error {
	if 0 < a.ContentLength && a.ContentLength <= 4096 {
		_, _ = io.CopyN(io.Discard, a, a.ContentLength)
	}
	err := &StatusError{URL: safeURL, Code: a.StatusCode, wait: retryAfter(a.Header)}
	if err.temporary() {
		return err
	}
	return backoff.Permanent(err)
}

// classify marks the faults that a second try cannot mend. It takes off what
// net/http puts around an error, which repeats the URL.
func classify(safeURL string, err error) error {
	var (
		outer       *url.Error
		redirect    *redirectError
		certificate *tls.CertificateVerificationError
		name        *net.DNSError
	)
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if errors.As(err, &redirect) || errors.As(err, &certificate) || errors.As(err, &name) && name.IsNotFound {
		return backoff.Permanent(&Error{URL: safeURL, Err: err})
	}
	return err
}

// retryAfter reads seconds or a date. A date counts from the server's own Date,
// because the clock of a WSL machine that slept may be hours behind.
func retryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, until.Sub(now))
}

// parseURL accepts http, https and file. Its error shows no part of a URL that
// could be a password.
func parseURL(raw string) (u *url.URL, safeURL string, err error) {
	safeURL = Redact(raw)
	u, err = url.Parse(raw)
	if err != nil {
		scheme, _, _ := strings.Cut(safeURL, "://")
		if at := strings.LastIndexByte(safeURL, '@'); at >= 0 {
			safeURL = scheme + "://***" + safeURL[at:]
		}
		return nil, safeURL, fmt.Errorf("parse url %q: malformed", safeURL)
	}
	switch u.Scheme {
	case "http", "https", "file":
		return u, safeURL, nil
	}
	return nil, safeURL, fmt.Errorf("get %s: unsupported scheme %q", safeURL, u.Scheme)
}
