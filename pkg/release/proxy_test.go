package release

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

const modules = "/golang.org/toolchain/@v/"

func info(version string) string {
	return `{"Version":"v0.0.1-go` + version + `.linux-amd64","Time":"2024-06-27T20:11:12Z"}`
}

// A proxyTest has three module proxies: a and b for GOPROXY, last for go.dev.
type proxyTest struct {
	*server
	*clock
	*notebook
	t   *testing.T
	dir string
}

func newProxyTest(t *testing.T) *proxyTest {
	return &proxyTest{newServer(t, map[string]string{}), newClock(), new(notebook), t, t.TempDir()}
}

func (x *proxyTest) start(goProxy string) *Proxy {
	x.t.Helper()
	goProxy = strings.NewReplacer("{a}", x.URL+"/a", "{b}", x.URL+"/b", "{file}", "file://"+x.dir).Replace(goProxy)
	list, err := goproxy.Parse(goProxy)
	require.NoError(x.t, err)
	return &Proxy{
		Proxies: list, LastURL: x.URL + "/last", Download: testClient(), CacheDir: x.dir,
		Known: loadKnown(x.t), Now: x.now, Log: x.log,
	}
}

func TestProxyFind(t *testing.T) {
	for _, tt := range []struct {
		name, goProxy string
		a, b, last    string // what they answer to .info, "" for nothing
		urls          string // the proxies of the artifact
		status        int    // or the status that decides, 404 for not found
	}{
		{"first", "{a},{b}", "ok", "ok", "", "/a /b /last", 0},
		{"second after 404", "{a},{b}", "", "ok", "", "/b /last", 0},
		{"second after 410", "{a},{b}", "=410", "ok", "", "/b /last", 0},
		{"comma does not pass an error", "{a},{b}", "=403", "ok", "ok", "", 403},
		{"pipe does", "{a}|{b}", "=500", "ok", "ok", "/b /last", 0},
		{"pipe passes a page", "{a}|{b}", "<html>", "ok", "ok", "/b /last", 0},
		{"comma does not pass a page", "{a},{b}", "<html>", "ok", "ok", "", -1},
		{"pipe passes another version", "{a}|{b}", info("1.22.6"), "ok", "", "/b /last", 0},
		{"last after 404", "{a}", "", "", "ok", "/last", 0},
		{"direct is last", "{a}|direct", "=500", "", "ok", "/last", 0},
		{"direct alone", "direct", "", "", "ok", "/last", 0},
		{"nothing set", "", "", "", "ok", "/last", 0},
		{"off is the end", "{a},off", "", "", "ok", "", 404},
		{"nobody", "{a},{b},direct", "", "=410", "", "", 404},
		{"error of the last", "{a}", "", "", "=500", "", 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newProxyTest(t)
			for proxy, content := range map[string]string{"/a": tt.a, "/b": tt.b, "/last": tt.last} {
				if content == "ok" {
					content = info("1.22.5")
				}
				if content != "" {
					x.set(proxy+modules+"v0.0.1-go1.22.5.linux-amd64.info", content)
				}
			}
			a, err := x.start(tt.goProxy).Find(t.Context(), version(t, "1.22.5"), amd64)
			asked := x.requests()
			if !strings.Contains(fmt.Sprint(tt.a, tt.b, tt.last), "=500") {
				slices.Sort(asked)
				require.Equal(t, slices.Compact(slices.Clone(asked)), asked, "nobody is asked twice")
			}
			if tt.status != 0 {
				require.Error(t, err)
				require.Equal(t, tt.status == 404, isNotFound(err), "%v", err)
				var status *download.StatusError
				if tt.status > 404 || tt.status == 403 {
					require.ErrorAs(t, err, &status)
					require.Equal(t, tt.status, status.Code)
				}
				return
			}
			require.NoError(t, err)
			var urls []string
			for _, proxy := range strings.Fields(tt.urls) {
				urls = append(urls, x.URL+proxy+modules+"v0.0.1-go1.22.5.linux-amd64.zip")
			}
			require.Equal(t, &Artifact{
				Version: version(t, "1.22.5"), Platform: amd64, Source: "goproxy", Format: Zip,
				Name: "v0.0.1-go1.22.5.linux-amd64.zip", URLs: urls, Size: -1,
			}, a)
		})
	}
}

// A proxy that was switched off has not said that there is no such version.
func TestProxyFindOff(t *testing.T) {
	_, err := newProxyTest(t).start("off").Find(t.Context(), version(t, "1.22.5"), amd64)
	require.ErrorIs(t, err, goproxy.ErrOff)
	require.False(t, isNotFound(err))
}

func TestProxyFindArm(t *testing.T) {
	x := newProxyTest(t)
	x.set("/a"+modules+"v0.0.1-go1.22.5.linux-arm.info", `{"Version":"v0.0.1-go1.22.5.linux-arm"}`)
	a, err := x.start("{a}").Find(t.Context(), version(t, "1.22.5"), Platform{"linux", "arm"})
	require.NoError(t, err)
	require.Equal(t, x.URL+"/a"+modules+"v0.0.1-go1.22.5.linux-arm.zip", a.URLs[0])
}

func TestProxyLast(t *testing.T) {
	for _, tt := range []struct {
		goProxy, want string
	}{
		{"", DefaultLastURL},
		{"direct", DefaultLastURL},
		{"https://a.example", DefaultLastURL},
		{"https://a.example/off", DefaultLastURL},
		{"https://a.example,file:///srv", DefaultLastURL},
		{"off", ""},
		{"https://a.example|off", ""},
		{"https://a.example,off,direct", ""},
		{"file:///srv", ""},
		{"file:///srv|file:///mnt", ""},
		{"file:///srv,direct", DefaultLastURL},
	} {
		list, err := goproxy.Parse(tt.goProxy)
		require.NoError(t, err)
		last, ok := (&Proxy{Proxies: list}).last()
		require.Equal(t, tt.want != "", ok, tt.goProxy)
		if ok {
			require.Equal(t, tt.want, last.URL)
		}
	}
}

const someModules = "v0.0.1-go1.22.5.linux-amd64\nv0.0.1-go1.99.1.linux-amd64\nv0.0.1-go1.99.1.linux-arm\n" +
	"v0.0.1-go1.9.2rc2.linux-amd64\nv0.0.1-go1.99.2.darwin-arm64\nv0.0.1-go1.21.linux-amd64\nv9.9.9\n\n"

func TestProxyList(t *testing.T) {
	x := newProxyTest(t)
	x.set("/a"+modules+"list", someModules)
	proxy := x.start("{a},{b}")
	vs, err := proxy.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Len(t, vs, all+1, "what a proxy lists is not all that it can get")
	require.Equal(t, "1.99.1", vs[all].String())
	require.NotContains(t, names(vs), "1.99.2")

	vs, err = proxy.List(t.Context(), Platform{"linux", "arm"})
	require.NoError(t, err)
	require.Equal(t, "1.99.1", vs[len(vs)-1].String())
	require.Equal(t, []string{"GET /a" + modules + "list"}, x.requests(), "one list serves all of linux")

	x.Time = x.Add(5 * time.Hour)
	again, err := x.start("{a},{b}").List(t.Context(), Platform{"linux", "arm"})
	require.NoError(t, err)
	require.Equal(t, vs, again)
	require.Empty(t, x.requests())

	_, err = x.start("{b},{a}").List(t.Context(), amd64)
	require.NoError(t, err)
	require.NotEmpty(t, x.requests(), "another GOPROXY has another list")
	require.Empty(t, x.take())
}

func TestProxyListOffline(t *testing.T) {
	x := newProxyTest(t)
	vs, err := x.start("{a}").List(t.Context(), amd64)
	require.NoError(t, err)
	require.Len(t, vs, all)
	require.Contains(t, strings.Join(x.take(), "\n"), "using the built-in list of 2026-08-19: ")

	x.set("/a"+modules+"list", someModules)
	_, err = x.start("{a}").List(t.Context(), amd64)
	require.NoError(t, err)
	x.set("/a"+modules+"list", "<html>\n")
	x.Time = x.Add(72 * time.Hour)
	vs, err = x.start("{a}").List(t.Context(), amd64)
	require.NoError(t, err)
	require.Len(t, vs, all+1)
	require.Contains(t, strings.Join(x.take(), "\n"), "using the list of 3 days ago: ")
}

func TestProxyFiles(t *testing.T) {
	x := newProxyTest(t)
	dir := filepath.Join(x.dir, "with space", "golang.org", "toolchain", "@v")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "list"), []byte(someModules), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "v0.0.1-go1.22.5.linux-amd64.info"), []byte(info("1.22.5")), 0o644))
	proxy := x.start((&url.URL{Scheme: "file", Path: filepath.Join(x.dir, "with space")}).String())

	vs, err := proxy.List(t.Context(), amd64)
	require.NoError(t, err)
	require.Equal(t, []string{"1.9.2rc2", "1.22.5", "1.99.1"}, names(vs), "a directory lists all that it has")
	lists, err := filepath.Glob(filepath.Join(x.dir, "lists", "*"))
	require.NoError(t, err)
	require.Empty(t, lists, "nor is it worth a copy")

	a, err := proxy.Find(t.Context(), version(t, "1.22.5"), amd64)
	require.NoError(t, err)
	require.Len(t, a.URLs, 1)
	u, err := url.Parse(a.URLs[0])
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "v0.0.1-go1.22.5.linux-amd64.zip"), u.Path)
	_, err = proxy.Find(t.Context(), version(t, "1.99.1"), amd64)
	require.True(t, isNotFound(err), "%v", err)
	require.Empty(t, x.requests())
}

func TestProxyCancelled(t *testing.T) {
	x := newProxyTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.start("{a}|{b}").Find(ctx, version(t, "1.22.5"), amd64)
	require.ErrorIs(t, err, context.Canceled)
	_, err = x.start("{a}|{b}").List(ctx, amd64)
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzParseModules(f *testing.F) {
	f.Add(someModules, "linux")
	f.Add("v0.0.1-go1.linux-amd64\nv0.0.1-go1.22.5.linux-armv6l", "linux")
	f.Fuzz(func(t *testing.T, text, os string) {
		table := parseModules(strings.Split(text, "\n"), os)
		if len(table.columns) > 0 {
			checkTable(t, table)
		}
	})
}
