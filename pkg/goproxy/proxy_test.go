package goproxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

func TestJoin(t *testing.T) {
	for _, tt := range []struct{ base, path, want string }{
		{"https://a.example", "x/@v/list", "https://a.example/x/@v/list"},
		{"https://a.example/", "/x", "https://a.example/x"},
		{"https://a.example/go/", "x", "https://a.example/go/x"},
		{"https://me:p%2Fw@a.example/go", "x", "https://me:p%2Fw@a.example/go/x"},
		{"https://a.example/a%2Fb/", "c", "https://a.example/a%2Fb/c"},
		{"https://a.example/go?key=1", "x", "https://a.example/go/x?key=1"},
		{"https://a.example", "x y?#%", "https://a.example/x%20y%3F%23%25"},
		{"file:///srv/a b", "x", "file:///srv/a%20b/x"},
		{"file:///", "x", "file:///x"},
	} {
		require.Equal(t, tt.want, goproxy.Proxy{URL: tt.base}.Join(tt.path), tt.base)
	}
}

func TestRedacted(t *testing.T) {
	require.Equal(t, "https://***@a.example/go", goproxy.Proxy{URL: "https://me:secret@a.example/go"}.Redacted())
	require.Equal(t, "https://***@a.example", goproxy.Proxy{URL: "https://token@a.example"}.Redacted())
	require.True(t, goproxy.Proxy{URL: "file:///srv"}.IsFile())
	require.False(t, goproxy.Proxy{URL: "https://file"}.IsFile())
}

func TestModuleVersion(t *testing.T) {
	for _, tt := range []struct{ version, goos, goarch, module string }{
		{"1.22.5", "linux", "amd64", "v0.0.1-go1.22.5.linux-amd64"},
		{"1.21rc2", "windows", "386", "v0.0.1-go1.21rc2.windows-386"},
		{"1.9.2rc2", "linux", "arm", "v0.0.1-go1.9.2rc2.linux-arm"},
		{"1.20", "plan9", "arm", "v0.0.1-go1.20.plan9-arm"},
	} {
		require.Equal(t, tt.module, goproxy.ModuleVersion(tt.version, tt.goos, tt.goarch))
		v, goos, goarch, ok := goproxy.ParseModuleVersion(tt.module)
		require.True(t, ok, tt.module)
		require.Equal(t, []string{tt.version, tt.goos, tt.goarch}, []string{v, goos, goarch})
	}
	require.Equal(t, "v0.0.1-go1.4.3.linux-arm", goproxy.ModuleVersion("go1.4.3", "linux", "armv6l"))
}

func TestParseModuleVersionRefuses(t *testing.T) {
	for _, s := range []string{
		"", "v0.0.1", "v0.0.1-go", "v0.0.1-go1.22.5", "v0.0.1-go.linux-amd64", "v0.0.1-gox1.linux-amd64",
		"v0.0.1-go1.22.5.linux", "v0.0.1-go1.22.5.linux-", "v0.0.1-go1.22.5.linux-amd64-x", "v0.0.2-go1.22.5.linux-amd64",
		"v0.0.1-go1/../2.linux-amd64", "v0.0.1-go1.22.5.linux-amd64 ", "v0.0.1-go1.22.5.Linux-amd64",
		"v0.0.1-20060102150405-0123456789ab",
	} {
		_, _, _, ok := goproxy.ParseModuleVersion(s)
		require.False(t, ok, s)
	}
}

func TestPath(t *testing.T) {
	p, err := goproxy.Path("v0.0.1-go1.22.5.linux-amd64", "zip")
	require.NoError(t, err)
	require.Equal(t, "golang.org/toolchain/@v/v0.0.1-go1.22.5.linux-amd64.zip", p)
	p, err = goproxy.Path("v0.0.1-goX", "info")
	require.NoError(t, err)
	require.Equal(t, "golang.org/toolchain/@v/v0.0.1-go!x.info", p)
	_, err = goproxy.Path("../../etc/passwd", "zip")
	require.Error(t, err)
}

func FuzzParseModuleVersion(f *testing.F) {
	f.Add("v0.0.1-go1.22.5.linux-amd64")
	f.Add("v0.0.1-go1.21rc2.windows-arm64")
	f.Fuzz(func(t *testing.T, s string) {
		v, goos, goarch, ok := goproxy.ParseModuleVersion(s)
		if !ok {
			return
		}
		require.NotContains(t, v, "/")
		if goarch != "armv6l" {
			require.Equal(t, s, goproxy.ModuleVersion(v, goos, goarch))
		}
		_, err := goproxy.Path(s, "zip")
		require.NoError(t, err)
	})
}
