package tune

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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

// A place is a proxy in the proposed list.
type place struct {
	url    string
	pipe   bool // behind it
	result *Result
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

// list is GOPROXY for a GOSUMDB. It is empty where no proxy works.
func (p *proposer) list(setting string, why *reasons) []place {
	front, back := p.own(why)
	var public []place
	if p.alone {
		why.add("no public proxy is put beside what is your own: it would learn the names of your modules")
	} else {
		set, err := checksumdb.ParseGOSUMDB(setting)
		public = p.choose(err == nil && set.URL == "", why)
	}
	if len(public) > 0 && len(back) > 0 && p.pipedToOwn() {
		public[len(public)-1].pipe = true
	}
	why.profiles(p.proxies)
	if slices.ContainsFunc(p.proxies, func(r *Result) bool { return r.Works() && (r.Whose != Users || r.InUse) }) {
		return slices.Concat(front, public, back)
	}
	return nil
}

// own are the user's proxies before and after the public ones.
func (p *proposer) own(why *reasons) (front, back []place) {
	seen := make(map[string]bool)
	behind := false
	for _, e := range p.now.Proxies.Entries() {
		if p.public(e.Proxy) != nil {
			behind = true
			continue
		}
		id := identity(e.URL)
		result := p.of[id]
		switch {
		case seen[id]:
		case result != nil && result.Lie != nil:
			why.lies(result)
		case behind:
			back = append(back, place{e.URL, e.OnError, result})
		default:
			front = append(front, place{e.URL, e.OnError, result})
		}
		seen[id] = true
	}
	why.own(front)
	why.own(back)
	return front, back
}

// pipedToOwn reports whether the user has a pipe between the public proxies and
// what is the user's own behind them, such as a directory for bad days.
func (p *proposer) pipedToOwn() bool {
	entries := p.now.Proxies.Entries()
	for i := 1; i < len(entries); i++ {
		if p.public(entries[i-1].Proxy) != nil && p.public(entries[i].Proxy) == nil {
			return entries[i-1].OnError
		}
	}
	return false
}

// choose are the public proxies. With strict, those that break the look-ups of a
// go command are left out.
func (p *proposer) choose(strict bool, why *reasons) (list []place) {
	var steady, shaky []*Result
	for _, result := range p.inOrder() {
		switch {
		case result.Lie != nil:
			why.lies(result)
		case !result.Works():
			why.down(result)
		case strict && result.Relay == Defective:
			why.defective(result)
		case result.Steady():
			steady = append(steady, result)
		default:
			shaky = append(shaky, result)
		}
	}
	safe := false // what stands in the list will do
	for _, result := range append(rank(steady), rank(shaky)...) {
		if safe && !result.InUse {
			why.needless(result, list[0].result)
			continue
		}
		safe = safe || result.Steady()
		list = append(list, place{result.Value, !result.Steady(), result})
	}
	why.order(list)
	return list
}

// inOrder are the public proxies as the user has them, then the others.
func (p *proposer) inOrder() (list []*Result) {
	for _, proxy := range p.now.Proxies.Proxies() {
		if result := p.public(proxy); result != nil && !slices.Contains(list, result) {
			list = append(list, result)
		}
	}
	for _, result := range p.proxies {
		if result.Whose != Users && !slices.Contains(list, result) {
			list = append(list, result)
		}
	}
	return list
}

// rank puts the clearly faster in front, and keeps the order of all others.
func rank(list []*Result) (ranked []*Result) {
	list = slices.Clone(list)
	for len(list) > 0 {
		i := slices.IndexFunc(list, func(r *Result) bool {
			return !slices.ContainsFunc(list, func(other *Result) bool { return other.faster(r.Summary) })
		})
		ranked = append(ranked, list[i])
		list = slices.Delete(list, i, i+1)
	}
	return ranked
}

// text is the value of GOPROXY.
func (p *proposer) text(list []place) string {
	var b strings.Builder
	end := p.now.Proxies.End()
	if end == "" && !p.alone {
		end = "direct"
	}
	for i, at := range list {
		b.WriteString(at.url)
		if i == len(list)-1 && end == "" {
			break
		}
		if at.pipe {
			b.WriteByte('|')
		} else {
			b.WriteByte(',')
		}
	}
	return b.String() + end
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
