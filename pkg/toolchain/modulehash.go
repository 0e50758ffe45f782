package toolchain

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// modulePrefix is what every name in the module zip of a release begins with.
func modulePrefix(version string, p release.Platform) string {
	return goproxy.ModulePath + "@" + goproxy.ModuleVersion(version, p.OS, p.Arch) + "/"
}

// notInModule are the directories of a release archive that its module lacks
// (cmd/distpack, pack.go: modArch.Remove).
var notInModule = []string{"api/", "doc/", "misc/", "test/"}

// inModule reports whether a file of a GOROOT is part of the release's module.
func inModule(name string) bool {
	return !slices.ContainsFunc(notInModule, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

// moduleName is the name in the module of a file of a GOROOT. A module may not
// hold another module, so cmd/distpack hides every go.mod (RenameGoMod).
func moduleName(name string) string {
	if dir, base := path.Split(name); base == "go.mod" {
		return dir + "_go.mod"
	}
	return name
}

// fileName is the other way round: the name on disk of a file of the module.
func fileName(name string) string {
	if dir, base := path.Split(name); base == "_go.mod" {
		return dir + "go.mod"
	}
	return name
}

// moduleHash is the "h1:" hash that golang.org/x/mod/sumdb/dirhash gives the
// module of these files, computed from the hashes that unpacking left, so that
// no file is read twice. The names are below GOROOT.
func moduleHash(files []archive.File, prefix string) string {
	lines := make([]string, 0, len(files))
	for _, f := range files {
		lines = append(lines, moduleName(f.Name)+"\n"+string(f.SHA256[:]))
	}
	slices.Sort(lines) // by name: "\n" is below every character of a name
	h := sha256.New()
	for _, line := range lines {
		name, sum, _ := strings.Cut(line, "\n")
		fmt.Fprintf(h, "%x  %s%s\n", sum, prefix, name)
	}
	return "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// moduleFiles are the files that the release's module consists of. A module zip
// holds nothing else; a release archive does.
func moduleFiles(files []archive.File, format release.Format) []archive.File {
	if format == release.Zip {
		return files
	}
	kept := make([]archive.File, 0, len(files))
	for _, f := range files {
		if inModule(f.Name) {
			kept = append(kept, f)
		}
	}
	return kept
}
