package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// proxySetting is one of the variables, in the spelling that Go takes first.
type proxySetting struct{ name, value string }

func lookHTTPProxy(ctx context.Context, m *Machine) Finding {
	var settings []proxySetting
	var differ []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		upper, lower := m.Env(name), m.Env(strings.ToLower(name))
		if upper != "" && lower != "" && !sameProxy(upper, lower) {
			differ = append(differ, fmt.Sprintf("%s is %s, %s is %s", name, hide(withHTTP(upper)), strings.ToLower(name), hide(withHTTP(lower))))
		}
		if value := cmp.Or(upper, lower); value != "" && name != "NO_PROXY" {
			settings = append(settings, proxySetting{name, value})
		}
	}
	if len(settings) == 0 {
		return ok("not set: no proxy")
	}
	for _, s := range settings {
		if u, err := url.Parse(withHTTP(s.value)); err != nil || u.Host == "" {
			return Finding{Status: Error, Text: s.name + " is no URL", Cure: fmt.Sprintf("write %s like http://proxy.example:3128", s.name)}
		}
	}
	f := m.reachProxies(ctx, settings)
	if len(differ) == 0 {
		return f
	}
	f.Evidence = append(f.Evidence, differ...)
	if f.Status != Error {
		f.Status, f.Text = Warning, strings.Join(differ, "; ")
		f.Cure = "give both spellings the same value, or unset one: Go prefers the upper case"
	}
	return f
}

// withHTTP completes "proxy.example:3128" as package http does.
func withHTTP(value string) string {
	if strings.Contains(value, "://") {
		return value
	}
	return "http://" + value
}

// sameProxy looks through a slash at the end, a missing scheme and the order of a list.
func sameProxy(a, b string) bool {
	norm := func(s string) []string {
		words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
		for i, word := range words {
			words[i] = strings.TrimSuffix(withHTTP(word), "/")
		}
		slices.Sort(words)
		return words
	}
	return slices.Equal(norm(a), norm(b))
}

// reachProxies connects to each proxy once.
func (m *Machine) reachProxies(ctx context.Context, settings []proxySetting) Finding {
	if m.Net == nil {
		return skipped(nobodyAsked)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	errs := all(settings, func(s proxySetting) error { return m.Net.Dial(ctx, addressOf(s.value)) })
	dead := func(s proxySetting) bool { return errs[slices.Index(settings, s)] != nil }
	var bad []Finding
	for i, s := range settings {
		same := slices.DeleteFunc(slices.Clone(settings), func(o proxySetting) bool { return addressOf(o.value) != addressOf(s.value) || !dead(o) })
		if errs[i] != nil && same[0] == s { // else it has been told with an earlier one
			bad = append(bad, m.proxyTrouble(same, errs[i]))
		}
	}
	if len(bad) == 0 {
		return ok("%s can be reached", addressOf(settings[0].value))
	}
	// The worst first: a proxy that nothing needs must not hide one that is needed.
	slices.SortStableFunc(bad, func(a, b Finding) int { return rank(b.Status) - rank(a.Status) })
	f := bad[0]
	for _, other := range bad[1:] {
		if other.Because != f.Because {
			f.Because = ""
		}
		f.Text, f.Evidence = f.Text+"; "+other.Text, append(f.Evidence, other.Evidence...)
		if other.Cure != f.Cure {
			f.Cure += "; " + other.Cure
		}
	}
	return f
}

// addressOf is where a proxy listens.
func addressOf(value string) string {
	u, err := url.Parse(withHTTP(value))
	if err != nil {
		return ""
	}
	port := map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port, "80"))
}

// proxyTrouble is about a proxy that several variables may name.
func (m *Machine) proxyTrouble(settings []proxySetting, err error) Finding {
	address := addressOf(settings[0].value)
	f := Finding{Status: Warning}
	var names, both []string
	for _, s := range settings {
		names, both = append(names, s.name), append(both, s.name, strings.ToLower(s.name))
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s=%s: %s", s.name, hide(withHTTP(s.value)), hide(err.Error())))
		if m.needsProxy(s.value) {
			f.Status = Error
		}
	}
	var bad *network.Error
	if errors.As(err, &bad) && (bad.Reason == network.NoName || bad.Reason == network.NoServer) && f.Status == Error {
		f.Because = "dns" // which asks for the names of proxies that are needed
	}
	f.Text = fmt.Sprintf("nobody answers at %s, which %s %s", address, strings.Join(names, " and "), map[bool]string{true: "name", false: "names"}[len(names) > 1])
	f.Cure = fmt.Sprintf("unset %s, or correct them", strings.Join(both, " "))
	host, port, _ := net.SplitHostPort(address)
	if m.Report.Kind == wsl.WSL2 && m.Report.Container == "" && isLoopback(host) && !m.mirrored() {
		f.Text += "; on WSL2 that is the address of the VM, not of Windows"
		f.Cure = "networkingMode=mirrored below [wsl2] in .wslconfig, then wsl.exe --shutdown"
		if gateway := m.gateway(); gateway != "" {
			f.Cure += fmt.Sprintf("; or let the proxy listen on all addresses of Windows, and use http://%s", net.JoinHostPort(gateway, port))
		}
	}
	return f
}

// needsProxy reports whether the go command asks a server of GOPROXY or GOSUMDB by
// this proxy.
func (m *Machine) needsProxy(value string) bool {
	list, _, _, _ := m.proxies()
	urls := []string{m.databaseURL()}
	for _, p := range list.Proxies() {
		urls = append(urls, p.URL)
	}
	return slices.ContainsFunc(urls, func(address string) bool {
		proxy, err := m.Net.Proxy(address)
		return err == nil && proxy != "" && sameProxy(proxy, value)
	})
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// mirrored reports whether some .wslconfig asks for addresses shared with Windows.
func (m *Machine) mirrored() bool {
	return slices.ContainsFunc(m.wslconfigs(), func(file string) bool {
		text, _ := m.read(file)
		s, set := wsl.ParseSettings(text).Get("wsl2.networkingMode")
		return set && strings.EqualFold(s.Value, "mirrored")
	})
}

// gateway is the default route, which with nat is Windows.
func (m *Machine) gateway() string {
	text, _ := m.read("/proc/net/route")
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		var b [4]byte
		if len(words) < 3 || words[1] != "00000000" {
			continue
		}
		if n, err := fmt.Sscanf(words[2], "%2x%2x%2x%2x", &b[3], &b[2], &b[1], &b[0]); n == 4 && err == nil {
			return netip.AddrFrom4(b).String()
		}
	}
	return ""
}
