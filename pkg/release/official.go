package release

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// listLimit bounds the JSON list, in bytes: 2.2 million in 2026, and 7,000 more
// for each release.
const listLimit = 32 << 20

// Official is the Go project's own release list and archives.
//
// The sum of an archive always comes from the list, or from the embedded table,
// never from the mirror that serves the bytes, and never from go.dev/dl/*.sha256,
// which is an HTML page with status 200 (golang/go#41172).
type Official struct {
	ListURL  string   // base of the list: "https://go.dev/dl/"
	Mirrors  []string // bases of the archives, in order: "https://dl.google.com/go"
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
func (o *Official) Name() string { return "official" }

// List implements Source. Where the network fails it gives the last list that
// was seen, or the embedded table, and says so through Log.
func (o *Official) List(ctx context.Context, p Platform) ([]goversion.Version, error) {
	return listAlone(ctx, o, p, o.Log)
}

// Find implements Source. It asks the mirrors in order who has the archive; the
// URLs begin with the first that does.
//
// Versions that lie on the mirrors but are not in the list (1.7.2, 1.21rc1) were
// withdrawn or never announced, and are not found.
func (o *Official) Find(ctx context.Context, v goversion.Version, p Platform) (*Artifact, error) {
	a := &Artifact{
		Version: v, Platform: p, Source: o.Name(), Format: TarGz, Name: archiveName(v, p), Size: -1,
	}
	list, err := o.describe(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := o.locate(ctx, a); err != nil {
		return nil, err
	}
	if note := o.lists().note(list); note != "" {
		orSilent(o.Log)(note)
	}
	return a, nil
}

// describe fills in what the list says of the archive.
func (o *Official) describe(ctx context.Context, a *Artifact) (listing, error) {
	list, err := o.lists().get(ctx, a.Platform.OS, false)
	if err != nil {
		return listing{}, err
	}
	err = o.compare(list, a)
	if err != nil && list.asked.IsZero() {
		// The version may be newer than the cached list, or the list's error
		// may have been corrected since, as in golang/go#56513.
		if list, err = o.lists().get(ctx, a.Platform.OS, true); err != nil {
			return listing{}, err
		}
		err = o.compare(list, a)
	}
	return list, err
}

// compare takes sum and size from the list, after holding it to the table.
func (o *Official) compare(list listing, a *Artifact) error {
	known, _ := o.Known.Sum(a.Version, a.Platform)
	f, ok := list.table.find(a.Version, a.Platform)
	switch {
	case !ok && !o.Known.Has(a.Version, a.Platform):
		if list.why != nil {
			return fmt.Errorf("find %s: it is in no list known here, and %w", a.Name, list.why)
		}
		return &NotFoundError{Version: a.Version, Platform: a.Platform, Source: o.Name()}
	case ok && f.sum != "" && known != "" && f.sum != known:
		return &SumConflictError{Version: a.Version, Platform: a.Platform, URL: list.url, Live: f.sum, Known: known}
	}
	a.SHA256 = known
	if ok && f.sum != "" {
		a.SHA256 = f.sum
	}
	if ok {
		a.Size = f.size
	}
	return nil
}

// locate finds the mirrors that have the archive. A mirror whose file has
// another size than the list says (a login page, half a copy) is kept for the
// end: the bytes are verified, so there is no harm in trying.
func (o *Official) locate(ctx context.Context, a *Artifact) error {
	var odd []string
	var failure error
	for i, mirror := range o.Mirrors {
		client := o.Download
		if i < len(o.Mirrors)-1 {
			client = hasty(client)
		}
		address := joinURL(mirror, a.Name)
		size, err := client.Head(ctx, address)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if failure == nil && !download.IsNotFound(err) {
				failure = err
			}
			continue
		case a.Size > 0 && size >= 0 && size != a.Size:
			odd = append(odd, address)
			continue
		}
		if a.Size < 0 {
			a.Size = size
		}
		a.URLs = append(a.URLs, address)
		for _, later := range o.Mirrors[i+1:] {
			a.URLs = append(a.URLs, joinURL(later, a.Name))
		}
		break
	}
	a.URLs = append(a.URLs, odd...)
	switch {
	case len(a.URLs) > 0:
		return nil
	case failure != nil:
		return fmt.Errorf("find %s: %w", a.Name, failure)
	}
	return &NotFoundError{Version: a.Version, Platform: a.Platform, Source: o.Name()}
}

func (o *Official) lists() *lists {
	o.once.Do(func() {
		o.state = &lists{
			path:   cachePath(o.CacheDir, o.Name(), o.ListURL),
			known:  o.Known,
			maxAge: orMaxAge(o.MaxAge),
			now:    orNow(o.Now),
			log:    orSilent(o.Log),
			fetch:  o.fetch,
		}
	})
	return o.state
}

// fetch asks for all releases; without include=all there are just two.
func (o *Official) fetch(ctx context.Context, os string, old *record) (*record, error) {
	address, err := url.Parse(o.ListURL)
	if err != nil {
		return nil, fmt.Errorf("parse the address of the release list: %w", err)
	}
	query := address.Query()
	query.Set("mode", "json")
	query.Set("include", "all")
	address.RawQuery = query.Encode()

	header := http.Header{}
	if old != nil && old.etag != "" {
		header.Set("If-None-Match", old.etag)
	}
	doc, err := hasty(o.Download).Get(ctx, address.String(), header, listLimit)
	if err != nil {
		return nil, err
	}
	now := o.lists().now()
	if doc.Status == http.StatusNotModified && old != nil {
		same := *old
		same.checked = now
		return &same, nil
	}
	t, err := parseDL(doc.Body, os)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", download.Redact(o.ListURL), err)
	}
	return &record{table: t, url: download.Redact(o.ListURL), etag: doc.Header.Get("ETag"), checked: now}, nil
}

func joinURL(base, name string) string { return strings.TrimRight(base, "/") + "/" + name }

// cached implements lister.
func (o *Official) cached(p Platform) (answer, bool) {
	m, ok := o.lists().cached(p.OS)
	if !ok {
		return answer{}, false
	}
	return answer{versions: m.table.versions(p), live: true, whole: true}, true
}

// ask implements lister.
func (o *Official) ask(ctx context.Context, p Platform) (answer, error) {
	m, err := o.lists().get(ctx, p.OS, false)
	if err != nil {
		return answer{}, err
	}
	return answer{
		versions: m.table.versions(p), live: m.why == nil, whole: m.why == nil, note: o.lists().note(m),
	}, nil
}
