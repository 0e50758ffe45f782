package goproxy_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want string // List.String
		urls []string
	}{
		{"", "", nil},
		{"off", "off", nil},
		{"direct", "direct", nil},
		{"https://a.example,direct", "https://a.example,direct", []string{"https://a.example"}},
		{"https://a.example|https://b.example", "https://a.example|https://b.example", []string{"https://a.example", "https://b.example"}},
		{" https://a.example/ ,\toff, https://b.example", "https://a.example/,off", []string{"https://a.example/"}},
		{"direct,https://b.example", "direct", nil},
		{",,https://a.example,", "https://a.example", []string{"https://a.example"}},
		{"a.example/go", "https://a.example/go", []string{"https://a.example/go"}},
		{"localhost:8080", "https://localhost:8080", []string{"https://localhost:8080"}},
		{"file:///srv/proxy", "file:///srv/proxy", []string{"file:///srv/proxy"}},
		{"https://me:secret@a.example", "https://***@a.example", []string{"https://me:secret@a.example"}},
	} {
		l, err := goproxy.Parse(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, l.String(), tt.in)
		var urls []string
		for _, p := range l.Proxies() {
			urls = append(urls, p.URL)
		}
		require.Equal(t, tt.urls, urls, tt.in)
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{",", "contains no entries"},
		{" ", "contains no entries"},
		{"|", "contains no entries"},
		{"noproxy", "entry 1: invalid proxy URL: missing scheme"},
		{"/srv/proxy", "missing scheme"},
		{"https://a.example,ftp://b.example", "entry 2: invalid proxy URL: scheme must be https, http or file"},
		{"file://host/srv", "non-path elements"},
		{"file:///srv?x=1", "non-path elements"},
		{"https://", "no host"},
		{"https://a.example:port", `invalid port ":port"`},
		{"https://me:hunter2/word@a.example", "entry 1: invalid proxy URL"}, // the slash ends the host, so "hunter2" is a bad port
		{"ftp://me:hunter2@a.example", "scheme must be"},
		{"me:hunter2@x:/y", "scheme must be"},
	} {
		_, err := goproxy.Parse(tt.in)
		require.ErrorContains(t, err, tt.want, tt.in)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// The rows are what TryProxies of cmd/go/internal/modfetch/proxy.go does.
func TestEach(t *testing.T) {
	gone := &download.StatusError{URL: "x", Code: 410}
	down := func(host string) error { return fmt.Errorf("%s is down", host) }
	missing := func(host string) error { return fmt.Errorf("%s: %w", host, fs.ErrNotExist) }
	for _, tt := range []struct {
		name, list string
		answers    map[string]error
		asked      string
		want       string // part of the error, "" for success
		direct     string // the same for EachDirect with a direct that works
	}{
		{"first answers", "//a,//b", nil, "a", "", ""},
		{"comma, not found", "//a,//b", map[string]error{"a": gone}, "a b", "", ""},
		{"comma, missing file", "//a,//b", map[string]error{"a": missing("a")}, "a b", "", ""},
		{"comma, down", "//a,//b", map[string]error{"a": down("a")}, "a", "a is down", "a is down"},
		{"pipe, down", "//a|//b", map[string]error{"a": down("a")}, "a b", "", ""},
		{"pipe then comma", "//a|//b,//c", map[string]error{"a": down("a"), "b": down("b")}, "a b", "b is down", "b is down"},
		{"fault is told rather than not found", "//a|//b", map[string]error{"a": down("a"), "b": missing("b")}, "a b", "a is down", "a is down"},
		{"last not found", "//a,//b", map[string]error{"a": missing("a"), "b": missing("b")}, "a b", "b: file", "b: file"},
		{"off alone", "off", nil, "", "GOPROXY=off", "GOPROXY=off"},
		{"off after not found", "//a,off,//b", map[string]error{"a": gone}, "a", "GOPROXY=off", "GOPROXY=off"},
		{"off after a fault", "//a|off", map[string]error{"a": down("a")}, "a", "a is down", "a is down"},
		{"direct alone", "direct", nil, "", "names no proxy", ""},
		{"direct after a fault", "//a|direct", map[string]error{"a": down("a")}, "a", "a is down", ""},
		{"direct not reached", "//a,direct", map[string]error{"a": down("a")}, "a", "a is down", "a is down"},
		{"nothing", "", nil, "", "names no proxy", "names no proxy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := goproxy.Parse(strings.ReplaceAll(tt.list, "//", "https://"))
			require.NoError(t, err)
			var asked []string
			ask := func(p goproxy.Proxy) error {
				host := strings.TrimPrefix(p.URL, "https://")
				asked = append(asked, host)
				return tt.answers[host]
			}
			check := func(err error, want string) {
				if want == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, want)
				}
				require.Equal(t, tt.asked, strings.Join(asked, " "))
				asked = nil
			}
			check(l.Each(t.Context(), ask), tt.want)
			check(l.EachDirect(t.Context(), ask, func() error { return nil }), tt.direct)
		})
	}
}

func TestEachStopsWithContext(t *testing.T) {
	l, err := goproxy.Parse("https://a.example|https://b.example")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err = l.Each(ctx, func(goproxy.Proxy) error {
		calls++
		cancel()
		return errors.New("stopped")
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, calls)
}

// FuzzParse holds Parse to what its callers rely on: each proxy has an address that
// net/url can read, Join stays below it, and a password is never shown.
func FuzzParse(f *testing.F) {
	f.Add("https://a.example,direct", "me", "s3cret-word")
	f.Add("a|b.c,file:///d|off", "", "p@ss/word")
	f.Add("https://x/%zz", "u", "1234#")
	f.Fuzz(func(t *testing.T, setting, user, password string) {
		l, err := goproxy.Parse(setting)
		if err == nil {
			for _, p := range l.Proxies() {
				base, err := url.Parse(p.URL)
				require.NoError(t, err)
				joined, err := url.Parse(p.Join("a/@v/list"))
				require.NoError(t, err)
				require.Equal(t, strings.TrimSuffix(base.Path, "/")+"/a/@v/list", joined.Path)
				require.Equal(t, base.Host, joined.Host)
			}
		}
		if len(password) < 4 || strings.ContainsAny(password, ",| *") || strings.Contains("https://proxy.example/invalid port", password) {
			return
		}
		l, err = goproxy.Parse("https://" + url.PathEscape(user) + ":" + url.PathEscape(password) + "@proxy.example")
		require.NoError(t, err)
		require.Equal(t, "https://***@proxy.example", l.String())
		// As people write it: not escaped, and then perhaps no URL at all.
		if _, err = goproxy.Parse("https://me:" + password + "@proxy.example"); err != nil {
			require.NotContains(t, err.Error(), password)
		}
	})
}
