package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// An issuer signs certificates for servers.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // for SSL_CERT_FILE
}

func newIssuer(t *testing.T, name string) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "root.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	return &issuer{cert, key, file}
}

// serve starts a server of https with a certificate for a name and 127.0.0.1, or for
// the name alone.
func (i *issuer) serve(t *testing.T, h http.Handler, name string, from, until time.Duration) string {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until), DNSNames: []string{name},
	}
	if name == "modules.example" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, template, i.cert, &key.PublicKey, i.key)
	require.NoError(t, err)
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

// A modules is a module proxy that carries a checksum database.
type modules struct {
	head []byte
	code int           // instead of an answer
	skew time.Duration // of its clock
}

func (m modules) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", time.Now().Add(m.skew).UTC().Format(http.TimeFormat))
	switch {
	case m.code != 0:
		w.WriteHeader(m.code)
	case strings.HasSuffix(r.URL.Path, "/supported"):
	case strings.HasSuffix(r.URL.Path, "/latest"):
		_, _ = w.Write(m.head)
	default:
		_, _ = io.WriteString(w, "module golang.org/x/text\n")
	}
}

// newDatabase makes the key of a database and what it has signed.
func newDatabase(t *testing.T) (key string, head []byte) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "log.example")
	require.NoError(t, err)
	signer, err := note.NewSigner(skey)
	require.NoError(t, err)
	head, err = note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: 1}))}, signer)
	require.NoError(t, err)
	return vkey, head
}

// tunnelTo is an HTTP proxy that leads every name to one address.
func tunnelTo(t *testing.T, address string) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		there, err := net.Dial("tcp", strings.TrimPrefix(address, "https://"))
		if err != nil {
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// silence accepts connections and says nothing.
func silence(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String() // the kernel accepts
}

// doctorSays runs the program and returns what it says of servers, by check.
func doctorSays(t *testing.T, env ...string) map[string]string {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command("golang-wsl", "doctor", "--json", "--only", "dns,goproxy,gosumdb,http-proxy,clock,goprivate,go-overrides")
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "ASDF_DATA_DIR=" + home + "/.asdf",
		"GOLANG_WSL_NATIVE_DATA_DIR=" + home + "/.asdf", "GOLANG_WSL_WSL1_DATA_DIR=" + home + "/.asdf", "GOLANG_WSL_WSL2_DATA_DIR=" + home + "/.asdf",
	}, env...)
	cmd.Dir = home
	out, err := cmd.Output()
	require.NotContains(t, string(out), "hunter2")
	var report doctorReport
	require.NoError(t, json.Unmarshal(out, &report), "%v", err)
	says := make(map[string]string)
	for _, r := range report.Results {
		says[r.ID] = string(r.Status) + ": " + r.Finding
		t.Logf("%s: %s", r.ID, says[r.ID])
	}
	return says
}

func TestDoctorAsksServers(t *testing.T) {
	good, stranger := newIssuer(t, "Good Root"), newIssuer(t, "Stranger")
	key, head := newDatabase(t)
	const day = 24 * time.Hour
	honest := modules{head: head}
	fine := good.serve(t, honest, "modules.example", -day, day)
	plain := httptest.NewUnstartedServer(honest)
	plain.Config.ErrorLog = log.New(io.Discard, "", 0)
	plain.Start()
	t.Cleanup(plain.Close)
	with := func(url string) string { return strings.Replace(url, "://", "://me:hunter2@", 1) }
	dead := "http://me:hunter2@" + deadAddress(t)
	for name, test := range map[string]struct {
		env  string // besides GOSUMDB, in words
		want map[string]string
	}{
		"all well": {"GOPROXY=" + with(fine), map[string]string{"goproxy": "ok: GOPROXY=https://***@127.0.0.1:", "gosumdb": "ok: log.example answers", "clock": "ok: by 127.0.0.1 this clock is right", "http-proxy": "ok", "dns": "skipped"}},
		"plain":    {"GOPROXY=" + with(plain.URL), map[string]string{"goproxy": "ok", "gosumdb": "ok", "clock": "ok"}},
		"proxy":    {"GOPROXY=https://modules.example HTTPS_PROXY=" + with(tunnelTo(t, fine)), map[string]string{"goproxy": "ok", "gosumdb": "ok", "http-proxy": "ok", "clock": "ok", "dns": "skipped"}},
		"down, then good": {"GOPROXY=" + dead + "," + fine, map[string]string{
			"goproxy": "error: 127.0.0.1 refuses the connection; the go command stops there", "gosumdb": "error: 127.0.0.1 refuses the connection",
		}},
		"down or good": {"GOPROXY=" + dead + "|" + fine, map[string]string{"goproxy": "warning: 127.0.0.1 refuses", "gosumdb": "ok"}},
		"503":          {"GOPROXY=" + with(good.serve(t, modules{code: 503}, "modules.example", -day, day)), map[string]string{"goproxy": "warning: 127.0.0.1 answers with 503", "gosumdb": "warning"}},
		"404":          {"GOPROXY=" + with(good.serve(t, modules{code: 404}, "modules.example", -day, day)), map[string]string{"goproxy": "ok", "gosumdb": "error: there is no such name as log.example"}},
		"expired":      {"GOPROXY=" + with(good.serve(t, honest, "modules.example", -2*day, -day)), map[string]string{"goproxy": "error: the certificate of 127.0.0.1 has ended", "gosumdb": "error", "clock": "skipped"}},
		"not yet":      {"GOPROXY=" + with(good.serve(t, honest, "modules.example", day, 2*day)), map[string]string{"goproxy": "error: by the clock of this machine it is ", "gosumdb": "error"}},
		"stranger":     {"GOPROXY=" + with(stranger.serve(t, honest, "modules.example", -day, day)), map[string]string{"goproxy": "error: 127.0.0.1 is signed by CN=Stranger, whom this machine does not trust", "gosumdb": "error"}},
		"other name":   {"GOPROXY=" + with(good.serve(t, honest, "login.example", -day, day)), map[string]string{"goproxy": "error: who answers for 127.0.0.1 has the certificate of somebody else", "gosumdb": "error"}},
		"no TLS":       {"GOPROXY=" + with("https"+strings.TrimPrefix(plain.URL, "http")), map[string]string{"goproxy": "error: 127.0.0.1 does not speak TLS", "gosumdb": "error"}},
		"silent": {"GOPROXY=https://me:hunter2@" + silence(t), map[string]string{
			"goproxy": "error: 127.0.0.1 does not answer within 4s", "gosumdb": "error: 127.0.0.1 does not answer within 4s", "clock": "skipped",
		}},
		"no name":    {"GOPROXY=https://me:hunter2@modules.invalid", map[string]string{"dns": "error: there is no such name as modules.invalid", "goproxy": "info: there is no such name", "gosumdb": "info: there is no such name", "clock": "skipped"}},
		"dead proxy": {"GOPROXY=https://modules.example HTTPS_PROXY=" + dead, map[string]string{"http-proxy": "error: nobody answers at 127.0.0.1:", "goproxy": "info: the proxy http://127.0.0.1:", "gosumdb": "info: the proxy"}},
		"bad proxy":  {"GOPROXY=https://modules.example HTTPS_PROXY=http://me:hunter2@a.example:port", map[string]string{"dns": "skipped", "http-proxy": "error: HTTPS_PROXY is no URL", "goproxy": "info: the proxy of this environment does not lead to modules.example"}},
		"no list":    {"GOPROXY=https://me:hunter2/x@a.example", map[string]string{"goproxy": "error: GOPROXY has a URL with an unescaped @ or / in its password", "dns": "skipped", "gosumdb": "skipped"}},
		"unescaped":  {"GOPROXY=https://me:p@hunter2/w@modules.invalid", map[string]string{"goproxy": "error: GOPROXY has a URL with an unescaped @ or / in its password", "dns": "skipped", "gosumdb": "skipped"}},
		"late clock": {"GOPROXY=" + with(good.serve(t, modules{head: head, skew: 10 * time.Minute}, "modules.example", -day, day)), map[string]string{"goproxy": "ok", "clock": "warning: by 127.0.0.1 this clock is "}},
		"liar":       {"GOPROXY=" + with(good.serve(t, modules{head: []byte(strings.Replace(string(head), "\n1\n", "\n2\n", 1))}, "modules.example", -day, day)), map[string]string{"goproxy": "ok", "gosumdb": "error: what is sent for the head of log.example is not: tree head is not signed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			says := doctorSays(t, append(strings.Fields(test.env), "GOSUMDB="+key, "SSL_CERT_FILE="+good.file)...)
			for id, want := range test.want {
				require.True(t, strings.HasPrefix(says[id], want), "%s: %s", id, says[id])
			}
			for id, said := range says {
				require.NotContains(t, said, "timeout", id)
			}
		})
	}
}

// The real servers, through the proxy that the go command has here: nothing is
// wrong with them. scripts/test sets GOLANG_WSL_TEST_NETWORK=1, and CI must.
func TestDoctorAsksRealServers(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_NETWORK") != "1" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GOLANG_WSL_TEST_NETWORK=1 is not set, and CI must not skip this")
		}
		t.Skip("GOLANG_WSL_TEST_NETWORK=1 is not set")
	}
	setting, err := exec.Command("go", "env", "GOPROXY").Output()
	require.NoError(t, err)
	env := []string{"GOPROXY=" + strings.TrimSpace(string(setting))}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	for id, said := range doctorSays(t, env...) {
		require.NotRegexp(t, "^(warning|error|timeout)", said, id)
	}
}
