package fakerelease_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// The go command itself judges the fake: it fetches the toolchain, looks its
// hash up in the log, checks the proofs, and runs it.
func TestGoCommandBelievesIt(t *testing.T) {
	server := fakerelease.Start(t, fakerelease.New("1.22.5"), fakerelease.New("1.21.13"))
	out, err := goVersion(t, server, "go1.22.5", server.Key())
	require.NoError(t, err, out)
	require.Contains(t, out, "go version go1.22.5 linux/")
	require.Equal(t, 1, server.Asked(fakerelease.New("1.22.5").ModuleVersion()+".zip"))
	require.Positive(t, server.Asked("/proxy/sumdb/"))

	out, err = goVersion(t, server, "go1.21.13", server.GOSUMDB())
	require.NoError(t, err, out)
	require.Contains(t, out, "go version go1.21.13 linux/")
}

func TestGoCommandRefusesAnotherZip(t *testing.T) {
	release := fakerelease.New("1.22.5")
	server := fakerelease.Start(t, release)
	other := release
	other.Padding++
	server.Replace("/proxy/golang.org/toolchain/@v/"+release.ModuleVersion()+".zip", other.Zip())
	out, err := goVersion(t, server, "go1.22.5", server.GOSUMDB())
	require.Error(t, err)
	require.Contains(t, out, "checksum mismatch")
}

func goVersion(t *testing.T, server *fakerelease.Server, toolchain, sumdb string) (string, error) {
	dir := t.TempDir()
	cmd := exec.Command("go", "version")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"GOTOOLCHAIN="+toolchain, "GOPATH="+dir, "GOMODCACHE="+filepath.Join(dir, "mod"), "GOFLAGS=-modcacherw",
		"GOPROXY="+server.GOPROXY(), "GOSUMDB="+sumdb, "GONOSUMDB=", "GOPRIVATE=", "GOENV=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTarballAndListAgree(t *testing.T) {
	release := fakerelease.New("1.23rc1")
	server := fakerelease.Start(t, fakerelease.New("1.22.5"), release)

	var list []struct {
		Version string
		Stable  bool
		Files   []struct {
			Filename, SHA256 string
			Size             int
		}
	}
	require.NoError(t, json.Unmarshal(get(t, server.ListURL()+"?mode=json&include=all"), &list))
	require.Equal(t, "go1.23rc1", list[0].Version)
	require.False(t, list[0].Stable)
	require.True(t, list[1].Stable)

	body := get(t, server.Mirror()+"/"+list[0].Files[0].Filename)
	require.Len(t, body, list[0].Files[0].Size)
	require.Equal(t, release.SHA256(), list[0].Files[0].SHA256)

	gz, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	first, err := tar.NewReader(gz).Next()
	require.NoError(t, err)
	require.Equal(t, "go/LICENSE", first.Name)
}

func TestKnobs(t *testing.T) {
	server := fakerelease.Start(t, fakerelease.New("1.22.5"))
	server.Replace("/dl/", nil)
	resp, err := http.Get(server.ListURL())
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNotFound, resp.StatusCode)

	server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusTeapot)
		return true
	})
	resp, err = http.Get(server.GOPROXY() + "/golang.org/toolchain/@v/list")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusTeapot, resp.StatusCode)
}

func TestWriteProxy(t *testing.T) {
	dir, release := t.TempDir(), fakerelease.New("1.22.5")
	require.NoError(t, fakerelease.WriteProxy(dir, release))
	list, err := os.ReadFile(filepath.Join(dir, "golang.org", "toolchain", "@v", "list"))
	require.NoError(t, err)
	require.Equal(t, release.ModuleVersion()+"\n", string(list))
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return body
}
