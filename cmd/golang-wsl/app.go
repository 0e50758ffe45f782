package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bundle"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// app is one run of the program: what it was given, and what it builds from that
// when a command asks for it.
type app struct {
	settings
	std     streams
	cleanup []func() error
}

func newApp(env func(string) string, std streams) *app {
	return &app{settings: newSettings(env), std: std}
}

func (a *app) close() (err error) {
	for _, f := range a.cleanup {
		err = errors.Join(err, f())
	}
	return err
}

// say tells the user one thing. It goes to stderr: stdout is for answers.
func (a *app) say(line string) { fmt.Fprintf(a.std.err, "golang-wsl: %s\n", line) }

// platform is the machine's. Toolchains are run here, not only stored.
func (a *app) platform() release.Platform {
	return release.Platform{OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// client is for archives: it tries long, and says so.
func (a *app) client() (*download.Client, error) {
	stall, err := a.duration("GOLANG_WSL_STALL")
	if err != nil {
		return nil, err
	}
	c := download.New(download.NewTransport(http.ProxyFromEnvironment))
	c.UserAgent = "golang-wsl/" + buildVersion()
	c.Stall = stall
	c.Log = a.say
	return c, nil
}

// asker is for questions. Several are under way at once, and another server may
// answer: it tries less often and keeps its troubles for the error at the end.
func (a *app) asker() (*download.Client, error) {
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	c.Retries, c.Log = 3, nil
	return c, nil
}

// proxies is GOPROXY, as the go command would see it.
func (a *app) proxies() (goproxy.List, error) {
	setting := a.goSetting("GOPROXY", defaultGOPROXY)
	l, err := goproxy.Parse(setting)
	if err != nil {
		return l, goproxyError(err)
	}
	return l, nil
}

func goproxyError(err error) error {
	return &usageError{err.Error(), "GOPROXY is a list of URLs; see https://go.dev/ref/mod#environment-variables"}
}

// reach is how far a source may go to answer.
type reach struct {
	client *download.Client
	maxAge time.Duration // of a cached list
	say    func(string)
}

// source is where toolchains come from, by the setting GOLANG_WSL_SOURCE.
func (a *app) source(ctx context.Context) (release.Source, error) {
	client, err := a.asker()
	if err != nil {
		return nil, err
	}
	return a.sources(ctx, reach{client: client, say: a.say})
}

// offline is the same sources, but that they say only what they know already. A
// callback that runs before each command may not wait for a server.
func (a *app) offline(ctx context.Context) (release.Source, error) {
	nobody := func(*http.Request) (*http.Response, error) { return nil, errors.New("not asked") }
	client := &download.Client{HTTP: &http.Client{Transport: roundTripper(nobody)}, Retries: 1}
	return a.sources(ctx, reach{client, 100 * 365 * 24 * time.Hour, func(string) {}})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (a *app) sources(ctx context.Context, r reach) (release.Source, error) {
	names := list(a.setting("GOLANG_WSL_SOURCE"))
	auto := slices.Equal(names, []string{"auto"})
	if auto {
		names = []string{"official", "goproxy"}
		if a.setting("GOLANG_WSL_BUNDLE") != "" {
			names = append(names, "bundle")
		}
	}
	known, err := release.LoadKnown()
	if err != nil {
		return nil, err
	}
	chooser := &release.Chooser{Parallel: auto, Known: known, Log: r.say}
	for _, name := range names {
		s, err := a.sourceCalled(ctx, name, known, r)
		if err != nil {
			return nil, err
		}
		chooser.Sources = append(chooser.Sources, s)
	}
	return chooser, nil
}

func (a *app) sourceCalled(ctx context.Context, name string, known *release.Known, r reach) (release.Source, error) {
	cache, err := a.cacheDir()
	if err != nil {
		return nil, err
	}
	switch name {
	case "official":
		return &release.Official{
			ListURL: a.setting("GOLANG_WSL_LIST_URL"), Mirrors: list(a.setting("GOLANG_WSL_MIRROR")),
			Download: r.client, CacheDir: cache, Known: known, MaxAge: r.maxAge, Log: r.say,
		}, nil
	case "goproxy":
		proxies, err := a.proxies()
		if err != nil {
			return nil, err
		}
		return &release.Proxy{Proxies: proxies, Download: r.client, CacheDir: cache, Known: known, MaxAge: r.maxAge, Log: r.say}, nil
	case "bundle":
		return a.bundle(ctx, cache)
	}
	return nil, &usageError{fmt.Sprintf("GOLANG_WSL_SOURCE: no source is called %q", name), "there are auto, official, goproxy and bundle"}
}

func (a *app) bundle(ctx context.Context, cache string) (release.Source, error) {
	path := a.setting("GOLANG_WSL_BUNDLE")
	if path == "" {
		return nil, &usageError{"the source bundle needs GOLANG_WSL_BUNDLE", "set it to a directory or file that \"golang-wsl bundle\" made"}
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(cache, "bundle-")
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, func() error { return os.RemoveAll(tmp) })
	return bundle.Open(ctx, path, tmp)
}

// log opens the checksum database of GOSUMDB.
func (a *app) log(opts checksumdb.Options) (*checksumdb.DB, error) {
	proxies, err := a.proxies()
	if err != nil {
		return nil, err
	}
	opts.GOSUMDB, opts.Proxies = a.goSetting("GOSUMDB", ""), proxies
	return a.openDB(opts)
}

// openLog opens the checksum database inside a bundle: the same key, but no
// address, and no memory. The head that a bundle carries is older than the one
// this machine may know, and the tiles that connect the two are not in it.
func (a *app) openLog(sumdb string) (toolchain.Log, error) {
	proxies, err := goproxy.Parse(sumdb)
	if err != nil {
		return nil, err
	}
	setting, err := checksumdb.ParseGOSUMDB(a.goSetting("GOSUMDB", ""))
	if err != nil {
		return nil, gosumdbError(err)
	}
	return a.openDB(checksumdb.Options{GOSUMDB: setting.Key, Proxies: proxies})
}

func (a *app) openDB(opts checksumdb.Options) (_ *checksumdb.DB, err error) {
	if opts.Download, err = a.asker(); err != nil {
		return nil, err
	}
	db, err := checksumdb.Open(opts)
	if err != nil {
		return nil, gosumdbError(err)
	}
	return db, nil
}

func gosumdbError(err error) error {
	return &usageError{err.Error(), "GOSUMDB is a name, or a key and a URL; see https://go.dev/ref/mod#environment-variables"}
}

// installer builds an installer for a store.
func (a *app) installer(store toolchain.Store, source release.Source) (*toolchain.Installer, error) {
	cache, err := a.cacheDir()
	if err != nil {
		return nil, err
	}
	timeout, err := a.duration("GOLANG_WSL_LOCK_TIMEOUT")
	if err != nil {
		return nil, err
	}
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	db, err := a.log(checksumdb.Options{CacheDir: filepath.Join(cache, "sumdb")})
	if err != nil {
		return nil, err
	}
	return &toolchain.Installer{
		Store: store, Platform: a.platform(), Source: source, Log: db, OpenLog: a.openLog,
		Download: client, Cache: toolchain.Cache{Dir: filepath.Join(cache, "archives")},
		AskLate:  a.setting("GOLANG_WSL_SOURCE") == "bundle", // which has answers, and may have no network
		Progress: a.progress(), Say: a.say, LockTimeout: timeout,
	}, nil
}
