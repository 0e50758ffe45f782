package tune_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

func TestMeasure(t *testing.T) {
	w := newWorld(t)
	fast := w.proxy(nil)
	slow := w.proxy(func(_ http.ResponseWriter, r *http.Request) bool {
		if isZip(r) {
			time.Sleep(150 * time.Millisecond)
		}
		return false
	})
	var asked atomic.Int32
	half := w.proxy(func(rw http.ResponseWriter, r *http.Request) bool {
		if !isZip(r) || asked.Add(1)%2 == 1 {
			return false
		}
		rw.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	dead := down(t)
	silent := w.proxy(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	all := []string{slow, half, dead, silent, fast}
	r := w.measure([]string{w.log.GOSUMDB(), w.log.Key()}, all...)
	require.Equal(t, 3, r.Rounds)
	of := func(url string) tune.Result {
		for _, result := range r.Results {
			if result.Value == url {
				require.Len(t, result.Samples, 3)
				return result
			}
		}
		panic(url)
	}
	s := of(fast)
	require.True(t, s.Steady(), s.Err)
	require.NoError(t, s.LookupErr)
	require.Positive(t, s.Connect)
	require.Positive(t, s.FirstByte)
	require.Positive(t, s.Lookup)
	require.Greater(t, s.Throughput, 1e6)
	require.GreaterOrEqual(t, s.Total, s.Connect+s.FirstByte)
	require.Equal(t, tune.Relayed, s.Relay)
	require.Less(t, s.Total, 100*time.Millisecond)

	require.GreaterOrEqual(t, of(slow).FirstByte, 150*time.Millisecond)
	require.True(t, of(slow).Steady())
	require.Equal(t, 2, of(half).Worked)
	require.Equal(t, "answers 503", tune.Words(of(half).Err))
	require.False(t, of(dead).Works())
	require.Equal(t, "refused", tune.Words(of(dead).Err))
	require.Equal(t, "timeout", tune.Words(of(silent).Err))
	require.True(t, of(w.log.GOSUMDB()).Steady(), of(w.log.GOSUMDB()).Err)
	require.Positive(t, of(w.log.GOSUMDB()).Lookup)
	require.False(t, of(w.log.Key()).Works(), "there is no such name")

	p := propose(t, r, all...)
	require.Equal(t, fast+","+slow+","+half+"|direct", p.GOPROXY, p.Reasons)
	require.Equal(t, w.log.Key(), p.GOSUMDB, "it is reached through the proxies")
}

func TestMeasureFindsLiars(t *testing.T) {
	w := newWorld(t)
	evil := fakerelease.Start(t)
	evil.AddModule(w.module.Path, w.module.Version, w.module.H1, nil)
	for name, tt := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request) bool
		lie   bool
		want  string
	}{
		"honest":       {nil, false, ""},
		"other module": {send(string(w.pack("package evil\n"))), true, "other files as measured.test/Module@v1.2.3: h1:"},
		"a login":      {send("<html>"), false, "sends a page instead of a module (a login?)"},
		"nothing":      {send(""), false, "sends no module: zip: not a valid zip file"},
		"half of it":   {send(string(w.zip[:len(w.zip)/2])), false, "sends no module: zip: not a valid zip file"},
		"more than it": {send(string(make([]byte, 16*len(w.zip)+2<<20))), false, "more than"},
		"a record that nobody signed": {func(rw http.ResponseWriter, r *http.Request) bool {
			if isLookup(r) {
				evil.ServeLog(rw, r)
			}
			return isLookup(r)
		}, true, "not signed"},
		"a record of another tree": {func(rw http.ResponseWriter, r *http.Request) bool {
			if isLookup(r) {
				rec := httptest.NewRecorder()
				w.log.ServeLog(rec, r)
				_, _ = rw.Write(bytes.Replace(rec.Body.Bytes(), []byte("h1:"), []byte("h1:A"), 1))
			}
			return isLookup(r)
		}, true, "cannot authenticate record"},
		"no relay": {func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/supported") {
				http.NotFound(rw, r)
			}
			return strings.HasSuffix(r.URL.Path, "/supported")
		}, false, ""},
		"a relay that fails": {func(rw http.ResponseWriter, r *http.Request) bool {
			if isLookup(r) {
				rw.WriteHeader(http.StatusBadGateway)
			}
			return isLookup(r)
		}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			url := w.proxy(tt.fault)
			r := w.measure(nil, url)
			s := r.Results[0].Summary
			require.Equal(t, tt.lie, s.Lie != nil, s.Err)
			switch {
			case tt.lie:
				require.ErrorContains(t, s.Lie, tt.want)
				require.Empty(t, propose(t, r, url).GOPROXY)
			case tt.want != "":
				require.Contains(t, tune.Words(s.Err), tt.want)
				require.False(t, s.Works())
			default:
				require.True(t, s.Steady(), s.Err)
			}
			if name == "no relay" {
				require.Equal(t, tune.NotThere, s.Relay)
			}
			if name == "a relay that fails" {
				require.Equal(t, tune.Defective, s.Relay)
				require.Equal(t, "answers 502", tune.Words(s.LookupErr))
			}
			if name == "other module" {
				require.Equal(t, w.module.H1, s.Lie.Want)
				require.NotEqual(t, w.module.H1, s.Lie.Got)
			}
		})
	}
}

// A log that has, well signed, another sum than the module is known by.
func TestMeasureFindsAnotherSum(t *testing.T) {
	w := newWorld(t)
	other := fakerelease.Start(t)
	other.AddModule(w.module.Path, w.module.Version, w.hash(w.pack("package other\n")), nil)
	r := w.measure([]string{other.GOSUMDB()})
	require.ErrorContains(t, r.Results[0].Lie, "another sum for measured.test/Module@v1.2.3")
}

func TestMeasureOverTLS(t *testing.T) {
	w := newWorld(t)
	var server *httptest.Server
	url := w.server(nil, func(h http.Handler) *httptest.Server {
		server = httptest.NewTLSServer(h)
		return server
	})
	r := w.measure(nil, url)
	require.Equal(t, "its certificate is from a stranger", tune.Words(r.Results[0].Err))
	require.Equal(t, 1, r.Rounds, "nobody has said anything")

	transport := download.NewTransport(nil)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	r, err := tune.Measure(t.Context(), tune.Options{
		Candidates: []tune.Candidate{{Kind: tune.Proxy, Value: url}}, Database: w.log.Key(), Module: w.module, Transport: transport, Rounds: 1,
	})
	require.NoError(t, err)
	require.True(t, r.Results[0].Steady(), r.Results[0].Err)
	require.Positive(t, r.Results[0].TLS)
	require.Equal(t, tune.Relayed, r.Results[0].Relay)
}

// Where everything is down one round is enough, and takes no longer than its
// requests wait, four at a time.
func TestMeasureGivesUp(t *testing.T) {
	w := newWorld(t)
	stop := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	t.Cleanup(hang.Close)
	t.Cleanup(func() { close(stop) })
	begin := time.Now()
	r := w.measure(nil, hang.URL+"/1", hang.URL+"/2", hang.URL+"/3", hang.URL+"/4", hang.URL+"/5", hang.URL+"/6")
	require.Equal(t, 1, r.Rounds)
	require.Less(t, time.Since(begin), 3*time.Second)

	// A proxy of HTTPS_PROXY that takes what it is asked, and answers nothing.
	through, err := url.Parse(hang.URL)
	require.NoError(t, err)
	begin = time.Now()
	r, err = tune.Measure(t.Context(), tune.Options{
		Candidates: []tune.Candidate{{Kind: tune.Proxy, Value: "https://unreachable.test"}},
		Transport:  download.NewTransport(http.ProxyURL(through)), Wait: 300 * time.Millisecond,
	})
	require.NoError(t, err)
	require.Equal(t, 1, r.Rounds)
	require.Equal(t, "the HTTP proxy "+hang.URL+" does not serve", tune.Words(r.Results[0].Err))
	require.Less(t, time.Since(begin), 3*time.Second)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begin = time.Now()
	_, err = tune.Measure(ctx, tune.Options{Candidates: []tune.Candidate{{Kind: tune.Proxy, Value: hang.URL}}})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(begin), time.Second)
}

// All candidates have a sample before one has two, and no more than four are asked
// at a time.
func TestMeasureIsBounded(t *testing.T) {
	w := newWorld(t)
	var now, most atomic.Int32
	count := func(_ http.ResponseWriter, r *http.Request) bool {
		if isZip(r) {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			time.Sleep(20 * time.Millisecond)
			now.Add(-1)
		}
		return false
	}
	var urls []string
	for range 9 {
		urls = append(urls, w.proxy(count))
	}
	var told []int
	var candidates []tune.Candidate
	for _, url := range urls {
		candidates = append(candidates, tune.Candidate{Kind: tune.Proxy, Value: url})
	}
	_, err := tune.Measure(t.Context(), tune.Options{
		Candidates: candidates, Database: w.log.Key(), Module: w.module,
		Progress: func(done, of int) { told = append(told, done*100+of) },
	})
	require.NoError(t, err)
	require.EqualValues(t, 4, most.Load())
	require.Len(t, told, 27)
	require.Equal(t, 2727, told[26])
}

// The module is what go.sum and the go command say that it is.
func TestCobra(t *testing.T) {
	m := tune.Cobra()
	sums, err := os.ReadFile("../../go.sum")
	require.NoError(t, err)
	require.Contains(t, string(sums), m.Path+" "+m.Version+" "+m.H1+"\n")
	out, err := exec.Command("go", "mod", "download", "-json", m.Path+"@"+m.Version).Output()
	require.NoError(t, err)
	var got struct{ Zip, Sum string }
	require.NoError(t, json.Unmarshal(out, &got))
	require.Equal(t, m.H1, got.Sum)
	info, err := os.Stat(got.Zip)
	require.NoError(t, err)
	require.Equal(t, m.Size, info.Size())
}

func TestWordsHideSecrets(t *testing.T) {
	_, err := (&network.Client{}).Get(t.Context(), "http://me:hunter2@127.0.0.1:1/%zz")
	require.NotContains(t, tune.Words(err), "hunter2")
}

// The real thing, through the proxies that the go command of this machine has.
func TestMeasureReal(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_NETWORK") != "1" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GOLANG_WSL_TEST_NETWORK=1 is not set, and CI must not skip this")
		}
		t.Skip("GOLANG_WSL_TEST_NETWORK=1 is not set")
	}
	out, err := exec.Command("go", "env", "GOPROXY").Output()
	require.NoError(t, err)
	list, err := goproxy.Parse(strings.TrimSpace(string(out)))
	require.NoError(t, err)
	now := tune.Setting{Proxies: list, Database: "sum.golang.org"}
	var candidates []tune.Candidate
	for _, p := range list.Proxies() {
		candidates = append(candidates, tune.Candidate{Kind: tune.Proxy, Value: p.URL, Whose: tune.Default, InUse: true})
	}
	r, err := tune.Measure(t.Context(), tune.Options{
		Candidates: candidates, Database: now.Database, Transport: download.NewTransport(http.ProxyFromEnvironment), Limit: 30 * time.Second,
	})
	require.NoError(t, err)
	s := r.Results[0].Summary
	require.True(t, s.Works(), s.Err)
	require.Equal(t, tune.Relayed, s.Relay, s.LookupErr)
	p := tune.Propose(r, now)
	require.Contains(t, p.GOPROXY, candidates[0].Value)
	require.Equal(t, "sum.golang.org", p.GOSUMDB)
	t.Log(p.Reasons)
}
