package release

import (
	"context"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// parseModules makes a table of the toolchains for os among the versions of
// golang.org/toolchain. It knows no sums: what a module is held to is the
// checksum database.
func parseModules(lines []string, os string) table {
	d := make(draft)
	for _, line := range lines {
		name, goos, goarch, ok := goproxy.ParseModuleVersion(line)
		if !ok || goos != os {
			continue
		}
		v, err := goversion.Parse(name)
		if err != nil || v.String() != name {
			continue // a form of name that is newer than this program
		}
		d.add(v, Platform{OS: goos, Arch: goarch}.Archive(), file{size: -1})
	}
	return d.table()
}

func (x *Proxy) lists() *lists {
	x.once.Do(func() {
		var key strings.Builder
		for _, p := range x.all() {
			key.WriteString(p.URL + "\n")
		}
		x.state = &lists{
			path:   cachePath(x.CacheDir, x.Name(), key.String()),
			known:  x.Known,
			maxAge: orMaxAge(x.MaxAge),
			now:    orNow(x.Now),
			log:    orSilent(x.Log),
			fetch:  x.fetch,
		}
	})
	return x.state
}

func (x *Proxy) fetch(ctx context.Context, os string, _ *record) (*record, error) {
	r := &record{checked: x.lists().now()}
	err := x.each(ctx, func(p goproxy.Proxy) error {
		client, err := x.client(p)
		if err != nil {
			return err
		}
		client.Download = hasty(client.Download)
		lines, err := client.List(ctx)
		if err != nil {
			return err
		}
		r.table, r.url, r.local = parseModules(lines, os), p.Redacted(), p.IsFile()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// cached implements lister.
func (x *Proxy) cached(p Platform) (answer, bool) {
	m, ok := x.lists().cached(p.OS)
	if !ok {
		return answer{}, false
	}
	return x.answer(m, p), true
}

// ask implements lister.
func (x *Proxy) ask(ctx context.Context, p Platform) (answer, error) {
	m, err := x.lists().get(ctx, p.OS, false)
	if err != nil {
		return answer{}, err
	}
	return x.answer(m, p), nil
}

func (x *Proxy) answer(m listing, p Platform) answer {
	a := answer{versions: m.table.versions(p), live: m.why == nil, note: x.lists().note(m)}
	if !m.local {
		a.versions = union(x.Known.Versions(p), a.versions)
	}
	return a
}

// union puts what both lists have into one, oldest first.
func union(a, b []goversion.Version) []goversion.Version {
	seen := make(map[goversion.Version]bool, len(a))
	for _, v := range a {
		seen[v] = true
	}
	grown := false
	for _, v := range b {
		if !seen[v] {
			seen[v], grown = true, true
			a = append(a, v)
		}
	}
	if grown { // sorting costs more than all the rest
		goversion.Sort(a)
	}
	return a
}
