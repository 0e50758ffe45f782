package tune

import (
	"net/url"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
)

// Kind is what a candidate is.
type Kind string

const (
	Proxy    Kind = "proxy"    // a module proxy
	Database Kind = "database" // a checksum database
)

// Whose says who has named a candidate. What is nobody's but the user's may know
// modules that nobody else may hear of.
type Whose string

const (
	Users   Whose = "user"     // in GOPROXY or GOSUMDB, or in a profile of the configuration file
	Default Whose = "default"  // of the go command
	Builtin Whose = "built-in" // in this package, or in a profile of pkg/profile
)

// A Candidate is a server to be measured.
type Candidate struct {
	Kind    Kind
	Value   string // the URL of a proxy, or a GOSUMDB. May hold a password: see [Candidate.Name].
	Whose   Whose
	InUse   bool   // whether the go command is told of it now
	Profile string // of the user, that names it, where it is not in use
}

// Name is Value for people: without a password, and a database without its key.
func (c Candidate) Name() string {
	if set, err := checksumdb.ParseGOSUMDB(c.Value); c.Kind == Database && err == nil && strings.Contains(c.Value, "+") {
		return strings.TrimSpace(set.Name + " " + profile.Redacted(set.URL))
	}
	return profile.Redacted(c.Value)
}

// more are public proxies that no profile has.
var more = []string{"https://goproxy.io"}

// Candidates are the proxies and databases of what is set now, then those of the
// go command's default, the built-in ones, and those of the user's profiles, each
// once. Proxies that are directories are not among them: they need no measuring.
func Candidates(now, standard Setting, profiles []profile.Profile) []Candidate {
	known := &collector{seen: make(map[string]Whose)}
	known.public(standard)
	c := &collector{known: known.seen, seen: make(map[string]Whose)}
	c.setting(now, Candidate{Whose: Users, InUse: true})
	c.public(standard)
	for _, p := range profiles {
		c.profile(p, Candidate{Whose: Users, Profile: p.Name})
	}
	return append(c.proxies, c.databases...)
}

type collector struct {
	proxies, databases []Candidate
	known              map[string]Whose // what is not the user's, though the user may name it; by identity
	seen               map[string]Whose
}

// public is what everybody may know.
func (c *collector) public(standard Setting) {
	c.setting(standard, Candidate{Whose: Default})
	for _, p := range profile.Builtin() {
		c.profile(p, Candidate{Whose: Builtin})
	}
	for _, raw := range more {
		c.proxy(raw, Candidate{Whose: Builtin})
	}
}

func (c *collector) setting(s Setting, as Candidate) {
	for _, p := range s.Proxies.Proxies() {
		c.proxy(p.URL, as)
	}
	c.database(s.Database, as)
}

// profile leaves out a GOPROXY that cannot be read: who chooses it is told then.
func (c *collector) profile(p profile.Profile, as Candidate) {
	list, _ := goproxy.Parse(p.Get("GOPROXY"))
	c.setting(Setting{list, p.Get("GOSUMDB")}, as)
}

func (c *collector) proxy(raw string, as Candidate) {
	as.Kind, as.Value = Proxy, raw
	if !(goproxy.Proxy{URL: raw}).IsFile() {
		c.add(&c.proxies, as)
	}
}

func (c *collector) database(setting string, as Candidate) {
	as.Kind, as.Value = Database, setting
	if setting != "" && setting != "off" {
		c.add(&c.databases, as)
	}
}

func (c *collector) add(list *[]Candidate, candidate Candidate) {
	id := candidate.identity()
	if _, ok := c.seen[id]; ok {
		return
	}
	if whose, ok := c.known[id]; ok {
		candidate.Whose, candidate.Profile = whose, ""
	}
	c.seen[id] = candidate.Whose
	*list = append(*list, candidate)
}

// identity is the same for two spellings of one server.
func (c Candidate) identity() string {
	if c.Kind == Proxy {
		return identity(c.Value)
	}
	set, err := checksumdb.ParseGOSUMDB(c.Value)
	if err != nil {
		return c.Value
	}
	return set.Key + " " + identity(set.URL)
}

func identity(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.RawPath, "/")
	return u.String()
}
