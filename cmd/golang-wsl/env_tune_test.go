package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// tuneServers are module proxies on loopback for the scripts, each with the module
// that is measured, and one checksum database that all of them relay:
//
//	$TUNE_FAST   works
//	$TUNE_SLOW   takes 200 ms longer for the module
//	$TUNE_HALF   fails at one module in three
//	$TUNE_LIAR   sends other files
//	$TUNE_FORGER relays a record that the database has not signed
//	$TUNE_ALONE  relays no database
//	$TUNE_SUMDB  GOSUMDB for all of these
func tuneServers(t *testing.T) []string {
	t.Helper()
	m := tune.Cobra()
	out, err := exec.Command("go", "mod", "download", "-json", m.Path+"@"+m.Version).Output()
	require.NoError(t, err)
	var downloaded struct{ Zip string }
	require.NoError(t, json.Unmarshal(out, &downloaded))
	module, err := os.ReadFile(downloaded.Zip)
	require.NoError(t, err)

	log, evil := fakerelease.Start(t), fakerelease.Start(t)
	log.AddModule(m.Path, m.Version, m.H1, nil)
	evil.AddModule(m.Path, m.Version, m.H1, nil)
	proxy := func(zip []byte, fault func(w http.ResponseWriter, r *http.Request) bool) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case fault != nil && fault(w, r):
			case strings.HasPrefix(r.URL.Path, "/proxy/sumdb/"):
				log.ServeLog(w, r)
			case r.URL.Path == "/proxy/"+m.Path+"/@v/"+m.Version+".zip":
				_, _ = w.Write(zip)
			default:
				http.NotFound(w, r)
			}
		}))
		t.Cleanup(server.Close)
		return server.URL + "/proxy"
	}
	isZip := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, ".zip") }
	var asked atomic.Int32
	return []string{
		"TUNE_SUMDB=" + log.GOSUMDB(),
		"TUNE_FAST=" + proxy(module, nil),
		"TUNE_SLOW=" + proxy(module, func(_ http.ResponseWriter, r *http.Request) bool {
			if isZip(r) {
				time.Sleep(200 * time.Millisecond)
			}
			return false
		}),
		"TUNE_HALF=" + proxy(module, func(w http.ResponseWriter, r *http.Request) bool {
			fails := isZip(r) && asked.Add(1)%3 == 0
			if fails {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return fails
		}),
		"TUNE_LIAR=" + proxy(otherModule(t, m), nil),
		"TUNE_FORGER=" + proxy(module, func(w http.ResponseWriter, r *http.Request) bool {
			forged := strings.Contains(r.URL.Path, "/lookup/")
			if forged {
				evil.ServeLog(w, r)
			}
			return forged
		}),
		"TUNE_ALONE=" + proxy(module, func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/sumdb/") {
				http.NotFound(w, r)
				return true
			}
			return false
		}),
	}
}

// otherModule is a zip that says it is the module.
func otherModule(t *testing.T, m tune.Module) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	f, err := z.Create(m.Path + "@" + m.Version + "/command.go")
	require.NoError(t, err)
	_, err = f.Write([]byte("package cobra // and something else\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return buf.Bytes()
}
