package checksumdb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

func TestProxyRules(t *testing.T) {
	f := newFake(t)
	status := func(code int) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	without, broken := status(404), status(403)
	for name, tt := range map[string]struct{ list, want string }{
		"first":                  {f.url, ""},
		"trailing slash":         {f.url + "/", ""},
		"comma after not found":  {without + "," + f.url, ""},
		"pipe after fault":       {broken + "|" + f.url, ""},
		"comma after fault":      {broken + "," + f.url, "403"},
		"off behind a good one":  {f.url + ",off", ""},
		"fault, then nothing":    {broken + "|" + without, "403"},
		"nobody serves it":       {without, "get https://log.example/lookup/"},
		"nobody, then off":       {without + ",off", "not served by " + without},
		"direct":                 {"direct", "get https://log.example/lookup/"},
		"direct after any fault": {broken + "|direct", "get https://log.example/lookup/"},
	} {
		t.Run(name, func(t *testing.T) {
			o := checksumdb.Options{GOSUMDB: f.vkey, Proxies: proxies(t, tt.list), CacheDir: t.TempDir(), Download: downloader()}
			o.Download.HTTP = &http.Client{Transport: loopbackOnly{}}
			rec, err := open(t, o).Lookup(t.Context(), mod, "v0.0.1-a")
			if tt.want != "" {
				require.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, f.history.h1(mod, "v0.0.1-a"), rec.H1)
		})
	}
}

// loopbackOnly refuses to leave the machine.
type loopbackOnly struct{}

func (loopbackOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() != "127.0.0.1" {
		return nil, fmt.Errorf("no route to %s", r.URL.Host)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// The database itself is reached by its name when no proxy serves it.
func TestDirect(t *testing.T) {
	f := newFake(t)
	o := checksumdb.Options{GOSUMDB: f.vkey, Download: downloader()}
	o.Download.HTTP = &http.Client{Transport: rewrite{"https://log.example", f.url}}
	f.mustLookup(t, open(t, o), "v0.0.1-a")
	require.NotContains(t, f.requests(), "/supported")
}

type rewrite struct{ from, to string }

func (rw rewrite) RoundTrip(r *http.Request) (*http.Response, error) {
	to := strings.Replace(r.URL.String(), rw.from, rw.to, 1)
	r2, err := http.NewRequestWithContext(r.Context(), r.Method, to, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultTransport.RoundTrip(r2)
}

// All that was tried is named, without passwords, and it does not take for ever.
func TestUnreachable(t *testing.T) {
	block := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	defer hangs.Close()
	defer close(block)
	closed := httptest.NewServer(nil)
	closed.Close()

	f := newFake(t)
	list := strings.Replace(hangs.URL, "://", "://me:hunter2@", 1) + "|" + closed.URL
	o := checksumdb.Options{GOSUMDB: f.vkey, Proxies: proxies(t, list), Download: downloader(), Timeout: 50 * time.Millisecond}
	_, err := open(t, o).Lookup(t.Context(), mod, "v0.0.1-a")
	require.ErrorAs(t, err, new(*download.Error))
	require.ErrorContains(t, err, closed.URL+"/sumdb/log.example/supported")
	require.ErrorContains(t, err, strings.TrimPrefix(hangs.URL, "http://")+"/sumdb/log.example/supported")
	require.ErrorContains(t, err, "no answer in 50ms")
	require.NotContains(t, err.Error(), "hunter2")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = open(t, o).Lookup(ctx, mod, "v0.0.1-a")
	require.ErrorIs(t, err, context.Canceled)
}
