package goproxy

import (
	"strings"

	"golang.org/x/mod/module"
)

const (
	// ModulePath is the module that carries the toolchains.
	ModulePath = "golang.org/toolchain"

	versionPrefix = "v0.0.1-go"
)

// ModuleVersion names a toolchain as a version of [ModulePath]: Go 1.22.5 for
// linux and amd64 is "v0.0.1-go1.22.5.linux-amd64". goVersion may have its "go".
// The archives say "armv6l" where the modules say "arm"; both are taken.
func ModuleVersion(goVersion, goos, goarch string) string {
	if goarch == "armv6l" {
		goarch = "arm"
	}
	return versionPrefix + strings.TrimPrefix(goVersion, "go") + "." + goos + "-" + goarch
}

// ParseModuleVersion is the inverse of [ModuleVersion]. goVersion comes without
// "go"; ok is false for anything that is not such a name.
func ParseModuleVersion(s string) (goVersion, goos, goarch string, ok bool) {
	rest, ok := strings.CutPrefix(s, versionPrefix)
	dot := strings.LastIndexByte(rest, '.')
	if !ok || dot <= 0 || rest[0] < '0' || rest[0] > '9' {
		return "", "", "", false
	}
	goos, goarch, ok = strings.Cut(rest[dot+1:], "-")
	if !ok || !isWord(goos) || !isWord(goarch) {
		return "", "", "", false
	}
	if err := module.Check(ModulePath, s); err != nil {
		return "", "", "", false
	}
	return rest[:dot], goos, goarch, true
}

// isWord reports whether s could be a GOOS or GOARCH.
func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Path returns where a proxy keeps a file of a toolchain module, ext being "info",
// "mod" or "zip": "golang.org/toolchain/@v/v0.0.1-go1.22.5.linux-amd64.zip".
// Capitals are escaped as the protocol asks ("!a"); an impossible version is an error.
func Path(version, ext string) (string, error) {
	v, err := module.EscapeVersion(version)
	if err != nil {
		return "", err
	}
	return ModulePath + "/@v/" + v + "." + ext, nil
}
