package test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

var pinnedSum = regexp.MustCompile(`(?m)^    (\w+)\) echo ([0-9a-f]{64}) ;;$`)

// The sums that the shell knows are those that the helper knows.
func TestPinnedSums(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(t), "lib", "pinned-go.bash"))
	require.NoError(t, err)
	version, err := goversion.Parse(regexp.MustCompile(`(?m)^golang_wsl_pinned=(.*)$`).FindStringSubmatch(string(text))[1])
	require.NoError(t, err)
	known, err := release.LoadKnown()
	require.NoError(t, err)
	found := pinnedSum.FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 8)
	for _, match := range found {
		arch := match[1]
		if arch == "armv6l" {
			arch = "arm"
		}
		sum, ok := known.Sum(version, release.Platform{OS: "linux", Arch: arch})
		require.True(t, ok, arch)
		require.Equal(t, sum, match[2], arch)
	}
}

// withoutGo makes a plugin on a machine that has the tools and no Go. The
// archive that it fetches holds the fake go.
func withoutGo(t *testing.T, tools string) (*plugin, []byte) {
	p := withFakeGo(t, "golang-wsl")
	p.set("PATH="+tools, "FAKE_GO_VERSION=go1.26.7")
	archive := tarball(t, "go/bin/go", "#!/usr/bin/env bash\n"+fakeGo)
	sum := sha256.Sum256(archive)
	p.edit(t, "lib/find-go.bash", "/usr/local/go/bin/go", "/nowhere/go")
	text, err := os.ReadFile(filepath.Join(p.dir, "lib", "pinned-go.bash"))
	require.NoError(t, err)
	p.write(t, "lib/pinned-go.bash", pinnedSum.ReplaceAllString(string(text), "    $1) echo "+hex.EncodeToString(sum[:])+" ;;"))
	p.edit(t, "lib/pinned-go.bash", "https://mirrors.aliyun.com/golang", "http://127.0.0.1:9/second")
	return p, archive
}

func tarball(t *testing.T, name, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	tw := tar.NewWriter(gz)
	require.NoError(t, tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}))
	_, err := tw.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, tw.Close())
	require.NoError(t, gz.Close())
	return buf.Bytes()
}

func TestNoGoHere(t *testing.T) {
	lanes := map[string]func(t *testing.T) string{
		"curl": func(t *testing.T) string { return withTool(t, onlyTools(t, ""), "curl", need(t, "curl")) },
		"wget": func(t *testing.T) string { return withTool(t, onlyTools(t, ""), "wget", need(t, "wget")) },
		"busybox": func(t *testing.T) string {
			busybox := need(t, "busybox")
			return withTool(t, onlyTools(t, busybox), "wget", busybox)
		},
		"shasum": func(t *testing.T) string {
			return withTool(t, withTool(t, without(t, onlyTools(t, ""), "sha256sum"), "shasum", need(t, "shasum")), "curl", need(t, "curl"))
		},
		"openssl": func(t *testing.T) string {
			return withTool(t, withTool(t, without(t, onlyTools(t, ""), "sha256sum"), "openssl", need(t, "openssl")), "curl", need(t, "curl"))
		},
	}
	for name, tools := range lanes {
		t.Run(name, func(t *testing.T) {
			p, archive := withoutGo(t, tools(t))
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path)
				switch {
				case strings.HasPrefix(r.URL.Path, "/gone/"):
					http.NotFound(w, r)
				case strings.HasPrefix(r.URL.Path, "/liar/"):
					_, _ = w.Write([]byte("<html>a login page</html>"))
				default:
					_, _ = w.Write(archive)
				}
			}))
			defer server.Close()
			p.set("GOLANG_WSL_MIRROR=" + server.URL + "/gone/," + server.URL + "/liar," + server.URL + "/go")

			got := run(t, p.command("list-all"))
			got.requireOK(t)
			require.Equal(t, "golang-wsl: building the helper (once): fetching go1.26.7 for it, as no Go is here ...\n", got.stderr)
			require.Contains(t, got.stdout, "one callback list-all https://proxy.test,direct ")
			require.Len(t, asked, 3)
			require.Regexp(t, `^/go/go1\.26\.7\.linux-\w+\.tar\.gz$`, asked[2])
			p.requireClean(t, 1)

			// Nothing that the fetched Go made is the user's to remove.
			env, err := os.ReadFile(filepath.Join(p.home, "fake", "env"))
			require.NoError(t, err)
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "XDG_CONFIG_HOME"} {
				require.Regexp(t, `(?m)^`+name+`=`+regexp.QuoteMeta(p.cache())+`/work\.`, string(env))
			}
		})
	}
}

func withTool(t *testing.T, dir, name, target string) string {
	t.Helper()
	require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
	return dir
}

func without(t *testing.T, dir, name string) string {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(dir, name)))
	return dir
}

func TestGoThatIsNotTheRightOne(t *testing.T) {
	p, _ := withoutGo(t, withTool(t, onlyTools(t, ""), "curl", need(t, "curl")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(tarball(t, "go/bin/go", "#!/usr/bin/env bash\ntouch /tmp/never\n"))
	}))
	defer server.Close()
	p.set("GOLANG_WSL_MIRROR=" + server.URL)
	got := run(t, p.command("list-all"))
	require.Equal(t, 1, got.code)
	require.Regexp(t, server.URL+`/go1\.26\.7\S+: sha256 is [0-9a-f]{64}, not [0-9a-f]{64}`, got.stderr)
	require.Contains(t, got.stderr, "golang-wsl: error: cannot fetch go1.26.7.")
	require.Contains(t, got.stderr, "golang-wsl: hint: install Go 1.21 or newer, and put it on PATH\n")
	p.requireClean(t, 0)
}

func TestNothingToFetchWith(t *testing.T) {
	p, _ := withoutGo(t, onlyTools(t, ""))
	got := run(t, p.command("list-all"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "no curl and no wget here")
	p.requireClean(t, 0)
}

func TestMachineThatIsNotKnown(t *testing.T) {
	p, _ := withoutGo(t, without(t, onlyTools(t, ""), "uname"))
	for _, c := range []struct{ system, machine, want string }{
		{"Linux", "sparc64", "no Go here, and none known for sparc64"},
		{"Darwin", "arm64", "golang-wsl runs on Linux, and this is Darwin"},
	} {
		dir := filepath.Join(p.home, c.system)
		writeScript(t, filepath.Join(dir, "uname"), "case $1 in -s) echo "+c.system+" ;; -m) echo "+c.machine+" ;; esac\n")
		cmd := p.command("list-all")
		for _, v := range p.env {
			if path, ok := strings.CutPrefix(v, "PATH="); ok {
				cmd.Env = append(cmd.Env, "PATH="+dir+":"+path)
			} else {
				cmd.Env = append(cmd.Env, v)
			}
		}
		got := run(t, cmd)
		require.Equal(t, 1, got.code)
		require.Contains(t, got.stderr, "golang-wsl: error: "+c.want)
	}
}

func TestArchitectures(t *testing.T) {
	for machine, arch := range map[string]string{
		"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "i586": "386", "armv6l": "armv6l", "armv7l": "armv6l",
		"armv8l": "armv6l", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "loongarch64": "loong64", "ppc64": "", "mips": "",
	} {
		cmd := exec.Command("bash", "-uc", `. lib/pinned-go.bash; golang_wsl_pinned_arch "$0"`, machine)
		cmd.Dir = repository(t)
		require.Equal(t, arch, strings.TrimSpace(run(t, cmd).stdout), machine)
	}
}
