package network_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

var quiet = log.New(io.Discard, "", 0)

func requireFailure(t *testing.T, bad *network.Error, stage network.Stage, reason network.Reason) {
	t.Helper()
	require.Equal(t, []string{string(stage), string(reason)}, []string{string(bad.Stage), string(bad.Reason)}, "%v", bad)
}

func TestCertificates(t *testing.T) {
	now := time.Now()
	day := 24 * time.Hour
	good := newAuthority(t, "Good Root", now.Add(day))
	old := newAuthority(t, "Old Root", now.Add(-day))
	for name, test := range map[string]struct {
		signer   *authority
		trusted  *x509.CertPool // nil is those of the system
		name     string
		from     time.Duration
		until    time.Duration
		reason   network.Reason
		notAfter time.Time // of the certificate that is to blame
	}{
		"good":              {good, good.pool(), "", -day, day, "", time.Time{}},
		"expired":           {good, good.pool(), "", -2 * day, -day, network.Clock, now.Add(-day)},
		"not yet valid":     {good, good.pool(), "", day, 2 * day, network.Clock, now.Add(2 * day)},
		"root has expired":  {old, old.pool(), "", -day, day, network.Clock, now.Add(-day)},
		"another name":      {good, good.pool(), "login.hotel.example", -day, day, network.Hostname, now.Add(day)},
		"unknown authority": {good, nil, "", -day, day, network.Authority, now.Add(day)},
		"another authority": {good, old.pool(), "", -day, day, network.Authority, now.Add(day)},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(halves))
			srv.Config.ErrorLog, srv.TLS = quiet, test.signer.sign(t, test.name, now.Add(test.from), now.Add(test.until))
			srv.StartTLS()
			defer srv.Close()
			c := &network.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: test.trusted}}}
			if test.reason == "" {
				trip, err := c.Get(t.Context(), srv.URL)
				require.NoError(t, err)
				require.Equal(t, []string{"CN=Good Root"}, trip.Issuers)
				return
			}
			bad := failure(t, c, srv.URL)
			requireFailure(t, bad, network.AtTLS, test.reason)
			require.Equal(t, []string{"CN=" + test.signer.cert.Subject.CommonName}, bad.Issuers)
			require.WithinDuration(t, test.notAfter, bad.NotAfter, time.Second)
			require.True(t, bad.NotBefore.Before(bad.NotAfter))
		})
	}
}

// raw serves connections by hand.
func raw(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go handle(conn)
		}
	}()
	return l.Addr().String()
}

// hangUp ends a connection, with a RST if reset.
func hangUp(reset bool) func(net.Conn) {
	return func(conn net.Conn) {
		if reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_, _ = io.ReadFull(conn, make([]byte, 4)) // or what is unread makes a RST of it
		if !reset {
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
		}
		_ = conn.Close()
	}
}

// plainly serves HTTP without a word about those who speak TLS.
func plainly(t *testing.T) *httptest.Server {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(halves))
	srv.Config.ErrorLog = quiet
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestFailures(t *testing.T) {
	plain := plainly(t)
	cut := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2000")
		_, _ = w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	late := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for name, test := range map[string]struct {
		url    string
		stage  network.Stage
		reason network.Reason
	}{
		"no name":          {"https://me:hunter2@name.invalid/", network.AtName, network.NoName},
		"refused":          {"https://me:hunter2@127.0.0.1:" + deadPort(t), network.AtConnect, network.Refused},
		"EOF in handshake": {"https://me:hunter2@" + raw(t, hangUp(false)), network.AtTLS, network.Reset},
		"RST in handshake": {"https://me:hunter2@" + raw(t, hangUp(true)), network.AtTLS, network.Reset},
		"silent handshake": {"https://me:hunter2@" + raw(t, silent), network.AtTLS, network.Slow},
		"no TLS":           {strings.Replace(plain.URL, "http://", "https://me:hunter2@", 1), network.AtTLS, network.PlainText},
		"nothing like TLS": {"https://" + raw(t, func(conn net.Conn) { _, _ = conn.Write([]byte("220 mail ready\r\n")) }), network.AtTLS, network.PlainText},
		"cut off":          {strings.Replace(cut.URL, "://", "://me:hunter2@", 1), network.AtAnswer, network.Reset},
		"no answer":        {strings.Replace(late.URL, "://", "://me:hunter2@", 1), network.AtAnswer, network.Slow},
		"EOF for answer":   {"http://me:hunter2@" + raw(t, hangUp(false)), network.AtAnswer, network.Reset},
		"no URL":           {"https://me:hunter2/x@127.0.0.1/", network.AtConnect, network.Other},
		"no scheme":        {"127.0.0.1/x", network.AtConnect, network.Other},
	} {
		t.Run(name, func(t *testing.T) {
			requireFailure(t, failure(t, &network.Client{}, test.url), test.stage, test.reason)
		})
	}
}

// HTTP/2 has words of its own for being cut off.
func TestCutOffHTTP2(t *testing.T) {
	srv, c := serveTLS(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	requireFailure(t, failure(t, c, srv.URL), network.AtAnswer, network.Reset)
}

// A server for names that never answers, and one that nobody listens at.
func TestNoServerForNames(t *testing.T) {
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	for name, resolver := range map[string]*net.Resolver{"silent": silentResolver(t), "gone": resolverAt(gone.LocalAddr().String())} {
		t.Run(name, func(t *testing.T) {
			c := &network.Client{Transport: &http.Transport{DialContext: (&net.Dialer{Resolver: resolver}).DialContext}}
			requireFailure(t, failure(t, c, "https://proxy.example/"), network.AtName, network.NoServer)
		})
	}
}

func TestProxyFails(t *testing.T) {
	srv, c := serveTLS(t, halves)
	refusing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	safe := httptest.NewUnstartedServer(http.HandlerFunc(tunnel)) // with a certificate of its own
	now := time.Now()
	safe.Config.ErrorLog, safe.TLS = quiet, newAuthority(t, "Root", now.Add(time.Hour)).sign(t, "", now.Add(-time.Hour), now.Add(time.Hour))
	safe.StartTLS()
	defer safe.Close()
	for name, test := range map[string]struct {
		proxy string
		stage network.Stage
		want  string
	}{
		"refuses":     {strings.Replace(refusing.URL, "://", "://me:hunter2@", 1), network.AtConnect, "407 Proxy Authentication Required"},
		"is not here": {"http://me:hunter2@127.0.0.1:" + deadPort(t), network.AtConnect, "connection refused"},
		"has no name": {"http://me:hunter2@proxy.invalid:3128", network.AtName, "no such host"},
		"is silent":   {"http://me:hunter2@" + raw(t, silent), network.AtConnect, "deadline exceeded"},
		"unsigned":    {strings.Replace(safe.URL, "://", "://me:hunter2@", 1), network.AtTLS, "unknown authority"},
		"hangs up":    {"http://me:hunter2@" + raw(t, hangUp(false)), network.AtConnect, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			through(t, c, test.proxy)
			bad := failure(t, c, srv.URL)
			requireFailure(t, bad, test.stage, network.Proxy)
			require.ErrorContains(t, bad, test.want)
			require.Contains(t, test.proxy, bad.Proxy[strings.Index(bad.Proxy, "//")+2:])
		})
	}
	c.Transport.Proxy = func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`invalid proxy address "me:hunter2@proxy"`)
	}
	requireFailure(t, failure(t, c, srv.URL), network.AtConnect, network.Proxy)
	_, err := c.ProxyOf(srv.URL)
	require.EqualError(t, err, "the address of the proxy is no URL")
	c.Transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "http:", Path: "//me:hunter2@proxy:port"}) // as from the environment
	requireFailure(t, failure(t, c, srv.URL), network.AtConnect, network.Proxy)

	through(t, c, serve(t, tunnel).URL)
	bad := failure(t, c, "https://127.0.0.1:"+deadPort(t))
	requireFailure(t, bad, network.AtConnect, network.Proxy)
	require.ErrorContains(t, bad, "502 Bad Gateway")
	c.Transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	requireFailure(t, failure(t, c, srv.URL), network.AtTLS, network.Authority)
}
