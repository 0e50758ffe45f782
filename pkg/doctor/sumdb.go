package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

func lookGOSUMDB(ctx context.Context, m *Machine) Finding {
	if m.Net == nil {
		return skipped(nobodyAsked)
	}
	setting, source := m.database()
	if setting == "off" {
		return m.unverified(source)
	}
	private, _ := m.goSetting("GOPRIVATE")
	if patterns, _ := m.goSetting("GONOSUMDB"); matchesAll(cmp.Or(patterns, private)) {
		return skipped("no module is looked up there: GONOSUMDB or GOPRIVATE matches all")
	}
	set, err := checksumdb.ParseGOSUMDB(setting)
	if err != nil {
		return Finding{Status: Error, Text: fmt.Sprintf("GOSUMDB, from %s, names no database that the go command knows: %v", source, err), Cure: m.unset("GOSUMDB", source)}
	}
	list, _, known, err := m.proxies()
	switch {
	case err != nil || !known:
		return skipped("GOPROXY is not known or cannot be read")
	case list.String() == "off":
		return skipped("GOPROXY=off: nothing is fetched")
	case set.URL != "":
		return found(set, m.head(ctx, set, goproxy.Proxy{URL: set.URL}))
	}
	return m.lookThrough(ctx, set, list)
}

// unverified is what GOSUMDB=off means, and that it may be nobody's choice: go.env of
// some distributions has it.
func (m *Machine) unverified(source string) Finding {
	f := Finding{
		Status: Info, Text: fmt.Sprintf("GOSUMDB=off, from %s: what go.sum does not have is taken as it comes, whoever sent it", source),
	}
	if _, chosen := m.goSetting("GOSUMDB"); chosen == "" {
		f.Status, f.Cure = Warning, "go env -w GOSUMDB=sum.golang.org"
	}
	return f
}

// lookThrough goes the way of the go command: the first proxy that says it serves
// the database, else the database itself (cmd/go/internal/modfetch/sumdb.go). All
// are asked at once, so that one that is silent leaves time for the next.
func (m *Machine) lookThrough(ctx context.Context, set checksumdb.Setting, list goproxy.List) Finding {
	ways := append(list.Proxies(), goproxy.Proxy{})
	visits := all(ways, func(p goproxy.Proxy) visit {
		if p.URL == "" {
			return visit{trouble: m.head(ctx, set, goproxy.Proxy{URL: "https://" + set.Name})}
		}
		return m.visitDatabase(ctx, set, p)
	})
	next := 0
	err := list.EachDirect(ctx, func(goproxy.Proxy) error {
		next++
		return visits[next-1].err
	}, func() error {
		next = len(visits)
		return nil
	})
	if goproxy.IsNotFound(err) {
		next = len(visits)
	}
	f := found(set, visits[next-1].trouble)
	for i, v := range visits[:next-1] {
		if v.trouble != nil && f.Status != OK {
			f.Evidence = append(f.Evidence, fmt.Sprintf("before that, by %s: %s", ways[i].Redacted(), v.trouble.text))
		}
	}
	return f
}

// visitDatabase asks a proxy whether it serves the database, and for the head. The
// error says whether the go command goes on from there.
func (m *Machine) visitDatabase(ctx context.Context, set checksumdb.Setting, p goproxy.Proxy) visit {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	base := goproxy.Proxy{URL: p.Join("sumdb/" + set.Name)}
	if p.IsFile() {
		if u, err := url.Parse(base.URL); err != nil || !m.exists(path.Join(u.Path, "supported")) {
			return visit{err: fs.ErrNotExist}
		}
		return visit{trouble: m.head(ctx, set, base)}
	}
	trip, err := m.Net.Get(ctx, base.Join("supported"))
	if err != nil {
		t := m.trouble(p.URL, err)
		return visit{errors.New(t.text), t}
	}
	switch trip.Status {
	case http.StatusOK:
		return visit{trouble: m.head(ctx, set, base)}
	case http.StatusNotFound, http.StatusGone:
		return visit{err: fs.ErrNotExist}
	}
	t := m.refusal(p.URL, trip.Status)
	return visit{errors.New(t.text), t}
}

// head asks for the signed head of the database and checks it.
func (m *Machine) head(ctx context.Context, set checksumdb.Setting, base goproxy.Proxy) *trouble {
	host := hostOf(base.URL)
	var data []byte
	if base.IsFile() {
		u, err := url.Parse(base.URL)
		if err != nil {
			return nil
		}
		text, there := m.read(path.Join(u.Path, "latest"))
		if data = []byte(text); !there {
			return nil // as bundles are, which have only what they prove
		}
	} else {
		trip, err := m.get(ctx, base.Join("latest"))
		switch {
		case err != nil:
			return m.trouble(base.URL, err)
		case trip.Status == http.StatusNotFound || trip.Status == http.StatusGone:
			return &trouble{status: Info, text: fmt.Sprintf("%s answers, but has no head of %s to be checked", host, set.Name)}
		case trip.Status != http.StatusOK:
			return m.refusal(base.URL, trip.Status)
		}
		data = trip.Body
	}
	if err := set.CheckHead(data); err != nil {
		return &trouble{
			status: Error, text: fmt.Sprintf("what is sent for the head of %s is not: %s", set.Name, hide(err.Error())),
			cure: "open a web page in a browser and log in, or use another network", evidence: []string{"asked: " + base.Redacted()},
		}
	}
	return nil
}

func found(set checksumdb.Setting, t *trouble) Finding {
	if t == nil {
		return ok("%s answers, and has signed it", set.Name)
	}
	return Finding{Status: t.status, Text: t.text, Cure: t.cure, Evidence: t.evidence, Because: t.because}
}
