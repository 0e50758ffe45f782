package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A trouble is what is wrong with a server, as seen from here.
type trouble struct {
	status   Status
	text     string
	cure     string
	because  string // the check that names the cause, if that is certain
	evidence []string
}

// trouble explains why a request was not answered.
func (m *Machine) trouble(address string, err error) *trouble {
	t := &trouble{status: Error, cure: "golang-wsl env tune --apply, or HTTPS_PROXY where one is needed to get out"}
	host := hostOf(address)
	var bad *network.Error
	if !errors.As(err, &bad) {
		t.text = fmt.Sprintf("%s: %s", host, hide(err.Error()))
		return t
	}
	t.evidence = []string{fmt.Sprintf("%s: %s", bad.URL, bad.Cause())}
	switch bad.Reason {
	case network.NoName, network.NoServer:
		t.text, t.cure = m.nameTrouble(host, bad)
		if bad.Reason == network.NoServer || slices.Contains(m.proxyNames(), host) {
			t.because = "dns"
		}
	case network.Refused:
		t.text = host + " refuses the connection"
	case network.Unreachable:
		t.text, t.because = "no way leads to "+host, "dns"
	case network.Slow:
		t.text = fmt.Sprintf("%s does not answer within %s", host, answerTime)
	case network.Reset:
		t.text = "the connection to " + host + " is cut off"
	case network.Proxy:
		t.text = fmt.Sprintf("the proxy %s does not lead to %s", cmp.Or(bad.Proxy, "of this environment"), host)
		t.because = "http-proxy"
		t.cure = fmt.Sprintf("correct HTTPS_PROXY, or let NO_PROXY contain %s if it can be reached without", host)
	case network.PlainText:
		t.text = host + " does not speak TLS: perhaps a login page of this network is in front of it"
		t.cure = "open a web page in a browser and log in; if the server has no TLS, write its URL with http:"
	case network.Clock, network.Authority, network.Hostname:
		m.certificateTrouble(t, host, bad)
	default:
		t.text = fmt.Sprintf("%s: %s", host, bad.Cause())
	}
	return t
}

// refusal is for an answer that is neither what was asked for nor "not found".
func (m *Machine) refusal(address string, status int) *trouble {
	host := hostOf(address)
	t := &trouble{status: Warning, text: fmt.Sprintf("%s answers with %d %s", host, status, http.StatusText(status))}
	denied := status == http.StatusUnauthorized || status == http.StatusForbidden
	switch {
	case denied && hide(address) != address:
		t.cure = "correct the password for " + host + " in GOPROXY or GOSUMDB"
	case denied && m.hasCredentials():
		t.status = Info
		t.text += "; the go command may have a password for it, which was not sent"
	case denied:
		t.cure = fmt.Sprintf("put the password for %s into ~/.netrc, or behind GOAUTH", host)
	default:
		t.cure = "try again later, or golang-wsl env tune --apply"
	}
	return t
}

// hasCredentials reports whether the go command looks for passwords in places that
// are none of the doctor's business.
func (m *Machine) hasCredentials() bool {
	auth, _ := m.goSetting("GOAUTH")
	return auth != "" && auth != "netrc" && auth != "off" || m.exists(cmp.Or(absolute(m.Env("NETRC")), below(m.home(), ".netrc"), "/.netrc"))
}

// certificateTrouble tells a clock that is wrong from a certificate that is, and a
// stranger in between from an authority that is not known here.
func (m *Machine) certificateTrouble(t *trouble, host string, bad *network.Error) {
	if len(bad.Issuers) > 0 {
		t.evidence = append(t.evidence, "signed by "+strings.Join(bad.Issuers, ", which is signed by "))
	}
	signer := "somebody"
	if len(bad.Issuers) > 0 {
		signer = bad.Issuers[len(bad.Issuers)-1]
	}
	if bad.Reason == network.Clock {
		t.because = "clock"
	}
	switch {
	case bad.Reason == network.Clock && m.Now.Before(bad.NotBefore):
		t.text = fmt.Sprintf("by the clock of this machine it is %s, and the certificate of %s begins at %s", day(m.Now), host, day(bad.NotBefore))
		t.cure = m.setClock()
	case bad.Reason == network.Clock:
		t.text = fmt.Sprintf("the certificate of %s has ended at %s, and the clock of this machine says %s", host, day(bad.NotAfter), day(m.Now))
		t.cure = "if date -u is right, whoever runs " + host + " must renew it; if not: " + m.setClock()
	case bad.Reason == network.Hostname:
		t.text = fmt.Sprintf("who answers for %s has the certificate of somebody else: a login page of this network, or somebody in between", host)
		t.cure = "open a web page in a browser and log in, or use another network"
	case m.rootless() != "":
		t.text = fmt.Sprintf("nobody can vouch for %s: %s", host, m.rootless())
		t.cure = cmp.Or(m.install("ca-certificates"), "install the package ca-certificates")
		if file := m.Env("SSL_CERT_FILE"); file != "" {
			t.cure = "unset SSL_CERT_FILE"
		}
	case isAuthority(signer):
		t.text = fmt.Sprintf("this machine does not know %s, who signs for %s: its authorities are old, or the server leaves out a certificate", signer, host)
		t.cure = cmp.Or(m.install("ca-certificates"), "update the package ca-certificates")
	case m.isPublic(host):
		t.text = fmt.Sprintf("somebody in between answers for %s and signs as %s, as companies do that look into TLS", host, signer)
		t.cure = m.trust(signer)
	default:
		t.text = fmt.Sprintf("%s is signed by %s, whom this machine does not trust: an authority of its own, or somebody in between", host, signer)
		t.cure = m.trust(signer)
	}
}

var userinfo = regexp.MustCompile(`://[^,|\s"]*@`)

// hide takes user and password out of a setting, also where the URL is none: what
// stands in front of the last @ is not shown.
func hide(text string) string { return userinfo.ReplaceAllString(text, "://***@") }

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// authorities sign for the public. Whoever looks into TLS signs as himself.
var authorities = []string{
	"Google Trust Services", "Let's Encrypt", "Internet Security Research Group", "DigiCert", "GlobalSign", "Sectigo", "USERTRUST", "Amazon",
}

func isAuthority(signer string) bool {
	return slices.ContainsFunc(authorities, func(name string) bool { return strings.Contains(signer, "O="+name) })
}

// rootFiles are where Linux distributions have what crypto/x509 reads.
var rootFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
}

// rootless says why this machine trusts nobody, or "".
func (m *Machine) rootless() string {
	files, dirs := rootFiles, []string{"/etc/ssl/certs", "/etc/pki/tls/certs"}
	if file := m.Env("SSL_CERT_FILE"); file != "" {
		files = []string{file}
	}
	if list := m.Env("SSL_CERT_DIR"); list != "" {
		dirs = strings.Split(list, ":")
	}
	for _, dir := range dirs {
		for _, name := range m.list(dir) {
			files = append(files, path.Join(dir, name))
		}
	}
	if slices.ContainsFunc(files, m.exists) {
		return ""
	}
	if file := m.Env("SSL_CERT_FILE"); file != "" {
		return fmt.Sprintf("SSL_CERT_FILE is %s, which is not there", file)
	}
	return "there is no file of authorities, such as " + rootFiles[0]
}

// trusters are the commands that make an authority known, by the ID of distributions.
var trusters = []struct{ ids, command string }{
	{"fedora rhel centos almalinux rocky ol amzn", "sudo cp ROOT.crt /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust"},
	{"arch archarm manjaro", "sudo trust anchor --store ROOT.crt"},
	{"opensuse opensuse-leap opensuse-tumbleweed sles sled", "sudo cp ROOT.crt /etc/pki/trust/anchors/ && sudo update-ca-certificates"},
}

func (m *Machine) trust(signer string) string {
	command := "sudo cp ROOT.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates"
	for _, t := range trusters {
		if slices.Contains(strings.Fields(t.ids), m.Report.Distribution.ID) {
			command = t.command
		}
	}
	return fmt.Sprintf("if you trust %s, save its certificate as ROOT.crt, then %s", signer, command)
}

// setClock is how the clock is set here (wsl.exe stops what drifts after sleep).
func (m *Machine) setClock() string {
	switch {
	case m.Report.Container != "":
		return "set the clock of the machine that runs this container"
	case m.Report.Kind == wsl.WSL2:
		return "sudo hwclock -s, or wsl.exe --shutdown and a new shell"
	case m.Report.Kind == wsl.WSL1:
		return "set the clock of Windows"
	}
	return "sudo timedatectl set-ntp true"
}
