package release

import "strings"

// Platform is what a toolchain runs on, in the words of GOOS and GOARCH.
type Platform struct {
	OS   string // GOOS: "linux"
	Arch string // GOARCH: "amd64", "arm" (never "armv6l")
}

// Archive is the platform as the names of release archives spell it:
// "linux-amd64", and "linux-armv6l" for linux/arm. Only linux is renamed: the
// JSON list says armv6l for freebsd and windows too, in 1.21rc2 to 1.22.12,
// while their file names say arm (golang/build ef977b72).
func (p Platform) Archive() string {
	if p.OS == "linux" && p.Arch == "arm" {
		return "linux-armv6l"
	}
	return p.OS + "-" + p.Arch
}

// Module is the platform as versions of golang.org/toolchain spell it:
// "linux-amd64", and "linux-arm" for linux/arm.
func (p Platform) Module() string { return p.OS + "-" + p.Arch }

// String is the platform as Go users write it: "linux/arm".
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// parseArchive is the reverse of Archive.
func parseArchive(s string) (Platform, bool) {
	os, arch, _ := strings.Cut(s, "-")
	if !isWord(os) || !isWord(arch) {
		return Platform{}, false
	}
	if os == "linux" && arch == "arm" {
		// go1.21rc2 has a linux-arm archive beside the linux-armv6l one.
		return Platform{}, false
	}
	if os == "linux" && arch == "armv6l" {
		arch = "arm"
	}
	return Platform{OS: os, Arch: arch}, true
}

// isWord says whether s looks like a GOOS or GOARCH.
func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
