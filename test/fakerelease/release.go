// Package fakerelease makes tiny Go releases and serves them over loopback as
// the world serves the real ones: a list like go.dev's, a mirror with tarballs,
// a module proxy, and a checksum database with a signed log. It is for tests.
//
//	server := fakerelease.Start(t, fakerelease.New("1.22.5"), fakerelease.New("1.23rc1"))
//	cmd.Env = append(cmd.Env, server.Env()...)
//
// A fake toolchain has the shape of a real one (see cmd/distpack in GOROOT): a
// VERSION file, executables, a go.mod below src, and directories that the
// tarball has and the module has not. Its bin/go is a shell script that answers
// `go version` and `go env GOROOT`. It cannot build anything.
//
// To lie, see [Server.Replace], [Server.Publish], [Server.Fork] and
// [Server.Intercept].
package fakerelease

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/dirhash"
)

// modulePath is the module whose versions are toolchains.
const modulePath = "golang.org/toolchain"

// Release is one version for one platform.
type Release struct {
	Version string // as upstream spells it, without "go": "1.22.5", "1.23rc1"
	Arch    string // GOARCH; the archive of arm is called armv6l

	// Padding is the size in bytes of a file that does not compress, so that a
	// transfer takes more than one packet. New sets 64 KiB.
	Padding int

	// Ballast is how many small files there are besides, so that unpacking takes
	// a while.
	Ballast int

	// Unlike makes the tarball differ from the module in one file, as tarballs
	// from before Go 1.21 do.
	Unlike bool
}

// New is a release for the platform that the test runs on.
func New(version string) Release {
	return Release{Version: version, Arch: runtime.GOARCH, Padding: 64 << 10}
}

// ModuleVersion is the version of the toolchain module, "v0.0.1-go1.22.5.linux-amd64".
func (r Release) ModuleVersion() string {
	return "v0.0.1-go" + r.Version + ".linux-" + r.Arch
}

// ArchiveName is the name of the tarball, "go1.22.5.linux-amd64.tar.gz".
func (r Release) ArchiveName() string {
	return "go" + r.Version + ".linux-" + r.archiveArch() + ".tar.gz"
}

func (r Release) archiveArch() string {
	if r.Arch == "arm" {
		return "armv6l"
	}
	return r.Arch
}

// script stands for the go command. A real one finds its GOROOT through links.
const script = `#!/bin/sh
self=$0
if [ -L "$self" ]; then
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%%/*}/$link ;;
  esac
fi
case $1 in
  version) echo "go version go%[1]s linux/%[2]s" ;;
  env)
    case $2 in
      GOROOT) cd "${self%%/*}/.." && pwd -P ;;
      GOVERSION) echo "go%[1]s" ;;
    esac
    ;;
  stdin) cat ;;
  *)
    echo "this go is a fake: $*" >&2
    exit 3
    ;;
esac
`

// Files are the files of the tarball by their names below go/.
func (r Release) Files() map[string]string {
	tools := "pkg/tool/linux_" + r.Arch + "/"
	files := map[string]string{
		"VERSION":           "go" + r.Version + "\ntime 2024-06-27T20:11:12Z\n",
		"LICENSE":           "a licence\n",
		"go.env":            "GOTOOLCHAIN=auto\n",
		"bin/go":            fmt.Sprintf(script, r.Version, r.Arch),
		"bin/gofmt":         "#!/bin/sh\ncat\n",
		tools + "compile":   "#!/bin/sh\necho compile version go" + r.Version + "\n",
		tools + "padding":   r.padding(),
		"src/go.mod":        "module std\n\ngo 1.22\n",
		"src/cmd/go.mod":    "module cmd\n\ngo 1.22\n",
		"src/fmt/print.go":  "package fmt\n",
		"src/empty.go":      "",
		"api/go1.txt":       "pkg fmt, func Print\n",
		"doc/README.md":     "a document\n",
		"misc/editors":      "an editor\n",
		"test/empty.go":     "package main\n",
		"lib/time/mkzip.go": "package main\n",
	}
	for i := range r.Ballast {
		name := fmt.Sprintf("src/ballast/%02d/%04d.go", i%40, i)
		files[name] = fmt.Sprintf("package ballast // %0900d\n", i)
	}
	return files
}

// padding is the same for the same version, in every process.
func (r Release) padding() string {
	seed := sha256.Sum256([]byte(r.Version))
	data := make([]byte, r.Padding)
	_, _ = rand.NewChaCha8(seed).Read(data)
	return string(data)
}

// moduleFiles are the files of the module by their names in the zip.
func (r Release) moduleFiles() map[string]string {
	files := make(map[string]string)
	for name, content := range r.Files() {
		switch top, _, _ := strings.Cut(name, "/"); top {
		case "api", "doc", "misc", "test":
			continue
		}
		if path.Base(name) == "go.mod" {
			name = path.Join(path.Dir(name), "_go.mod")
		}
		files[modulePath+"@"+r.ModuleVersion()+"/"+name] = content
	}
	return files
}

// Tarball is the archive as a mirror has it, for all to read and none to change.
func (r Release) Tarball() []byte { return made(&tarballs, r, r.pack) }

// Zip is the module as a proxy has it, likewise.
func (r Release) Zip() []byte { return made(&zips, r, r.packModule) }

// What was made once is kept: to compress it takes longer than to install it.
var tarballs, zips sync.Map // of Release to func() []byte

func made(kept *sync.Map, r Release, pack func() []byte) []byte {
	once, _ := kept.LoadOrStore(r, sync.OnceValue(pack))
	return once.(func() []byte)()
}

func (r Release) pack() []byte {
	files := r.Files()
	if r.Unlike {
		files["src/fmt/print.go"] = "package fmt // as it was packed then\n"
	}
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	tw := tar.NewWriter(gz)
	for _, name := range sortedNames(files) {
		mode := int64(0o644)
		if strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
			mode = 0o755
		}
		must(tw.WriteHeader(&tar.Header{
			Name: "go/" + name, Mode: mode, Size: int64(len(files[name])), ModTime: time.Unix(1719519072, 0),
		}))
		must2(io.WriteString(tw, files[name]))
	}
	must(tw.Close())
	must(gz.Close())
	return buf.Bytes()
}

func (r Release) packModule() []byte {
	files := r.moduleFiles()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, name := range sortedNames(files) {
		w, err := zw.Create(name)
		must(err)
		must2(io.WriteString(w, files[name]))
	}
	must(zw.Close())
	return buf.Bytes()
}

// H1 is the hash of the module that the checksum database has.
func (r Release) H1() string {
	files := r.moduleFiles()
	h1, err := dirhash.Hash1(sortedNames(files), func(name string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(files[name])), nil
	})
	must(err)
	return h1
}

// SHA256 is the sum of the tarball, in hex.
func (r Release) SHA256() string {
	sum := sha256.Sum256(r.Tarball())
	return hex.EncodeToString(sum[:])
}

func sortedNames(files map[string]string) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// must is for errors that writing to memory cannot give.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must2[T any](_ T, err error) { must(err) }
