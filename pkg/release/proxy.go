package release

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// DefaultLastURL is the Go project's own server of golang.org/toolchain. It is
// where the go command goes for "direct", by the go-import tag of that path.
const DefaultLastURL = "https://go.dev/dl/mod"

// Proxy is the module golang.org/toolchain on the proxies of GOPROXY.
type Proxy struct {
	Proxies  goproxy.List // what GOPROXY says
	LastURL  string       // asked after all others, unless Proxies has "off" or only file:// entries; "" means DefaultLastURL
	Download *download.Client
	CacheDir string           // lists are kept below CacheDir/lists; "" keeps none
	Known    *Known           // never nil
	MaxAge   time.Duration    // how old a cached list may be; 0 means 6 hours
	Now      func() time.Time // nil means time.Now
	Log      func(string)     // one line each time an old list is used; may be nil

	once  sync.Once
	state *lists
}

// Name implements Source.
func (x *Proxy) Name() string { return "goproxy" }

// List implements Source. A proxy lists only what someone has asked it for, so
// the releases of the embedded table are added; they are a request away. What a
// file:// proxy lists is all that it will ever have.
func (x *Proxy) List(ctx context.Context, p Platform) ([]goversion.Version, error) {
	return listAlone(ctx, x, p, x.Log)
}

// Find implements Source. The first URL is of the proxy that said that it has
// the version, the others of those that GOPROXY has after it, which were not
// asked.
func (x *Proxy) Find(ctx context.Context, v goversion.Version, p Platform) (*Artifact, error) {
	version := goproxy.ModuleVersion(v.String(), p.OS, p.Arch)
	path, err := goproxy.Path(version, "zip")
	if err != nil {
		return nil, fmt.Errorf("find go %s for %s: %w", v, p, err)
	}
	a := &Artifact{
		Version: v, Platform: p, Source: x.Name(), Format: Zip,
		Name: version + ".zip", Size: -1,
	}
	err = x.each(ctx, func(proxy goproxy.Proxy) error {
		client, err := x.client(proxy)
		if err != nil {
			return err
		}
		if _, err := client.Info(ctx, version); err != nil {
			return err
		}
		for _, later := range from(proxy, x.all()) {
			a.URLs = append(a.URLs, later.Join(path))
		}
		return nil
	})
	switch {
	case err == nil:
		return a, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(x.all()) == 0: // nobody was asked, so nobody has said no
		return nil, fmt.Errorf("find %s: %w", a.Name, err)
	case goproxy.IsNotFound(err):
		return nil, &NotFoundError{Version: v, Platform: p, Source: x.Name()}
	}
	return nil, err
}

// each walks GOPROXY by its own rules, and goes on to the last proxy where the
// list says "direct", or where all others do not have the version.
func (x *Proxy) each(ctx context.Context, fn func(goproxy.Proxy) error) error {
	last, ok := x.last()
	if !ok {
		return x.Proxies.Each(ctx, fn)
	}
	asked := false
	ask := func() error {
		asked = true
		return fn(last)
	}
	err := x.Proxies.EachDirect(ctx, fn, ask)
	if err != nil && !asked && ctx.Err() == nil && goproxy.IsNotFound(err) {
		return ask()
	}
	return err
}

// last is the proxy to ask after all others.
func (x *Proxy) last() (goproxy.Proxy, bool) {
	words := strings.FieldsFunc(x.Proxies.String(), func(r rune) bool { return r == ',' || r == '|' })
	files := len(words) > 0
	for _, word := range words {
		if word == "off" {
			return goproxy.Proxy{}, false
		}
		files = files && strings.HasPrefix(strings.ToLower(word), "file:")
	}
	if x.LastURL == "" {
		return goproxy.Proxy{URL: DefaultLastURL}, !files
	}
	return goproxy.Proxy{URL: x.LastURL}, !files
}

// all returns every proxy that each may come to.
func (x *Proxy) all() []goproxy.Proxy {
	proxies := x.Proxies.Proxies()
	if last, ok := x.last(); ok {
		proxies = append(proxies, last)
	}
	return proxies
}

// from cuts off what comes before p.
func from(p goproxy.Proxy, proxies []goproxy.Proxy) []goproxy.Proxy {
	for i, q := range proxies {
		if p == q {
			return proxies[i:]
		}
	}
	return []goproxy.Proxy{p}
}

// client asks one proxy and no other.
func (x *Proxy) client(p goproxy.Proxy) (*goproxy.Client, error) {
	list, err := goproxy.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	return &goproxy.Client{Proxies: list, Download: x.Download}, nil
}
