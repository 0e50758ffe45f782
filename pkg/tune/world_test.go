package tune_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A world has one checksum database and several proxies that relay it.
type world struct {
	t      *testing.T
	module tune.Module
	zip    []byte
	log    *fakerelease.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, module: tune.Module{Path: "measured.test/Module", Version: "v1.2.3"}, log: fakerelease.Start(t)}
	w.zip = w.pack("package module\n")
	w.module.Size, w.module.H1 = int64(len(w.zip)), w.hash(w.zip)
	w.log.AddModule(w.module.Path, w.module.Version, w.module.H1, nil)
	return w
}

// pack makes the zip of a module with one file, and 300 KB that do not compress.
func (w *world) pack(source string) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	padding := make([]byte, 300<<10)
	_, _ = rand.Read(padding)
	for name, content := range map[string][]byte{"module.go": []byte(source), "padding": padding} {
		f, err := z.Create(w.module.Path + "@" + w.module.Version + "/" + name)
		require.NoError(w.t, err)
		_, err = f.Write(content)
		require.NoError(w.t, err)
	}
	require.NoError(w.t, z.Close())
	return buf.Bytes()
}

// hash is what the go command has for a zip, on its way over a file.
func (w *world) hash(zip []byte) string {
	file := w.t.TempDir() + "/zip"
	require.NoError(w.t, os.WriteFile(file, zip, 0o600))
	h1, err := dirhash.HashZip(file, dirhash.Hash1)
	require.NoError(w.t, err)
	return h1
}

// proxy serves the module and relays the database, but for what fault does first.
func (w *world) proxy(fault func(http.ResponseWriter, *http.Request) bool) string {
	return w.server(fault, httptest.NewServer)
}

func (w *world) server(fault func(http.ResponseWriter, *http.Request) bool, start func(http.Handler) *httptest.Server) string {
	path, err := module.EscapePath(w.module.Path)
	require.NoError(w.t, err)
	server := start(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case fault != nil && fault(rw, r):
		case strings.HasPrefix(r.URL.Path, "/proxy/sumdb/"):
			w.log.ServeLog(rw, r)
		case r.URL.Path == "/proxy/"+path+"/@v/"+w.module.Version+".zip":
			_, _ = rw.Write(w.zip)
		default:
			http.NotFound(rw, r)
		}
	}))
	w.t.Cleanup(server.Close)
	return server.URL + "/proxy"
}

func isZip(r *http.Request) bool    { return strings.HasSuffix(r.URL.Path, ".zip") }
func isLookup(r *http.Request) bool { return strings.Contains(r.URL.Path, "/lookup/") }

func send(body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if isZip(r) {
			_, _ = w.Write([]byte(body))
		}
		return isZip(r)
	}
}

// down is an address where nobody listens.
func down(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

func (w *world) measure(databases []string, proxies ...string) *tune.Report {
	w.t.Helper()
	var candidates []tune.Candidate
	for _, url := range proxies {
		candidates = append(candidates, tune.Candidate{Kind: tune.Proxy, Value: url, Whose: tune.Default, InUse: true})
	}
	for _, setting := range databases {
		candidates = append(candidates, tune.Candidate{Kind: tune.Database, Value: setting, Whose: tune.Default, InUse: true})
	}
	report, err := tune.Measure(w.t.Context(), tune.Options{
		Candidates: candidates, Database: w.log.Key(), Module: w.module, Wait: 400 * time.Millisecond, Limit: 5 * time.Second,
	})
	require.NoError(w.t, err)
	return report
}

func propose(t *testing.T, r *tune.Report, proxies ...string) tune.Proposal {
	list, err := goproxy.Parse(strings.Join(proxies, ",") + ",direct")
	require.NoError(t, err)
	return tune.Propose(r, tune.Setting{Proxies: list, Database: r.Database})
}
