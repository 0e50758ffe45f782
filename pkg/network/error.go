package network

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// Stage is how far a request came.
type Stage string

const (
	AtName    Stage = "name"    // while the name was looked up
	AtConnect Stage = "connect" // while a connection was made, to the proxy if there is one, or by it
	AtTLS     Stage = "tls"     // during the handshake
	AtAnswer  Stage = "answer"  // after that
)

// Reason is why a request failed, as far as it can be told.
type Reason string

const (
	NoName      Reason = "no-name"     // there is no such name
	NoServer    Reason = "no-dns"      // no server for names answers
	Refused     Reason = "refused"     // nobody listens there
	Unreachable Reason = "unreachable" // no way leads there
	Slow        Reason = "timeout"     // no answer in time
	Reset       Reason = "reset"       // cut off
	Proxy       Reason = "proxy"       // the proxy of HTTP_PROXY or HTTPS_PROXY does not serve
	PlainText   Reason = "no-tls"      // who answers does not speak TLS
	Clock       Reason = "clock"       // the certificate is not valid at the time that it is here
	Authority   Reason = "authority"   // nobody whom this machine trusts has signed the certificate
	Hostname    Reason = "hostname"    // the certificate is for another name
	Other       Reason = "other"       // something else, which Err says
)

// An Error says that a request was not answered.
type Error struct {
	URL    string // without a password
	Stage  Stage
	Reason Reason
	Err    error
	Proxy  string    // by which it was asked, without a password; "" is none
	Date   time.Time // the clock of the server that redirected to the one which failed, if one did

	// Of the certificate that was refused, where one was: who signed, and the time
	// that it is for, or that the one of an authority above it is for.
	Issuers             []string
	NotBefore, NotAfter time.Time
}

func (e *Error) Error() string { return fmt.Sprintf("get %s: %s", e.URL, e.Cause()) }

// Cause is what happened, without the URL and without passwords.
func (e *Error) Cause() string { return download.Redact(e.Err.Error()) }

func (e *Error) Unwrap() error { return e.Err }

// A proxyError is what a proxy says, or what is wrong with its address.
type proxyError struct{ text string }

func (e *proxyError) Error() string { return e.text }

func (r *request) failed(asked string, err error) *Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, bad := url.Parse(asked); bad != nil && strings.Contains(asked, "@") {
		asked = "a URL with a password" // which cannot be told from the rest
	}
	e := &Error{URL: download.Redact(asked), Stage: r.stage, Err: err, Date: r.date}
	if r.proxy != nil {
		e.Proxy = r.proxy.Scheme + "://" + r.proxy.Host
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if e.Err = wrapped.Err; wrapped.Op == "parse" {
			e.Err = errors.New("that is no URL") // the cause may quote a password
		}
	}
	e.Reason = r.reason(e.Err)
	e.blame(e.Err)
	return e
}

// blame takes from the certificate that was refused.
func (e *Error) blame(err error) {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) || len(refused.UnverifiedCertificates) == 0 {
		return
	}
	at := refused.UnverifiedCertificates[0]
	if invalid := (x509.CertificateInvalidError{}); errors.As(err, &invalid) && invalid.Cert != nil {
		at = invalid.Cert
	}
	e.Stage, e.Issuers = AtTLS, issuers(refused.UnverifiedCertificates)
	e.NotBefore, e.NotAfter = at.NotBefore, at.NotAfter
}

// reason tells who failed, then how: what happens before a proxy has connected is
// the fault of the proxy.
func (r *request) reason(err error) Reason {
	var op *net.OpError
	switch why := reason(err); {
	case errors.As(err, new(*proxyError)), errors.As(err, &op) && op.Op == "proxyconnect":
		return Proxy
	case r.proxy != nil && (r.stage == AtName || r.stage == AtConnect):
		return Proxy
	case why == Slow && r.stage == AtName:
		return NoServer
	default:
		return why
	}
}

func reason(err error) Reason {
	var name *net.DNSError
	var invalid x509.CertificateInvalidError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return NoName
	case errors.As(err, &name):
		return NoServer
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Clock
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return Authority
	case errors.As(err, new(x509.HostnameError)):
		return Hostname
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, new(tls.RecordHeaderError)):
		return PlainText
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return Unreachable
	case isReset(err):
		return Reset
	case errors.As(err, &timeout) && timeout.Timeout():
		return Slow
	}
	return Other
}

// isReset includes what a server that goes away looks like to TLS and to HTTP/2.
func isReset(err error) bool {
	for _, e := range []error{syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.As(err, new(streamError))
}

// A streamError is that of HTTP/2 in package http, which has no name outside of it
// and becomes whatever struct has its fields (h2_error.go there).
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (streamError) Error() string { return "stream error" }
