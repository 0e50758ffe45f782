// Package wsl tells WSL1, WSL2 and other Linux apart, by evidence that survives
// sudo, ssh and services: the kernel's name, its command line and the mounts,
// never the environment.
//
//	kind := wsl.Detect(os.DirFS("/"))
//	if kind == wsl.WSL1 { … }
//
// The file system handed in is laid out like /, so that a test, or another
// machine's files, can stand in for it. What is missing is not evidence; where
// nothing decides, the answer is [Native].
package wsl

import (
	"io/fs"
	"regexp"
	"strings"
)

// A Kind is a way to run Linux that Go installs must not be shared across.
type Kind string

// WSL "3" is a version of the package only; its distributions are still of
// kind 1 or 2 (wsl --set-default-version 3 fails).
const (
	WSL1   Kind = "wsl1"   // system calls translated by the NT kernel
	WSL2   Kind = "wsl2"   // a Linux kernel in a utility VM
	Native Kind = "native" // any other Linux
)

var (
	// The default of the registry value KernelCommandLine; older builds add " ro".
	wsl1CommandLine = regexp.MustCompile(`^BOOT_IMAGE=/kernel init=/init( r[ow])?$`)
	// WslCoreVm.cpp builds it. Anchored: hosts booted through an EFI stub have the
	// same words elsewhere in the line.
	wsl2CommandLine = regexp.MustCompile(`^initrd=\\initrd\.img (WSLC?_ROOT_INIT=1 )?panic=-1( |$)`)

	wsl1Release = regexp.MustCompile(`^(3\.4\.0|4\.4\.0)(-\d+)?-Microsoft$`)
	wsl2Release = regexp.MustCompile(`WSL2|^4\.19\.\d+-microsoft-standard\+?$`)
)

// Detect reads proc/ below root and decides. The order goes from what cannot be
// otherwise to what a custom kernel may change.
func Detect(root fs.FS) Kind {
	cmdline := read(root, "proc/cmdline")
	release := read(root, "proc/sys/kernel/osrelease")
	switch {
	case hasWSL1Mount(read(root, "proc/self/mountinfo")):
		return WSL1
	case wsl1CommandLine.MatchString(cmdline):
		return WSL1
	case wsl2CommandLine.MatchString(cmdline) && !strings.Contains(cmdline, "androidboot."):
		return WSL2 // the Windows Subsystem for Android has the same prefix
	case wsl1Release.MatchString(release), strings.Contains(read(root, "proc/version"), "(Microsoft@Microsoft.com)"):
		return WSL1
	case wsl2Release.MatchString(release):
		return WSL2
	}
	return Native
}

// hasWSL1Mount looks for file systems that only the NT kernel provides. WSL2
// says drvfs in sources and options, never as a type.
func hasWSL1Mount(mountinfo string) bool {
	for line := range strings.Lines(mountinfo) {
		_, after, _ := strings.Cut(line, " - ")
		point := strings.Fields(line)
		kind, _, _ := strings.Cut(after, " ")
		if kind == "drvfs" || len(point) > 4 && point[4] == "/" && (kind == "lxfs" || kind == "wslfs") {
			return true
		}
	}
	return false
}

func read(root fs.FS, name string) string {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(data), "\n")
}
