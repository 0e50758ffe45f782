package page

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// need skips a test on a machine without a command, and fails it where REQUIRE_NAME
// is 1: a skip that nobody sees is a test that nobody runs.
func need(t *testing.T, command string) string {
	t.Helper()
	path, err := exec.LookPath(command)
	if err != nil {
		require.NotEqual(t, "1", os.Getenv("REQUIRE_"+strings.ToUpper(command)), "%s is not here", command)
		t.Skipf("%s is not here", command)
	}
	return path
}

// A browser is a Chromium with an empty profile.
type browser struct{ ctx context.Context }

func newBrowser(t *testing.T) *browser {
	t.Helper()
	options := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(need(t, "chromium")), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun,
		chromedp.DisableGPU, chromedp.WSURLReadTimeout(5 * time.Minute), chromedp.CombinedOutput(io.Discard),
		chromedp.Flag("disable-features", "IsolateSandboxedIframes"), // so that what a frame does is heard, too
	}, flags("disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars", "disable-dev-shm-usage")...)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	t.Cleanup(stopBrowser)
	require.NoError(t, chromedp.Do(ctx))
	return &browser{ctx}
}

func flags(names ...string) (options []chromedp.ExecAllocatorOption) {
	for _, n := range names {
		options = append(options, chromedp.Flag(n, true))
	}
	return options
}

// A visit is a page in a tab, and all that came to pass there.
type visit struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	console  []string // messages, errors, exceptions, violations of the policy
	requests []string // those that left the browser
	asked    map[network.RequestID]string
	address  string
}

// open shows a page at a width, in the light or the dark.
func (b *browser) open(t *testing.T, page string, width int64, scheme string) *visit {
	t.Helper()
	v := &visit{t: t, asked: make(map[network.RequestID]string)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.requests = append(v.requests, r.URL.Path)
		v.mu.Unlock()
		if r.URL.Path != "/index.html" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html") // no charset: the page says it itself
		io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	v.ctx, v.address = ctx, server.URL+"/index.html"
	require.NoError(t, chromedp.Listen(ctx, v.hear))
	call(t, ctx, network.Enable, network.EnableParams{})
	call(t, ctx, runtime.Enable, cdp.Empty{})
	call(t, ctx, cdplog.Enable, cdp.Empty{})
	// A screen of that width, a phone where it is narrow.
	call(t, ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(v.address)))
	v.settle()
	return v
}

func call[P, R any](t *testing.T, ctx context.Context, command cdp.Command[P, R], params P) {
	t.Helper()
	_, err := chromedp.Call(ctx, command, params)
	require.NoError(t, err, command.Method)
}

// evaluate is what a JavaScript expression of the page is.
func evaluate[T any](v *visit, expression string) T {
	v.t.Helper()
	value, err := chromedp.Run(v.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(v.t, err, expression)
	return value
}

// settle waits until the page has been painted.
func (v *visit) settle() {
	v.t.Helper()
	evaluate[bool](v, `(async () => {
		await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
		return true;
	})()`)
}

func (v *visit) hear(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		text := string(e.Type)
		for _, a := range e.Args {
			text += " " + string(a.Value) + a.Description
		}
		v.console = append(v.console, text)
	case *runtime.EventExceptionThrown:
		v.console = append(v.console, "exception: "+e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		v.console = append(v.console, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
	case *network.EventRequestWillBeSent:
		v.asked[e.RequestID] = e.Request.URL
	case *network.EventLoadingFailed:
		if e.BlockedReason == network.BlockedReasonCsp { // it has not left
			delete(v.asked, e.RequestID)
		}
	}
}

// quiet requires that nothing was said on the console.
func (v *visit) quiet() {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	require.Empty(v.t, v.console)
}

// alone requires that nothing left the browser but the request for the page: by what
// the browser says, to anywhere, and by what the server has heard.
func (v *visit) alone() {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	require.Equal(v.t, []string{"/index.html"}, v.requests)
	for _, address := range v.asked {
		if !strings.HasPrefix(address, "data:") {
			require.Equal(v.t, v.address, address)
		}
	}
	require.Contains(v.t, slices.Collect(maps.Values(v.asked)), v.address)
}

// shoot keeps a picture of the whole page where GOLANG_WSL_SCREENSHOTS says, for
// somebody to look at: no test sees whether a page is pleasant.
func (v *visit) shoot(name string) {
	v.t.Helper()
	v.keep(name, chromedp.FullScreenshot(100))
}

// shootWindow keeps what is in the window: frames outside of it are not painted.
func (v *visit) shootWindow(name string) {
	v.t.Helper()
	v.keep(name, chromedp.CaptureScreenshot())
}

func (v *visit) keep(name string, take chromedp.Action[[]byte]) {
	v.t.Helper()
	dir := os.Getenv("GOLANG_WSL_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(v.ctx, take)
	require.NoError(v.t, err)
	require.NoError(v.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
