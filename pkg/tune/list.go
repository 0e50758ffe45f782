package tune

import (
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
)

// A place is a proxy in the proposed list.
type place struct {
	url    string
	pipe   bool // behind it
	result *Result
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
