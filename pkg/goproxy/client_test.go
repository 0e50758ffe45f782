package goproxy_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

const version = "v0.0.1-go1.22.5.linux-amd64"

// files serves a proxy that is a map from path to content.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := content[strings.TrimPrefix(r.URL.Path, "/")]; ok {
			_, _ = w.Write([]byte(body))
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func client(t *testing.T, setting string) *goproxy.Client {
	t.Helper()
	list, err := goproxy.Parse(setting)
	require.NoError(t, err)
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return &goproxy.Client{Proxies: list, Download: &download.Client{Retries: 2, Sleep: noWait}}
}

func TestClient(t *testing.T) {
	empty := files(t, nil)
	full := files(t, map[string]string{
		"golang.org/toolchain/@v/list":                 "v0.0.1-go1.22.5.linux-amd64\nv0.0.1-go1.9.2rc2.linux-arm 2017-10-25T00:00:00Z\n\nv0.0.1\nnonsense here\r\n",
		"golang.org/toolchain/@v/" + version + ".info": `{"Version":"v0.0.1-go1.22.5.linux-amd64","Time":"2024-07-02T17:23:25Z"}`,
		"golang.org/toolchain/@v/" + version + ".zip":  "PK zip",
	})
	c := client(t, empty+","+full+"/,direct")

	list, err := c.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{version, "v0.0.1-go1.9.2rc2.linux-arm"}, list)

	info, err := c.Info(t.Context(), version)
	require.NoError(t, err)
	require.Equal(t, version, info.Version)
	require.Equal(t, 2024, info.Time.Year())

	url, size, err := c.Zip(t.Context(), version)
	require.NoError(t, err)
	require.Equal(t, full+"/golang.org/toolchain/@v/"+version+".zip", url)
	require.EqualValues(t, 6, size)

	urls, err := c.ZipURLs(version)
	require.NoError(t, err)
	require.Equal(t, []string{empty + "/golang.org/toolchain/@v/" + version + ".zip", url}, urls)

	_, _, err = c.Zip(t.Context(), "v0.0.1-go1.0.linux-amd64")
	require.True(t, goproxy.IsNotFound(err), err)
	_, err = c.Info(t.Context(), "../x")
	require.ErrorContains(t, err, "disallowed version string")
}

func TestClientFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b")
	at := filepath.Join(dir, "golang.org", "toolchain", "@v")
	require.NoError(t, os.MkdirAll(at, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(at, "list"), []byte(version+"\n"), 0o644))
	c := client(t, "file://"+strings.ReplaceAll(dir, " ", "%20"))
	list, err := c.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{version}, list)
	_, err = c.Info(t.Context(), version)
	require.True(t, goproxy.IsNotFound(err), err)
	require.True(t, download.IsNotFound(err), err)
}

func TestClientRefuses(t *testing.T) {
	const page = "<!DOCTYPE html>\n<html><body>please log in</body></html>\n"
	for name, tt := range map[string]struct {
		content, want string
	}{
		"page":          {page, "is not JSON"},
		"truncated":     {`{"Version":"v0.0.1-go1`, "is not JSON"},
		"other version": {`{"Version":"v0.0.1-go1.22.4.linux-amd64"}`, "is about version"},
		"no version":    {`{}`, "is about version"},
		"too large":     {strings.Repeat(" ", 1<<20+1), "is larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			url := files(t, map[string]string{"golang.org/toolchain/@v/" + version + ".info": tt.content})
			_, err := client(t, strings.Replace(url, "://", "://me:hunter2@", 1)).Info(t.Context(), version)
			require.ErrorAs(t, err, new(*goproxy.AnswerError))
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
	page2 := files(t, map[string]string{"golang.org/toolchain/@v/list": page})
	good := files(t, map[string]string{"golang.org/toolchain/@v/list": version})
	_, err := client(t, page2+","+good).List(t.Context())
	require.ErrorAs(t, err, new(*goproxy.AnswerError), "a comma does not lead past a broken proxy")
	list, err := client(t, page2+"|"+good).List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	_, err = client(t, "off").List(t.Context())
	require.ErrorIs(t, err, goproxy.ErrOff)
}

func TestClientSendsPassword(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "p/w" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(version))
	}))
	defer srv.Close()
	_, err := client(t, strings.Replace(srv.URL, "://", "://me:p%2Fw@", 1)).List(t.Context())
	require.NoError(t, err)
	_, err = client(t, strings.Replace(srv.URL, "://", "://me:wrong@", 1)).List(t.Context())
	var status *download.StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 401, status.Code)
	require.NotContains(t, err.Error(), "wrong")
}
