package wsl

import (
	"fmt"
	"slices"
	"strings"
)

// wslfs is what statfs(2) calls both file systems that WSL1 has for /
// (dotnet/corefx#32379).
const wslfs = 0x53464846

// weight is what a clue is good for.
type weight int

const (
	notes    weight = iota // says something, but nothing about the kind
	confirms               // makes a kind surer that something else gives
	backs                  // a second witness for a name that is no proof
	carries                // a witness that needs no name
	claims                 // a name that needs a second witness
	decides                // nothing else looks like that
)

// A clue is evidence and what it is worth. Kind "" is WSL of either kind.
type clue struct {
	Evidence
	step   int
	kind   Kind
	weight weight
}

// observe collects all clues, in the order of the steps.
func observe(f *files) (clues []clue) {
	for _, look := range []func(*files) []clue{
		rootClues, mountClues, commandLineClues, nameClues, shareClues, probeClues, environmentClues,
	} {
		clues = append(clues, look(f)...)
	}
	return clues
}

// observeKind collects those that the kind needs.
func observeKind(f *files) (clues []clue) {
	for _, look := range []func(*files) []clue{rootClues, mountClues, commandLineClues, nameClues} {
		clues = append(clues, look(f)...)
		if has(clues, decides) {
			return clues
		}
	}
	clues = append(clues, shareClues(f)...)
	if has(clues, claims) {
		clues = append(clues, probeClues(f)...)
	}
	return clues
}

func has(clues []clue, w weight) bool {
	return slices.ContainsFunc(clues, func(c clue) bool { return c.weight == w })
}

func rootClues(f *files) []clue {
	if f.RootType != wslfs {
		return nil
	}
	return []clue{{Evidence{Source: "statfs /", Found: fmt.Sprintf("type %#x", f.RootType), Says: "a file system of WSL1"}, 2, WSL1, decides}}
}

// mountClues are the file systems that the NT kernel provides. One of each is
// enough.
func mountClues(f *files) (clues []clue) {
	seen := make(map[string]bool)
	for _, m := range f.mounts() {
		switch m.Type {
		case "lxfs", "wslfs", "drvfs":
			if !seen[m.Type] {
				clues = append(clues, clue{Evidence{Source: f.table, Found: m.String(), Says: "only WSL1 has the type " + m.Type}, 2, WSL1, decides})
			}
			seen[m.Type] = true
		}
	}
	return clues
}

func commandLineClues(f *files) []clue {
	line := f.read("proc/cmdline")
	if line == "" {
		return nil
	}
	c := clue{Evidence: Evidence{Source: "/proc/cmdline", Found: line, Says: "not a command line of WSL"}}
	switch start := wsl2Start(line); {
	case isWSL1CommandLine(line):
		c.Says, c.step, c.kind, c.weight = "the command line that WSL1 makes up", 3, WSL1, decides
	case start != "" && strings.Contains(line, "androidboot."):
		c.Says = "the Windows Subsystem for Android"
	case start != "":
		c.Says, c.step, c.kind, c.weight = "begins as WSL2 boots its VM", 4, WSL2, decides
	}
	return []clue{c}
}

// nameClues are the kernel's release and, for WSL1, who built it.
func nameClues(f *files) (clues []clue) {
	version := f.read("proc/version")
	if strings.Contains(version, "(Microsoft@Microsoft.com)") {
		clues = append(clues, clue{Evidence{Source: "/proc/version", Found: "(Microsoft@Microsoft.com)", Says: "the builder of WSL1's name"}, 5, WSL1, decides})
	}
	release := f.release()
	if release == "" {
		return clues
	}
	c := clue{Evidence: Evidence{Source: f.releaseSource(), Found: release, Says: "not a name of WSL"}}
	switch kind, proof := kindOfName(release); {
	case proof:
		c.Says, c.step, c.kind, c.weight = "a name that only "+name(kind)+" has", 5, kind, decides
	case kind != "":
		c.Says, c.step, c.kind, c.weight = "a name that "+name(kind)+" can have, and others", 6, kind, claims
	}
	clues = append(clues, c)
	if hasBuildOfNT(version) {
		clues = append(clues, clue{Evidence{Source: "/proc/version", Found: "#…-Microsoft", Says: "counts builds as Windows does"}, 6, WSL1, backs})
	}
	return clues
}

// shareClues are the mounts that WSL2 makes. A drive of Windows carries the
// decision alone: nothing else has a share with that name. The others are where
// and what WSL2 mounts, and that could be chance.
func shareClues(f *files) (clues []clue) {
	seen := make(map[string]bool)
	add := func(m Mount, says string, w weight) {
		if !seen[says] {
			clues = append(clues, clue{Evidence{Source: f.table, Found: m.String(), Says: says}, 6, WSL2, w})
		}
		seen[says] = true
	}
	for _, m := range f.mounts() {
		switch {
		case m.Windows && m.Type != "drvfs":
			add(m, "a Windows drive as WSL2 mounts it", carries)
		case m.Type == "tmpfs" && (strings.HasSuffix(m.Point, "/wsl") || strings.HasSuffix(m.Point, "/wslg")):
			add(m, "what distributions on WSL2 share", backs)
		case m.Point == "/init" && (m.Type == "rootfs" || m.Type == "9p" && (m.Source == "tools" || m.hasOption("aname=tools"))):
			add(m, "the init that WSL2 mounts", backs)
		}
	}
	return clues
}

// probeClues are files that WSL makes. /init is not one of them: many systems
// have a file of that name.
func probeClues(f *files) (clues []clue) {
	add := func(path, found, says string, kind Kind) {
		clues = append(clues, clue{Evidence{Source: "/" + path, Found: found, Says: says}, 6, kind, backs})
	}
	if f.exists("run/WSL") {
		add("run/WSL", "exists", "WSL keeps its sockets there", "")
	}
	// Both names were in use, the second in 2025 (microsoft/WSL#13467).
	for _, name := range []string{"WSLInterop", "WSLInterop-late"} {
		if path := "proc/sys/fs/binfmt_misc/" + name; f.exists(path) {
			add(path, "exists", "WSL starts Windows programs so", "")
		}
	}
	if f.read("run/systemd/container") == "wsl" {
		add("run/systemd/container", "wsl", "systemd was started by WSL2", WSL2)
	}
	if f.exists("dev/lxbus") {
		add("dev/lxbus", "exists", "a device of WSL1", WSL1)
	}
	return clues
}

// environmentClues confirm. Any process may set these, and sudo, ssh and
// services lose them.
func environmentClues(f *files) (clues []clue) {
	for _, v := range []struct {
		name string
		kind Kind
	}{{"WSL_DISTRO_NAME", ""}, {"WSL_INTEROP", WSL2}, {"WSL2_GUI_APPS_ENABLED", WSL2}} {
		if value := f.Env(v.name); value != "" {
			clues = append(clues, clue{Evidence{Source: "environment", Found: v.name + "=" + value, Says: "WSL sets it"}, 9, v.kind, confirms})
		}
	}
	return clues
}
