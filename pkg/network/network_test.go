package network_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// serveTLS speaks HTTP/2 to who can. The client trusts it.
func serveTLS(t *testing.T, h http.HandlerFunc) (*httptest.Server, *network.Client) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2, srv.Config.ErrorLog = true, quiet
	srv.StartTLS()
	t.Cleanup(srv.Close)
	transport := download.NewTransport(nil)
	transport.TLSClientConfig = &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	return srv, &network.Client{Transport: transport}
}

const pause = 30 * time.Millisecond

// halves writes two halves of a body, each after a pause.
func halves(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(pause)
	_, _ = w.Write(make([]byte, 1000))
	w.(http.Flusher).Flush()
	time.Sleep(pause)
	_, _ = w.Write(make([]byte, 1000))
}

func TestTrip(t *testing.T) {
	srv, c := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Proto", r.Proto)
		w.Header().Set("X-Agent", r.UserAgent())
		halves(w, r)
	})
	c.UserAgent = "test/1"
	trip, err := c.Get(t.Context(), srv.URL)
	require.NoError(t, err)
	require.Equal(t, 200, trip.Status)
	require.Equal(t, "HTTP/2.0", trip.Header.Get("X-Proto"))
	require.Equal(t, "test/1", trip.Header.Get("X-Agent"))
	require.Len(t, trip.Body, 2000)
	require.Zero(t, trip.DNS, "an address needs no name")
	require.Positive(t, trip.Connect)
	require.Positive(t, trip.TLS)
	require.GreaterOrEqual(t, trip.FirstByte, pause)
	require.GreaterOrEqual(t, trip.Download, pause)
	require.GreaterOrEqual(t, trip.Total, trip.Connect+trip.TLS+trip.FirstByte+trip.Download)
	require.WithinDuration(t, time.Now(), trip.Received, time.Minute)
	require.WithinDuration(t, trip.Received, trip.Date, 2*time.Second)
	require.Equal(t, []string{"O=Acme Co"}, trip.Issuers)
}

// Each Get connects anew, also with the Client that is the zero value.
func TestEachGetConnects(t *testing.T) {
	srv := serve(t, halves)
	for range 2 {
		trip, err := new(network.Client).Get(t.Context(), srv.URL)
		require.NoError(t, err)
		require.Positive(t, trip.Connect)
		require.Zero(t, trip.TLS)
		require.Empty(t, trip.Issuers)
		name, err := new(network.Client).ProxyOf(srv.URL)
		require.NoError(t, err)
		require.Empty(t, name)
	}
}

// A Get leaves no connection behind.
func TestGetHangsUp(t *testing.T) {
	closed := make(chan bool, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(halves))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- true
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	_, err := new(network.Client).Get(t.Context(), srv.URL)
	require.NoError(t, err)
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection is still open")
	}
}

func TestRedirect(t *testing.T) {
	other := serve(t, halves)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/same":
			time.Sleep(5 * pause)
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	})
	c := &network.Client{}
	trip, err := c.Get(t.Context(), srv.URL+"/same")
	require.NoError(t, err)
	require.Zero(t, trip.Connect, "the connection was kept")
	require.Less(t, trip.FirstByte, 4*pause, "of the last request")
	require.Greater(t, trip.Total, 5*pause)
	trip, err = c.Get(t.Context(), srv.URL+"/other")
	require.NoError(t, err)
	require.Positive(t, trip.Connect)
	require.Len(t, trip.Body, 2000)
	_, err = c.Get(t.Context(), srv.URL+"/loop")
	require.ErrorContains(t, err, "stopped after 10 redirects")

	safe, trusting := serveTLS(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, srv.URL+"/end", http.StatusFound) })
	_, err = trusting.Get(t.Context(), safe.URL)
	require.ErrorContains(t, err, "redirected from https to http://")
}

// Where http leads to a https that fails, the clock of the first server is known.
func TestDateOfRedirect(t *testing.T) {
	safe := httptest.NewTLSServer(http.HandlerFunc(halves)) // whom nobody trusts
	defer safe.Close()
	safe.Config.ErrorLog = quiet
	long := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", long.Format(http.TimeFormat))
		w.Header().Set("Age", "60")
		http.Redirect(w, r, safe.URL, http.StatusMovedPermanently)
	})
	bad := failure(t, &network.Client{}, srv.URL)
	require.Equal(t, network.Authority, bad.Reason)
	require.Equal(t, long.Add(time.Minute), bad.Date, "Age is for how long a cache has had it")
}

// Of several addresses some may not answer. What that costs is part of connecting.
func TestAddressesInTurn(t *testing.T) {
	srv := serve(t, halves)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	require.NoError(t, err)
	dead := deadPort(t)
	transport := &http.Transport{DialContext: func(ctx context.Context, n, _ string) (net.Conn, error) {
		for _, address := range []string{"127.0.0.1:" + dead, "127.0.0.1:" + port} {
			var conn net.Conn
			if conn, err = new(net.Dialer).DialContext(ctx, n, address); err == nil {
				return conn, nil
			}
			time.Sleep(pause)
		}
		return nil, err
	}}
	trip, err := (&network.Client{Transport: transport}).Get(t.Context(), "http://two.example/")
	require.NoError(t, err)
	require.GreaterOrEqual(t, trip.Connect, pause)
}

// Happy eyeballs: the second address is tried beside a first one that hangs, and
// wins. What the first one does then no longer counts.
func TestHappyEyeballs(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		require.NoError(t, l.Close())
	}
	srv := serve(t, halves)
	late := make(chan bool)
	dialer := &net.Dialer{FallbackDelay: pause, Resolver: resolverAt(loopbackNames(t)), Control: func(kind, _ string, _ syscall.RawConn) error {
		if kind == "tcp6" {
			<-late
		}
		return nil
	}}
	c := &network.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	trip, err := c.Get(t.Context(), strings.Replace(srv.URL, "127.0.0.1", "two.example", 1))
	close(late)
	require.NoError(t, err)
	require.Positive(t, trip.DNS)
	require.GreaterOrEqual(t, trip.Connect, pause, "with the wait for the first")
	require.Less(t, trip.Connect, 10*pause)
	require.GreaterOrEqual(t, trip.FirstByte, pause)
}

func TestLimit(t *testing.T) {
	srv := serve(t, halves)
	c := &network.Client{Limit: 2000}
	_, err := c.Get(t.Context(), srv.URL)
	require.NoError(t, err)
	c.Limit = 1999
	_, err = c.Get(t.Context(), srv.URL)
	require.ErrorIs(t, err, download.ErrTooLarge)
}

// A tunnel stands between here and the server, and answers only after a while.
func tunnel(w http.ResponseWriter, r *http.Request) {
	time.Sleep(pause)
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
}

func through(t *testing.T, c *network.Client, proxy string) {
	t.Helper()
	u, err := url.Parse(proxy)
	require.NoError(t, err)
	c.Transport.Proxy = http.ProxyURL(u)
}

func TestThroughProxy(t *testing.T) {
	srv, c := serveTLS(t, halves)
	var asked atomic.Int32
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1); r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		tunnel(w, r)
	})
	through(t, c, proxy.URL)
	name, err := c.ProxyOf(srv.URL)
	require.NoError(t, err)
	require.Equal(t, proxy.URL, name)
	trip, err := c.Get(t.Context(), srv.URL)
	require.NoError(t, err)
	require.EqualValues(t, 1, asked.Load())
	require.GreaterOrEqual(t, trip.Connect, pause, "what the proxy took to connect")
	require.Positive(t, trip.TLS)
	safe := httptest.NewTLSServer(http.HandlerFunc(tunnel)) // which has a certificate like the server's
	defer safe.Close()
	through(t, c, strings.Replace(safe.URL, "://", "://me:hunter2@", 1))
	trip, err = c.Get(t.Context(), srv.URL)
	require.NoError(t, err)
	require.Len(t, trip.Body, 2000)
	through(t, c, proxy.URL)
	trip, err = c.Get(t.Context(), "http://plain.example/")
	require.NoError(t, err)
	require.Equal(t, http.StatusTeapot, trip.Status)
}

// failure is the error of a Get, which tells no password.
func failure(t *testing.T, c *network.Client, url string) *network.Error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := c.Get(ctx, url)
	var bad *network.Error
	require.True(t, errors.As(err, &bad), "%v", err)
	for e := error(bad); e != nil; e = errors.Unwrap(e) {
		require.NotContains(t, e.Error(), "hunter2")
	}
	require.NotContains(t, bad.URL+bad.Proxy, "hunter2")
	return bad
}

func deadPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return port
}
