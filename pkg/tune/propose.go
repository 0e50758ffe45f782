package tune

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// A Proposal is what the go command should be told, and why.
type Proposal struct {
	GOPROXY string   // "" where nothing can be proposed. May hold a password, as what is set now does.
	GOSUMDB string   // "" leaves it as it is; never "off"
	Reasons []string // a line each, without a password
}

// Propose goes by these rules.
//
// What lies is not in the list, and of the public proxies what never worked is not
// either. Public proxies that worked in every round come first; among them one goes
// in front of another that the user has in front only if it is clearly faster. One
// that is not in use now is taken in if that brings it to the front, or if those in
// front of it failed in some round. Else it would be asked only for what the others
// do not have, and so learn the names of modules that nobody has.
//
// After a public proxy stands a comma: what it refuses is not asked elsewhere. If it
// failed in some round, a pipe: then the next is to be asked on any error. The list
// ends in "direct", or "off" where it does now.
//
// A proxy of the user's own keeps its place, before the public ones or after them,
// and the separator behind it, whether it works now or not: it may have modules
// whose names are nobody else's business. For the same reason a list of such alone
// stays alone.
//
// The database stays if the go command, with that list, would get a proven answer
// from it. Else it is the first of those that do which answered fastest, and if there
// is none, nothing is said about it. It is never turned off.
func Propose(r *Report, now Setting) Proposal {
	p := &proposer{now: now, of: make(map[string]*Result)}
	for i := range r.Results {
		result := &r.Results[i]
		p.of[result.identity()] = result
		if result.Kind == Proxy {
			p.proxies = append(p.proxies, result)
		} else {
			p.databases = append(p.databases, result)
		}
	}
	if set, err := checksumdb.ParseGOSUMDB(r.Database); err == nil {
		p.relayed = set.Key
	}
	entries := now.Proxies.Entries()
	p.alone = len(entries) > 0 && !slices.ContainsFunc(entries, func(e goproxy.Entry) bool { return p.public(e.Proxy) != nil })
	return p.propose()
}

type proposer struct {
	now                Setting
	proxies, databases []*Result
	of                 map[string]*Result // by identity
	relayed            string             // key of the database that the proxies were asked for
	alone              bool               // the user's list has no public proxy
}

// public is the result of a proxy that is not the user's own, else nil.
func (p *proposer) public(proxy goproxy.Proxy) *Result {
	if result := p.of[identity(proxy.URL)]; result != nil && result.Whose != Users {
		return result
	}
	return nil
}

func (p *proposer) propose() Proposal {
	for _, setting := range p.settings() {
		why := new(reasons)
		list := p.list(setting, why)
		if how, ok := p.verified(setting, list); len(list) > 0 && ok {
			why.database(p.now.Database, setting, how)
			return Proposal{p.text(list), setting, why.lines}
		}
	}
	why := new(reasons)
	list := p.list(p.now.Database, why)
	if len(list) == 0 {
		return Proposal{Reasons: why.lines}
	}
	why.add("GOSUMDB stays as it is: no checksum database gave a proven answer")
	return Proposal{p.text(list), "", why.lines}
}

// settings are the values for GOSUMDB in the order in which they are tried.
func (p *proposer) settings() (list []string) {
	if p.now.Database != "off" {
		list = append(list, p.now.Database)
	}
	order := slices.SortedStableFunc(slices.Values(p.databases), func(a, b *Result) int {
		if a.Works() != b.Works() {
			return cmp.Compare(b.Worked, a.Worked)
		}
		return cmp.Compare(a.Lookup, b.Lookup)
	})
	for _, db := range order {
		list = append(list, db.Value)
	}
	return list
}

// verified reports how the go command gets a proven answer with these settings, by
// the rules of initBase in cmd/go/internal/modfetch/sumdb.go: a database with a URL
// is asked there; for another the first proxy that relays is the only one asked.
func (p *proposer) verified(setting string, list []place) (how string, ok bool) {
	set, err := checksumdb.ParseGOSUMDB(setting)
	if err != nil {
		return "", false
	}
	for _, at := range list {
		if set.URL != "" || at.result == nil || set.Key != p.relayed {
			continue
		}
		switch at.result.Relay {
		case Relayed:
			return fmt.Sprintf("verified through %s in %s", at.result.Name(), Seconds(at.result.Lookup)), true
		case Defective:
			if !at.pipe {
				return "", false
			}
		}
	}
	db := p.of[Candidate{Kind: Database, Value: setting}.identity()]
	if db == nil || !db.Works() {
		return "", false
	}
	return "verified in " + Seconds(db.Lookup), true
}

// Same reports whether a GOPROXY says what s does: the same servers, each asked in
// the same case, however they are spelled.
func (s Setting) Same(setting string) bool {
	list, err := goproxy.Parse(setting)
	ours, others := s.Proxies.Entries(), list.Entries()
	if err != nil || list.End() != s.Proxies.End() || len(ours) != len(others) {
		return false
	}
	for i := range ours {
		last := i == len(ours)-1 && list.End() != "direct" // where no separator means anything
		if identity(ours[i].URL) != identity(others[i].URL) || ours[i].OnError != others[i].OnError && !last {
			return false
		}
	}
	return true
}
