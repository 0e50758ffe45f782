package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// What one machine has packed another one installs with no server at all, and
// verifies with what the bundle says of the checksum database.
func TestBundle(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{".tar", ".tar.gz", ".tar.xz"} {
		for name, sumdb := range map[string]func(*fakerelease.Server) string{
			"relayed": (*fakerelease.Server).Key, "at its address": (*fakerelease.Server).GOSUMDB,
		} {
			t.Run(suffix+", database "+name, func(t *testing.T) {
				t.Parallel()
				server := fakerelease.Start(t, fakerelease.New("1.99.1"), fakerelease.New("1.20.99"), fakerelease.New("1.98"))
				m := newMachine(t, server, "goproxy")
				m.set("GOSUMDB=" + sumdb(server))
				file := filepath.Join(m.root, "go"+suffix)
				m.run(t, "bundle", "1.99.1", "1.20.99", "-o", file).requireOK(t)
				server.Close()
				m.requireInstallsFrom(t, file, "1.20.99")
				m.requireInstallsFrom(t, file, "1.99.1")

				m.set("GOLANG_WSL_SOURCE=bundle", "GOLANG_WSL_BUNDLE="+file)
				got := m.run(t, "install", "1.98")
				require.Equal(t, exitVersion, got.code, got.stderr)
				require.Contains(t, errorLine(t, got), `no Go release matches "1.98"`)
			})
		}
	}
}

// A bundle comes on a stick from somebody else.
func TestForgedBundle(t *testing.T) {
	t.Parallel()
	release := fakerelease.New("1.99.1")
	server := fakerelease.Start(t, release)
	m := newMachine(t, server, "goproxy")
	file := filepath.Join(m.root, "go.tar")
	m.run(t, "bundle", "1.99.1", "-o", file).requireOK(t)
	server.Close()
	for name, forge := range map[string]func(dir string){
		"zip": func(dir string) {
			other := release
			other.Padding++
			rewrite(t, dir, ".zip", func([]byte) []byte { return other.Zip() })
		},
		"record": func(dir string) { rewrite(t, dir, "@v0.0.1-go1.99.1", replacing(`h1:....`, "h1:AAAA")) },
		"tile":   func(dir string) { rewrite(t, dir, "tile", turnBit) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, exec.Command("tar", "-xf", file, "-C", dir)).requireOK(t)
			forge(dir)
			lonely := newMachine(t, server, "bundle")
			lonely.set("GOLANG_WSL_BUNDLE=" + dir)
			got := lonely.run(t, "install", "1.99.1")
			require.Equal(t, exitVerify, got.code, got.stderr)
			errorLine(t, got)
			require.Empty(t, lonely.names(t))
			require.Empty(t, lonely.staging(t))
			require.Empty(t, lonely.archives(t))
		})
	}
}

// rewrite changes all files below dir whose path contains part, or fails.
func rewrite(t *testing.T, dir, part string, change func([]byte) []byte) {
	t.Helper()
	changed := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(strings.TrimPrefix(path, dir), part) {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changed++
		return os.WriteFile(path, change(body), 0o644)
	}))
	require.Positive(t, changed, "no file was forged")
}
