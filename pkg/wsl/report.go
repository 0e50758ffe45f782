package wsl

import "fmt"

// A Report is what [Detect] found. Its JSON names are stable.
type Report struct {
	Kind       Kind       `json:"kind"`
	Confidence Confidence `json:"confidence"`
	Step       int        `json:"step"`    // of the package comment, that decided
	Because    string     `json:"because"` // one line for people
	Missing    []string   `json:"missing"` // what would have made it surer, had it been there

	Host         Host         `json:"host"`
	Container    Container    `json:"container"`
	Distribution Distribution `json:"distribution"`
	Kernel       string       `json:"kernel_release"` // "" where no file says
	Mounts       Mounts       `json:"mounts"`
	Evidence     []Evidence   `json:"evidence"`
}

// Confidence is how sure a [Report] is of its kind.
type Confidence string

// From sure to thin.
const (
	Certain Confidence = "certain" // only this kind looks like that
	Likely  Confidence = "likely"  // one thing says so, and nothing else
	Low     Confidence = "low"     // too little is known; the kind is Native
)

// Evidence is one thing that was read.
type Evidence struct {
	Source  string `json:"source"`  // a path such as /proc/cmdline, "statfs /" or "environment"
	Found   string `json:"found"`   // what is there
	Says    string `json:"says"`    // what that means
	Decided bool   `json:"decided"` // whether it is why, see [Report.Because]
}

// String is one line for people, in which a long text is cut short. The text is
// that of files: who writes it to a terminal makes it printable first.
func (e Evidence) String() string {
	const most = 72
	found := e.Found
	if runes := []rune(found); len(runes) > most {
		found = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%s: %s: %s", e.Source, found, e.Says)
}

// A Host is the VM or machine that Linux sits in; "" is not known.
type Host string

// What a Linux may sit in. Of other VMs there are those that the firmware names.
const (
	Windows       Host = "windows"        // WSL1 and WSL2
	WSLC          Host = "wslc"           // the VM of Windows' own containers, a WSL2
	DockerDesktop Host = "docker-desktop" // its VM, or its distribution on WSL2
	HyperV        Host = "hyper-v"        // a VM that somebody made on Windows
	Azure         Host = "azure"
	WSA           Host = "wsa" // the Windows Subsystem for Android
	ChromeOS      Host = "chromeos"
	OrbStack      Host = "orbstack"
	GVisor        Host = "gvisor"
)

// A Container is what Linux runs in inside its kernel: docker, podman, wslc,
// containerd, lxc, or the name that another manager gave. "" is none.
type Container string

// The containers with a meaning here.
const (
	Docker        Container = "docker"
	Podman        Container = "podman"
	Containerd    Container = "containerd"
	LXC           Container = "lxc"
	WSLCContainer Container = "wslc"
)

// Distribution is from os-release(5). All are "" where there is no such file.
type Distribution struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	VersionID  string `json:"version_id"`
	PrettyName string `json:"pretty_name"`
}
