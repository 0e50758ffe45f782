package test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// realMachine reaches the real module proxy and through it the real checksum
// database. scripts/test sets GOLANG_WSL_TEST_NETWORK=1; a CI without it is
// misconfigured, so it fails there.
func realMachine(t *testing.T) *machine {
	t.Helper()
	if os.Getenv("GOLANG_WSL_TEST_NETWORK") != "1" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GOLANG_WSL_TEST_NETWORK=1 is not set, and CI must not skip this")
		}
		t.Skip("GOLANG_WSL_TEST_NETWORK=1 is not set")
	}
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	m := &machine{root: memoryDir(t), path: realHelper(t), cache: filepath.Join(user, "golang-wsl-test", "real")}
	m.data = filepath.Join(m.root, "data")
	m.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(m.root, "home"), "GOENV=off", "CGO_ENABLED=0",
		"ASDF_DATA_DIR=" + m.data, "GOLANG_WSL_CACHE_DIR=" + m.cache,
		"GOPROXY=" + goEnv(t, "GOPROXY"), "GOLANG_WSL_SOURCE=goproxy",
		"GOROOT=/stale", // what some other version left behind
	}
	m.set(reach()...)
	return m
}

// reach is what a machine may need of the environment to get at the real world.
func reach() (vars []string) {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"} {
		if value, ok := os.LookupEnv(name); ok {
			vars = append(vars, name+"="+value)
		}
	}
	return vars
}

// TestReal installs toolchains of today and of old, and works with them.
func TestReal(t *testing.T) {
	t.Parallel()
	m := realMachine(t)
	got := m.run(t, "resolve", "latest")
	got.requireOK(t)
	latest := strings.TrimSpace(got.stdout)
	require.NotRegexp(t, `^1\.([0-9]|1[0-9]|2[0-5])(\.|$)`, latest)
	for _, version := range []string{latest, "1.20.14", "1.13.15", "1.4.3"} {
		t.Run(version, func(t *testing.T) {
			m.run(t, "install", version).requireOK(t)
			m.requireWorks(t, version)
			m.requireLogged(t, version)
			m.requireBuilds(t, version)
			m.requireNamesDamage(t, version)
			m.run(t, "uninstall", version).requireOK(t)
		})
	}
}

// requireLogged asks the checksum database once more, by other means.
func (m *machine) requireLogged(t *testing.T, version string) {
	t.Helper()
	var marker struct {
		H1       string
		Platform string
		Log      struct{ Name string }
	}
	data, err := os.ReadFile(filepath.Join(m.installed(version), ".golang-wsl.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &marker))
	require.Equal(t, "sum.golang.org", marker.Log.Name)

	proxy := strings.FieldsFunc(goEnv(t, "GOPROXY"), func(r rune) bool { return r == ',' || r == '|' })[0]
	module := "v0.0.1-go" + version + "." + strings.ReplaceAll(marker.Platform, "/", "-")
	res, err := http.Get(strings.TrimSuffix(proxy, "/") + "/sumdb/sum.golang.org/lookup/golang.org/toolchain@" + module)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "golang.org/toolchain "+module+" "+marker.H1+"\n")
}

const hello = `package main

import "fmt"

func main() { fmt.Println("hello from a toolchain") }
`

// requireBuilds builds a program as asdf runs go, and as exec does.
func (m *machine) requireBuilds(t *testing.T, version string) {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "hello.go")
	require.NoError(t, os.WriteFile(source, []byte(hello), 0o644))
	byAsdf := exec.Command("bash", "-c", `. "$ASDF_INSTALL_PATH/.golang-wsl.env"; exec "$ASDF_INSTALL_PATH/bin/go" "$@"`,
		"asdf", "build", "-o", filepath.Join(dir, "one"), source)
	byAsdf.Env = append(m.env, "ASDF_INSTALL_PATH="+m.installed(version), "GOTOOLCHAIN=local", "GOCACHE="+dir+"/cache")
	byExec := m.command("exec", version, "go", "build", "-o", filepath.Join(dir, "two"), source)
	byExec.Env = append(m.env, "GOTOOLCHAIN=local", "GOCACHE="+dir+"/cache")
	for name, cmd := range map[string]*exec.Cmd{"one": byAsdf, "two": byExec} {
		cmd.Dir = dir
		run(t, cmd).requireOK(t)
		require.Equal(t, "hello from a toolchain\n", run(t, exec.Command(filepath.Join(dir, name))).stdout)
	}
	got := m.run(t, "exec", version, "go", "version")
	require.Contains(t, got.stdout, "go version go"+version+" linux/")
	root := strings.TrimSpace(m.run(t, "exec", version, "go", "env", "GOROOT").stdout)
	require.Equal(t, filepath.Join(m.installed(version), "go"), root)
}

// requireNamesDamage changes, removes and adds a file.
func (m *machine) requireNamesDamage(t *testing.T, version string) {
	t.Helper()
	root := filepath.Join(m.installed(version), "go")
	printer := filepath.Join(root, "src", "fmt", "print.go")
	text, err := os.ReadFile(printer)
	require.NoError(t, err)
	text[len(text)/2] ^= 1
	require.NoError(t, os.WriteFile(printer, text, 0o644))
	require.NoError(t, os.Remove(filepath.Join(root, "src", "fmt", "scan.go")))
	require.NoError(t, os.WriteFile(filepath.Join(root, "src", "fmt", "zebra.go"), []byte("package fmt\n"), 0o644))
	got := m.run(t, "verify", version)
	require.Equal(t, exitVerify, got.code)
	require.Equal(t, version+": changed go/src/fmt/print.go\n"+
		version+": missing go/src/fmt/scan.go\n"+
		version+": added go/src/fmt/zebra.go\n", got.stdout)
	require.Contains(t, errorLine(t, got), "not as released")
}

// A bundle of a real toolchain is all that a machine without a network needs.
func TestRealBundle(t *testing.T) {
	t.Parallel()
	m := realMachine(t)
	file := filepath.Join(m.root, "go.tar")
	m.run(t, "bundle", "1.20.14", "-o", file).requireOK(t)
	m.requireInstallsFrom(t, file, "1.20.14")
}

// requireInstallsFrom installs from a bundle where there is nothing else.
func (m *machine) requireInstallsFrom(t *testing.T, bundle, version string) {
	t.Helper()
	lonely := *m
	lonely.data, lonely.cache = filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "cache")
	lonely.set("ASDF_DATA_DIR="+lonely.data, "GOLANG_WSL_CACHE_DIR="+lonely.cache,
		"GOLANG_WSL_SOURCE=bundle", "GOLANG_WSL_BUNDLE="+bundle,
		"GOPROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1")
	got := lonely.run(t, "install", version)
	got.requireOK(t)
	require.Contains(t, got.stderr, version+": verified by sum.")
	require.NotContains(t, got.stderr, "next try")
	lonely.requireWorks(t, version)
}
