package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
	"github.com/stretchr/testify/require"
)

// unlike is an old release whose archive is not as its module.
func unlike(version string) fakerelease.Release {
	r := fakerelease.New(version)
	r.Unlike = true
	return r
}

// adopter is an installer that knows the releases of a server, and nothing else.
func adopter(t *testing.T, server *fakerelease.Server) *Installer {
	t.Helper()
	client := &download.Client{Retries: 2, Sleep: func(context.Context, time.Duration) error { return nil }}
	db, err := checksumdb.Open(checksumdb.Options{GOSUMDB: server.GOSUMDB(), CacheDir: t.TempDir(), Download: client})
	require.NoError(t, err)
	return &Installer{
		Store:    Store{DataDir: t.TempDir(), Plugin: "golang-wsl"},
		Platform: release.Platform{OS: "linux", Arch: runtime.GOARCH}, Log: db,
		Now: func() time.Time { return time.Unix(1e9, 0) },
	}
}

// unpacked is the GOROOT that another installer made of a release's archive.
func unpacked(t *testing.T, r fakerelease.Release) (goroot string) {
	t.Helper()
	goroot = filepath.Join(t.TempDir(), "installs", "golang", r.Version, "go")
	require.NoError(t, os.MkdirAll(goroot, 0o755))
	_, err := archive.TarGz(t.Context(), bytes.NewReader(r.Tarball()), goroot, archive.Options{Prefix: "go/"})
	require.NoError(t, err)
	return goroot
}

// put writes a file below dir, whether or not there is one.
func put(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
}

// state is all that can be seen of a tree without reading it.
func state(t *testing.T, dir string) (lines []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		stat := info.Sys().(*syscall.Stat_t)
		lines = append(lines, fmt.Sprint(path, info.Mode(), info.Size(), stat.Mtim, stat.Ctim, stat.Ino, stat.Nlink))
		return nil
	}))
	return lines
}

func TestAdopt(t *testing.T) {
	server := fakerelease.Start(t, fakerelease.New("1.22.5"), fakerelease.New("1.12.17"))
	for _, test := range []struct {
		name, version string
		add           map[string]string // files of others in the GOROOT
		behind        string            // the names that the note gives
	}{
		{"as unpacked", "1.22.5", nil, "api, doc, misc, test"},
		{"with what was installed by mise's go", "1.22.5", map[string]string{
			"bin/gopls": "x", "bin/sub/tool": "x", "packages/pkg/mod/x/go.mod": "x", "pkg/linux_amd64_race/fmt.a": "x",
		}, "api, bin/gopls, bin/sub, doc, misc, packages, pkg/linux_amd64_race, test"},
		{"documents are not checked", "1.22.5", map[string]string{"doc/README.md": "mine", "test/new.go": "x"}, "api, doc, misc, test"},
		{"old, and its archive is as its module", "1.12.17", map[string]string{"bin/gopls": "x"}, "api, bin/gopls, doc, misc, test"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := fakerelease.New(test.version)
			i, goroot := adopter(t, server), unpacked(t, r)
			for name, content := range test.add {
				put(t, goroot, name, content)
			}
			before := state(t, goroot)
			m, done, err := i.Adopt(t.Context(), goroot, version(t, test.version))
			require.NoError(t, err)
			require.True(t, done)
			require.Equal(t, before, state(t, goroot))

			require.Equal(t, "adopted", m.Source)
			require.Equal(t, goroot, m.Archive)
			require.Equal(t, r.H1(), m.H1)
			require.Equal(t, "sum.fake.test", m.Log.Name)
			require.Len(t, m.Notes, 1)
			require.Regexp(t, ": "+test.behind+"$", m.Notes[0])

			require.Equal(t, []string{test.version}, leftovers(t, i.Store))
			report, err := i.Store.Check(t.Context(), test.version, nil)
			require.NoError(t, err)
			require.Empty(t, report.Changes)
			info, err := os.Stat(filepath.Join(i.Store.Dir(test.version), "bin", "go"))
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o755), info.Mode())
			require.FileExists(t, filepath.Join(i.Store.Dir(test.version), envFile))
			for _, name := range strings.Split(test.behind, ", ") {
				require.NoFileExists(t, filepath.Join(i.Store.GOROOT(test.version), name))
			}

			// The other installer goes on with its files: nothing of it reaches the copy.
			f, err := os.OpenFile(filepath.Join(goroot, "src", "fmt", "print.go"), os.O_WRONLY|os.O_APPEND, 0)
			require.NoError(t, err)
			_, err = f.WriteString("// mine\n")
			require.NoError(t, err)
			require.NoError(t, f.Close())
			report, err = i.Store.Check(t.Context(), test.version, nil)
			require.NoError(t, err)
			require.Empty(t, report.Changes)

			// What is installed is not looked at again.
			asked := server.Asked("")
			again, done, err := i.Adopt(t.Context(), goroot, version(t, test.version))
			require.NoError(t, err)
			require.False(t, done)
			require.Equal(t, m, again)
			require.Equal(t, asked, server.Asked(""))
		})
	}
}

func TestAdoptRefuses(t *testing.T) {
	const altered = "files were changed, added or removed since the release"
	server := fakerelease.Start(t, fakerelease.New("1.22.5"), unlike("1.20.14"))
	for _, test := range []struct {
		name, version string
		spoil         func(t *testing.T, goroot string)
		reason        string
	}{
		{"changed", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "src/fmt/print.go", "package fmT\n") }, altered},
		{"line ends", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "src/fmt/print.go", "package fmt\r\n") }, altered},
		{"added", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "src/fmt/mine.go", "package fmt\n") }, altered},
		{"added tool", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "pkg/tool/linux_"+runtime.GOARCH+"/mine", "") }, altered},
		{"added at the top", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "testing", "") }, altered},
		{"removed", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, os.Remove(filepath.Join(goroot, "src", "empty.go")))
		}, altered},
		{"renamed", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, os.Rename(filepath.Join(goroot, "LICENSE"), filepath.Join(goroot, "LICENCE")))
		}, altered},
		{"renamed as in the module", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, os.Rename(filepath.Join(goroot, "src", "go.mod"), filepath.Join(goroot, "src", "_go.mod")))
		}, `"src/_go.mod" is in no release`},
		{"bin/go is gone", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, os.Remove(filepath.Join(goroot, "bin", "go")))
		}, altered},
		{"a link for a file", "1.22.5", func(t *testing.T, goroot string) {
			file := filepath.Join(goroot, "src", "fmt", "print.go")
			require.NoError(t, os.Rename(file, filepath.Join(goroot, "..", "print.go")))
			require.NoError(t, os.Symlink("../../../print.go", file))
		}, `"src/fmt/print.go" is no regular file, and a release has no others`},
		{"a link for a directory", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, os.Rename(filepath.Join(goroot, "src"), filepath.Join(goroot, "..", "src")))
			require.NoError(t, os.Symlink("../src", filepath.Join(goroot, "src")))
		}, `"src" is no regular file, and a release has no others`},
		{"a pipe", "1.22.5", func(t *testing.T, goroot string) {
			require.NoError(t, syscall.Mkfifo(filepath.Join(goroot, "src", "pipe"), 0o644))
		}, `"src/pipe" is no regular file, and a release has no others`},
		{"far too large", "1.22.5", func(t *testing.T, goroot string) {
			put(t, goroot, "lib/large", "")
			require.NoError(t, os.Truncate(filepath.Join(goroot, "lib", "large"), archive.DefaultMaxBytes+1))
		}, "it holds far more than a release"},
		{"another version inside", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "VERSION", "go1.22.4\ntime x\n") },
			`its VERSION file says "go1.22.4", not go1.22.5`},
		{"VERSION with other line ends", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "VERSION", "go1.22.5\r\n") },
			`its VERSION file says "go1.22.5\r", not go1.22.5`},
		{"a development tree", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "VERSION", "devel go1.23-0123456") },
			`its VERSION file says "devel go1.23-0123456", not go1.22.5`},
		{"VERSION rewritten further down", "1.22.5", func(t *testing.T, goroot string) { put(t, goroot, "VERSION", "go1.22.5\n") }, altered},
		{"no VERSION", "1.22.5", func(t *testing.T, goroot string) { require.NoError(t, os.Remove(filepath.Join(goroot, "VERSION"))) },
			"it has no VERSION file that can be read"},
		{"old, and its archive is not as its module", "1.20.14", func(*testing.T, string) {},
			"nothing proves its files: before Go 1.21 they may differ from those that the checksum database describes"},
		{"never released", "1.22.55", func(*testing.T, string) {}, "the checksum database does not know this version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			i, goroot := adopter(t, server), unpacked(t, unlike(test.version))
			if test.version == "1.22.5" {
				goroot = unpacked(t, fakerelease.New(test.version))
			}
			test.spoil(t, goroot)
			before := state(t, filepath.Dir(goroot))
			_, _, err := i.Adopt(t.Context(), goroot, version(t, test.version))
			var refused *AdoptError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, test.reason, refused.Reason)
			require.Equal(t, goroot, refused.GOROOT)
			require.Empty(t, leftovers(t, i.Store))
			require.Equal(t, before, state(t, filepath.Dir(goroot)))
		})
	}
}

// What is nobody's fault but the network's is not said against the GOROOT.
func TestAdoptWithoutNetwork(t *testing.T) {
	r := fakerelease.New("1.22.5")
	server := fakerelease.Start(t, r)
	i, goroot := adopter(t, server), unpacked(t, r)
	server.Close()
	_, _, err := i.Adopt(t.Context(), goroot, version(t, r.Version))
	require.ErrorAs(t, err, new(*download.Error))
	require.NotErrorAs(t, err, new(*AdoptError))
	require.Empty(t, leftovers(t, i.Store))
}

// A log that contradicts itself is worse than none.
func TestAdoptForgedLog(t *testing.T) {
	r := fakerelease.New("1.22.5")
	server := fakerelease.Start(t, r, fakerelease.New("1.22.6"))
	i, goroot := adopter(t, server), unpacked(t, r)
	_, err := i.Log.Lookup(t.Context(), "golang.org/toolchain", fakerelease.New("1.22.6").ModuleVersion())
	require.NoError(t, err)
	server.Fork(r)
	_, _, err = i.Adopt(t.Context(), goroot, version(t, r.Version))
	require.ErrorAs(t, err, new(*checksumdb.SecurityError))
	require.Empty(t, leftovers(t, i.Store))
}

// A copy that is broken off leaves nothing, and what a killed one left is swept.
func TestAdoptInterrupted(t *testing.T) {
	r := fakerelease.New("1.22.5")
	r.Ballast = 200
	server := fakerelease.Start(t, r)
	i, goroot := adopter(t, server), unpacked(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	i.Progress = &canceller{cancel: cancel}
	_, _, err := i.Adopt(ctx, goroot, version(t, r.Version))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, leftovers(t, i.Store))

	put(t, i.Store.stagingDir("1.21.0"), "go/VERSION", "go1.21.0\n")
	put(t, i.Store.stagingDir(r.Version), "go/VERSION", "go1.22.4\n")
	put(t, i.Store.stagingDir(r.Version), "go/src/half.go", "packa")
	i.Progress = &canceller{cancel: func() {}}
	_, _, err = i.Adopt(t.Context(), goroot, version(t, r.Version))
	require.NoError(t, err)
	require.Equal(t, []string{r.Version}, leftovers(t, i.Store))
}

// canceller calls cancel when it hears of the first file.
type canceller struct{ cancel func() }

func (c *canceller) Start(string, int64) {}
func (c *canceller) Add(int64)           { c.cancel() }
func (c *canceller) Finish()             {}

// What another plugin has put under the very name is not replaced.
func TestAdoptForeign(t *testing.T) {
	r := fakerelease.New("1.22.5")
	i, goroot := adopter(t, fakerelease.Start(t, r)), unpacked(t, r)
	put(t, i.Store.Dir(r.Version), "go/VERSION", "mine")
	_, _, err := i.Adopt(t.Context(), goroot, version(t, r.Version))
	require.ErrorIs(t, err, ErrForeign)
}
