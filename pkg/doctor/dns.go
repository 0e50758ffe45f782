package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// slowName is more than distance explains: to the other side of the Earth and back
// light in glass takes 0.2 s. Whoever needs longer twice has waited for a server that
// did not answer.
const slowName = 500 * time.Millisecond

// names are those that a download begins with: of the servers, or of the proxy that
// asks them.
func (m *Machine) names(list []string) (hosts []string) {
	for _, address := range list {
		proxy, err := m.Net.Proxy(address)
		switch {
		case err != nil:
			continue // which http-proxy is about
		case proxy != "":
			address = withHTTP(proxy)
		}
		host := hostOf(address)
		if _, err := netip.ParseAddr(host); err == nil || host == "" || host == "localhost" || slices.Contains(hosts, host) {
			continue
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// proxyNames are those that the entries of GOPROXY need.
func (m *Machine) proxyNames() []string {
	list, _, _, _ := m.proxies()
	var urls []string
	for _, p := range list.Proxies() {
		if !p.IsFile() {
			urls = append(urls, p.URL)
		}
	}
	return m.names(urls)
}

type named struct {
	host string
	took time.Duration
	err  error
}

// resolve takes the better of two: what nobody had asked for in a while takes its
// time everywhere, once.
func (m *Machine) resolve(ctx context.Context, host string) named {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	took, err := m.Net.Resolve(ctx, host)
	if err == nil && took > slowName {
		if again, err := m.Net.Resolve(ctx, host); err == nil {
			took = min(took, again)
		}
	}
	return named{host, took, err}
}

func lookDNS(ctx context.Context, m *Machine) Finding {
	if m.Net == nil {
		return skipped(nobodyAsked)
	}
	if _, _, _, err := m.proxies(); err != nil {
		return skipped("GOPROXY cannot be read")
	}
	hosts := m.proxyNames()
	if len(hosts) == 0 {
		return skipped("GOPROXY needs no name")
	}
	answers := all(hosts, func(host string) named { return m.resolve(ctx, host) })
	return m.judgeNames(answers)
}

func (m *Machine) judgeNames(answers []named) Finding {
	f := ok("%s in %s", answers[0].host, answers[0].took.Round(100*time.Microsecond))
	known := slices.ContainsFunc(answers, func(n named) bool { return n.err == nil })
	for _, n := range answers {
		var bad *network.Error
		switch {
		case errors.As(n.err, &bad):
			text, cure := m.nameTrouble(n.host, bad)
			g := Finding{Status: Error, Text: text, Cure: cure, Evidence: append([]string{n.host + ": " + bad.Cause()}, m.nameservers()...)}
			if known && bad.Reason == network.NoName {
				g.Status = Warning
			}
			if f.Status != Error {
				f = g
			}
		case n.took > slowName && f.Status == OK:
			f = Finding{Status: Warning, Text: fmt.Sprintf("%s takes %s", n.host, n.took.Round(time.Millisecond)), Cure: m.nameCure(""), Evidence: m.nameservers()}
		}
	}
	return f
}

// nameTrouble explains a name that was not found.
func (m *Machine) nameTrouble(host string, bad *network.Error) (text, cure string) {
	if bad.Reason == network.NoName && m.isPublic(host) {
		return "the servers for names do not know " + host, m.nameCure(bad.Cause())
	}
	if bad.Reason == network.NoName {
		return "there is no such name as " + host, fmt.Sprintf("look at how %s is spelt in GOPROXY and GOSUMDB, and whether it needs a VPN", host)
	}
	return "no server for names answers for " + host, m.nameCure(bad.Cause())
}

// nameservers are the lines of resolv.conf that count.
func (m *Machine) nameservers() (lines []string) {
	text, there := m.read("/etc/resolv.conf")
	if !there {
		return []string{"there is no /etc/resolv.conf"}
	}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "nameserver" {
			lines = append(lines, "/etc/resolv.conf: nameserver "+words[1])
		}
	}
	if len(lines) == 0 {
		return []string{"/etc/resolv.conf has no nameserver"}
	}
	return lines
}

// nameCure goes by what is known to go wrong on WSL (microsoft/WSL#8365,
// microsoft/WSL#8022, golang/go#44135).
func (m *Machine) nameCure(cause string) string {
	servers := strings.Join(m.nameservers(), " ")
	conf, _ := m.read("/etc/wsl.conf")
	generated, isSet := wsl.ParseSettings(conf).Get("network.generateResolvConf")
	switch {
	case strings.Contains(cause, "cannot unmarshal DNS message"):
		return "export GODEBUG=netdns=cgo"
	case !m.isWSL() || m.Report.Container != "":
		return "look at the nameserver lines of /etc/resolv.conf"
	case m.Report.Kind == wsl.WSL1 && strings.Contains(servers, "nameserver fec0:"):
		return "sudo sed -i '/^nameserver fec0:/d' /etc/resolv.conf, and generateResolvConf=false below [network] in /etc/wsl.conf, so that it stays so"
	case isSet && strings.EqualFold(generated.Value, "false") && !strings.Contains(servers, ": nameserver "):
		return "take generateResolvConf=false out of /etc/wsl.conf, then wsl.exe --shutdown"
	case m.Report.Kind == wsl.WSL1:
		return "look at the name servers of Windows, which /etc/resolv.conf repeats"
	}
	return "dnsTunneling=true below [wsl2] in .wslconfig, then wsl.exe --shutdown; until then export GODEBUG=netdns=cgo"
}
