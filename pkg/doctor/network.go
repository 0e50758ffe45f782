package doctor

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
)

// networkChecks are about servers.
func networkChecks() []Check {
	return []Check{
		{
			ID: "dns", Title: "names of servers", Look: lookDNS,
			Reads:   "names of the servers in `GOPROXY`, or of the proxy that leads to them; `/etc/resolv.conf`, `/etc/wsl.conf`",
			Decides: "no server for names, or no name that is known, is an error; an unknown name beside known ones, and more than 500 ms twice, are warnings",
			Why:     "every download of the go command begins with a name (golang/go#44135, microsoft/WSL#8365)",
			Cure:    "look at /etc/resolv.conf",
		},
		{
			ID: "goproxy", Title: "module proxies", Look: lookGOPROXY,
			Reads:   "`GOPROXY` as the go command sees it; one small document from each of its entries",
			Decides: "an entry at which the go command stops is an error; one that it passes over after a pipe, and 401, 403 and 5xx, are warnings",
			Why:     "modules come from there, and after a comma the go command asks the next entry only if this one says 404 or 410",
			Cure:    "golang-wsl env tune --apply",
		},
		{
			ID: "gosumdb", Title: "checksum database", Look: lookGOSUMDB,
			Reads:   "`GOSUMDB` and `GOPROXY` as the go command sees them; the signed head of the database, through the proxies as go does, else from itself",
			Decides: "not to be had, or not signed by the database, is an error; GOSUMDB=off is info, and a warning where nobody here has set it",
			Why:     "the go command refuses modules that go.sum does not have and the database does not vouch for; with off it takes them unseen",
			Cure:    "golang-wsl env tune --apply",
		},
		{
			ID: "http-proxy", Title: "HTTP_PROXY and its like", Look: lookHTTPProxy,
			Reads:   "`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` in both spellings; a connection to each proxy",
			Decides: "no URL, or a proxy that the go command needs and nobody reaches, is an error; two spellings with two values are a warning",
			Why:     "the go command asks all servers through them; Go prefers the upper case, curl the lower one",
			Cure:    "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy",
		},
		{
			ID: "clock", Title: "this machine's clock", Look: lookClock,
			Reads:   "the Date of answers from a host of `GOPROXY` and from that of `GOSUMDB`",
			Decides: "more than 2 minutes off is a warning, more than a day an error; two servers that disagree are info",
			Why:     "certificates are then not yet valid or expired, and make and go build trust times of files (microsoft/WSL#4149, microsoft/WSL#8204)",
			Cure:    "set the clock",
		},
	}
}

const nobodyAsked = "no server is asked"

// answerTime is for all that one check asks. It ends before the deadline of a check,
// so that the check can say who did not answer.
const answerTime = 4 * time.Second

// effective is a setting of the go command with its default.
func (m *Machine) effective(name string) (value, source string) {
	if value, source = m.goSetting(name); value == "" {
		value, source = m.Defaults[name], "the go command's default"
	}
	return value, source
}

// errUnescaped says that what reads as host and path is in part a password.
var errUnescaped = errors.New("a URL with an unescaped @ or / in its password")

// slashInPassword is a slash in front of an @, which ends the host.
var slashInPassword = regexp.MustCompile(`://[^,|@\s]*/[^,|\s]*@`)

// proxies is GOPROXY; all false says that it is not known. With an error the list is
// empty.
func (m *Machine) proxies() (list goproxy.List, source string, known bool, err error) {
	setting, source := m.effective("GOPROXY")
	list, err = goproxy.Parse(setting)
	if err != nil && slashInPassword.MatchString(setting) {
		err = errUnescaped
	}
	for _, p := range list.Proxies() {
		if u, bad := url.Parse(p.URL); bad == nil && u.User != nil && strings.Contains(u.Path, "@") {
			return goproxy.List{}, source, true, errUnescaped
		}
	}
	return list, source, setting != "", err
}

// database is GOSUMDB.
func (m *Machine) database() (setting, source string) {
	setting, source = m.effective("GOSUMDB")
	return cmp.Or(setting, "sum.golang.org"), source
}

// databaseURL is where the database itself is, "" if there is none.
func (m *Machine) databaseURL() string {
	setting, _ := m.database()
	set, err := checksumdb.ParseGOSUMDB(setting)
	if err != nil || setting == "off" {
		return ""
	}
	return cmp.Or(set.URL, "https://"+set.Name)
}

// all calls f for each of several, at the same time.
func all[In, Out any](list []In, f func(In) Out) []Out {
	out := make([]Out, len(list))
	var group sync.WaitGroup
	for i, in := range list {
		group.Go(func() { out[i] = f(in) })
	}
	group.Wait()
	return out
}

// get asks for a document within answerTime.
func (m *Machine) get(ctx context.Context, address string) (*network.Trip, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return m.Net.Get(ctx, address)
}

// hostOf is the host of a URL, without a port.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// isPublic reports whether a host is known to be for everybody: that of a default or
// of a built-in profile. Of others nothing is known.
func (m *Machine) isPublic(host string) bool {
	settings := []string{m.Defaults["GOPROXY"]}
	databases := []string{"", m.Defaults["GOSUMDB"]}
	for _, p := range profile.Builtin() {
		settings, databases = append(settings, p.Get("GOPROXY")), append(databases, p.Get("GOSUMDB"))
	}
	var hosts []string
	for _, setting := range settings {
		list, _ := goproxy.Parse(setting)
		for _, p := range list.Proxies() {
			hosts = append(hosts, hostOf(p.URL))
		}
	}
	for _, setting := range databases {
		if set, err := checksumdb.ParseGOSUMDB(setting); err == nil {
			hosts = append(hosts, hostOf("https://"+set.Name), hostOf(set.URL))
		}
	}
	return host != "" && slices.Contains(hosts, host)
}

// unset is the command that takes a setting back.
func (m *Machine) unset(name, source string) string {
	switch {
	case source == "the environment":
		return "unset " + name
	case strings.HasSuffix(source, "/golang-wsl/env.sh"):
		return "golang-wsl env unset"
	}
	return "go env -u " + name
}
