package flame

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/pprof/driver"
	"github.com/google/pprof/profile"
)

// pprof's driver keeps its configuration in variables of its own.
var oneAtATime sync.Mutex

// render has pprof make its page: its driver is told to serve, and instead of a
// server there is one request.
func render(p *profile.Profile) ([]byte, error) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	var page response
	ui := new(silent)
	err := driver.PProf(&driver.Options{
		Flagset: flags{}, Fetch: given{p}, UI: ui, Obj: noBinaries{}, Sym: asItIs{}, HTTPTransport: noNetwork{},
		HTTPServer: func(args *driver.HTTPServerArgs) error {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/flamegraph", http.NoBody)
			if err == nil {
				args.Handlers["/flamegraph"].ServeHTTP(&page, request)
			}
			return err
		},
	})
	if err == nil && page.status >= http.StatusBadRequest {
		err = errors.New(string(bytes.TrimSpace(page.body.Bytes())))
	}
	if err == nil && page.body.Len() == 0 {
		err = fmt.Errorf("pprof made no page: %s", ui.said)
	}
	return page.body.Bytes(), err
}

// A response keeps what a handler writes.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header {
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

func (r *response) WriteHeader(status int)      { r.status = status }
func (r *response) Write(p []byte) (int, error) { return r.body.Write(p) }

// flags are those of a command line: "pprof -http=... -no_browser -symbolize=none p".
type flags struct{}

func (flags) Bool(name string, def bool, _ string) *bool {
	def = def || name == "no_browser"
	return &def
}

func (flags) String(name, def, _ string) *string {
	switch name {
	case "http":
		def = "localhost:1" // with a port, so that none is looked for; nobody listens
	case "symbolize":
		def = "none"
	case "tools":
		def = "" // not from the environment
	}
	return &def
}

func (flags) Int(_ string, def int, _ string) *int             { return &def }
func (flags) Float64(_ string, def float64, _ string) *float64 { return &def }
func (flags) StringList(_, def, _ string) *[]*string           { return &[]*string{&def} }
func (flags) ExtraUsage() string                               { return "" }
func (flags) AddExtraUsage(string)                             {}
func (flags) Parse(func()) []string                            { return []string{"profile"} }

// given is a profile that need not be fetched.
type given struct{ p *profile.Profile }

func (g given) Fetch(string, time.Duration, time.Duration) (*profile.Profile, string, error) {
	return g.p, "", nil
}

// silent is a user interface that keeps the last complaint.
type silent struct{ said string }

func (s *silent) PrintErr(args ...any)              { s.said = fmt.Sprint(args...) }
func (*silent) ReadLine(string) (string, error)     { return "", errors.New("nobody is there") }
func (*silent) Print(...any)                        {}
func (*silent) IsTerminal() bool                    { return false }
func (*silent) WantBrowser() bool                   { return false }
func (*silent) SetAutoComplete(func(string) string) {}

// noBinaries has pprof leave the files of this machine alone: those that it finds for
// a mapping change the page.
type noBinaries struct{}

func (noBinaries) Open(string, uint64, uint64, uint64, string) (driver.ObjFile, error) {
	return nil, errors.ErrUnsupported
}

func (noBinaries) Disasm(string, uint64, uint64, bool) ([]driver.Inst, error) {
	return nil, errors.ErrUnsupported
}

// asItIs adds no symbols: profiles of Go have theirs.
type asItIs struct{}

func (asItIs) Symbolize(string, driver.MappingSources, *profile.Profile) error { return nil }

type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.ErrUnsupported
}
