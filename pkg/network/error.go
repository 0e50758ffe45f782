package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// Stage is how far a request came.
type Stage string

const (
	AtName    Stage = "name"    // while the name was looked up
	AtConnect Stage = "connect" // while a connection was made, to the proxy if there is one
	AtTLS     Stage = "tls"     // during the handshake
	AtAnswer  Stage = "answer"  // after that
)

// Reason is why a request failed, as far as it can be told.
type Reason string

const (
	NoName    Reason = "no-name"   // there is no such name
	NoServer  Reason = "no-dns"    // no server for names answers
	Refused   Reason = "refused"   // nobody listens there
	Slow      Reason = "timeout"   // no answer in time
	Reset     Reason = "reset"     // cut off
	Proxy     Reason = "proxy"     // the proxy of HTTP_PROXY or HTTPS_PROXY does not serve
	Clock     Reason = "clock"     // the certificate is not valid at the time that it is here
	Authority Reason = "authority" // nobody whom this machine trusts has signed the certificate
	Hostname  Reason = "hostname"  // the certificate is for another name
	Other     Reason = "other"
)

// An Error says that a request was not answered.
type Error struct {
	URL    string // without a password
	Stage  Stage
	Reason Reason
	Err    error

	// Of the certificate that was refused, where one was: who signed, and the time
	// that it is for.
	Issuers             []string
	NotBefore, NotAfter time.Time
}

func (e *Error) Error() string {
	return fmt.Sprintf("get %s: %s", e.URL, download.Redact(e.cause().Error()))
}

func (e *Error) Unwrap() error { return e.Err }

// cause is the error without the URL that package http puts in front.
func (e *Error) cause() error {
	var inner interface {
		Unwrap() error
		Timeout() bool
	}
	if errors.As(e.Err, &inner) && strings.HasPrefix(e.Err.Error(), "Get ") {
		return inner.Unwrap()
	}
	return e.Err
}

func newError(url string, err error, c *clocks) *Error {
	e := &Error{URL: download.Redact(url), Stage: c.stage(), Reason: reason(err), Err: err}
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) && len(refused.UnverifiedCertificates) > 0 {
		e.Stage = AtTLS
		e.Issuers = issuers(refused.UnverifiedCertificates)
		e.NotBefore, e.NotAfter = refused.UnverifiedCertificates[0].NotBefore, refused.UnverifiedCertificates[0].NotAfter
	}
	return e
}

func reason(err error) Reason {
	var (
		name      *net.DNSError
		op        *net.OpError
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
	)
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return Proxy
	case errors.As(err, &name) && name.IsNotFound:
		return NoName
	case errors.As(err, &name):
		return NoServer
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Clock
	case errors.As(err, &authority):
		return Authority
	case errors.As(err, &hostname):
		return Hostname
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return Slow
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	}
	return Other
}
