package wsl

import "strings"

// isWSL1CommandLine knows the default of the registry value KernelCommandLine,
// with the " ro" of older builds. It is the whole line: OpenHarmony has the same
// words in the middle of its own.
func isWSL1CommandLine(line string) bool {
	rest, ok := strings.CutPrefix(line, "BOOT_IMAGE=/kernel init=/init")
	return ok && (rest == "" || rest == " ro" || rest == " rw")
}

// wsl2Start is how the line begins if WSL2 built it (WslCoreVm.cpp), or "". It is
// anchored: hosts that boot by an EFI stub have the same words elsewhere, or
// initrd=\initrd.img-5.19.0 in front. The Windows Subsystem for Android begins
// the same; it has words with androidboot. behind it.
func wsl2Start(line string) string {
	rest, ok := strings.CutPrefix(line, `initrd=\initrd.img `)
	if !ok {
		return ""
	}
	for _, mark := range []string{"WSL_ROOT_INIT=1 ", "WSLC_ROOT_INIT=1 "} {
		if after, ok := strings.CutPrefix(rest, mark); ok {
			rest = after
			break
		}
	}
	rest, ok = strings.CutPrefix(rest, "panic=-1")
	if !ok || rest != "" && rest[0] != ' ' {
		return ""
	}
	return line[:len(line)-len(rest)]
}

// kindOfName is the kind that a kernel's release speaks for, "" if none, and
// whether that is proof.
//
// WSL1's is one of two numbers, since 2017 with the build of the NT kernel. WSL2's
// was 4.19.x-microsoft-standard and then got its suffix; who builds a kernel may
// call it anything, but mostly keeps one of the words. Without the suffix they are
// no proof: Azure calls its own kernels 6.1.124.1-microsoft-standard, and there is
// one for Surface machines (systemd/systemd#15614, #21468). WSL1 of 2016 said
// 3.4.0+ (microsoft/WSL#1090).
func kindOfName(release string) (kind Kind, proof bool) {
	switch {
	case isWSL1Name(release):
		return WSL1, true
	case strings.Contains(release, "WSL2"), isEarlyWSL2Name(release):
		return WSL2, true
	case release == "3.4.0+":
		return WSL1, false
	}
	lower := strings.ToLower(release)
	if strings.Contains(lower, "microsoft") || strings.Contains(lower, "wsl") {
		return WSL2, false
	}
	return "", false
}

// isWSL1Name matches 3.4.0-Microsoft and 4.4.0-19041-Microsoft.
func isWSL1Name(release string) bool {
	rest, ok := strings.CutSuffix(release, "-Microsoft")
	number, build, built := strings.Cut(rest, "-")
	return ok && (number == "3.4.0" || number == "4.4.0") && (!built || isNumber(build))
}

// isEarlyWSL2Name matches 4.19.128-microsoft-standard, and the + of who built it
// from a changed tree.
func isEarlyWSL2Name(release string) bool {
	rest, ok := strings.CutSuffix(strings.TrimSuffix(release, "+"), "-microsoft-standard")
	patch, early := strings.CutPrefix(rest, "4.19.")
	return ok && early && isNumber(patch)
}

// hasBuildOfNT looks in /proc/version for #1234-Microsoft, which is the revision
// of a Windows update.
func hasBuildOfNT(version string) bool {
	for word := range strings.FieldsSeq(version) {
		build, ok := strings.CutSuffix(word, "-Microsoft")
		if ok && strings.HasPrefix(build, "#") && isNumber(build[1:]) {
			return true
		}
	}
	return false
}

func (f *files) isAndroid() bool {
	line := f.read("proc/cmdline")
	return wsl2Start(line) != "" && strings.Contains(line, "androidboot.") ||
		strings.Contains(f.release(), "windows-subsystem-for-android")
}

// hasWSLC tells whether the VM is that of Windows' own containers.
func (f *files) hasWSLC() bool {
	return strings.Contains(wsl2Start(f.read("proc/cmdline")), "WSLC_ROOT_INIT=1")
}

// name is the kind as people write it.
func name(k Kind) string { return strings.ToUpper(string(k)) }
