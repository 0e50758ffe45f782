package wsl

import "strings"

// azureTag is the asset tag that Azure gives its VMs, and Hyper-V elsewhere does
// not.
const azureTag = "7783-7084-3265-9085-8269-3286-77"

// hostNames are the kernels that only one host has.
var hostNames = []struct {
	part string
	host Host
}{
	{"windows-subsystem-for-android", WSA},
	{"-azure", Azure}, {".cm2", Azure}, {".azl", Azure}, // Ubuntu's for Azure, CBL-Mariner, Azure Linux
	{"-linuxkit", DockerDesktop}, {"-orbstack-", OrbStack}, {"-gvisor", GVisor},
}

// firmware is what VMs say in /sys/class/dmi/id: how vendor and product begin.
// WSL2 has no such directory (microsoft/WSL#11822), machines by Microsoft another
// product, Chromebooks by Google too.
var firmware = []struct {
	vendor, product string
	host            Host
}{
	{"Microsoft Corporation", "Virtual Machine", HyperV},
	{"QEMU", "", "qemu"}, {"VMware", "", "vmware"}, {"innotek GmbH", "", "virtualbox"}, {"Xen", "", "xen"},
	{"Parallels", "", "parallels"}, {"Amazon EC2", "", "ec2"}, {"Google", "Google Compute Engine", "gce"},
}

// findHost is what a Linux that is not WSL sits in, as far as anything says.
func findHost(f *files) (Host, Evidence) {
	if f.isAndroid() && wsl2Start(f.read("proc/cmdline")) != "" {
		return WSA, Evidence{Source: "/proc/cmdline", Found: f.read("proc/cmdline"), Says: "the Windows Subsystem for Android"}
	}
	release := f.release()
	for _, n := range hostNames {
		if strings.Contains(release, n.part) {
			return n.host, Evidence{Source: f.releaseSource(), Found: release, Says: "a kernel of " + string(n.host)}
		}
	}
	vendor, product := f.read("sys/class/dmi/id/sys_vendor"), f.read("sys/class/dmi/id/product_name")
	if f.read("sys/class/dmi/id/chassis_asset_tag") == azureTag {
		return Azure, Evidence{Source: "/sys/class/dmi/id/chassis_asset_tag", Found: azureTag, Says: "the tag of Azure's VMs"}
	}
	for _, n := range firmware {
		if strings.HasPrefix(vendor, n.vendor) && strings.HasPrefix(product, n.product) {
			return n.host, Evidence{Source: "/sys/class/dmi/id", Found: strings.TrimSpace(vendor + " " + product), Says: "firmware of a VM"}
		}
	}
	// gVisor gives every sandbox the same date, whatever release it says.
	const built = "#1 SMP Sun Jan 10 15:06:54 PST 2016"
	if strings.HasSuffix(f.read("proc/version"), built) {
		return GVisor, Evidence{Source: "/proc/version", Found: built, Says: "the date of gVisor"}
	}
	return chromeOS(f)
}

// chromeOS knows the firmware's word on the command line of the machine, and the
// marks of a container in its VM.
func chromeOS(f *files) (Host, Evidence) {
	for word := range strings.FieldsSeq(f.read("proc/cmdline")) {
		if word == "cros_secure" || word == "cros_efi" || word == "cros_legacy" {
			return ChromeOS, Evidence{Source: "/proc/cmdline", Found: word, Says: "a machine with ChromeOS"}
		}
	}
	for _, path := range []string{"dev/.cros_milestone", "opt/google/cros-containers"} {
		if f.exists(path) {
			return ChromeOS, Evidence{Source: "/" + path, Found: "exists", Says: "Linux on ChromeOS"}
		}
	}
	return "", Evidence{}
}

// wslHost is what a WSL sits in. Docker Desktop has a distribution of its own, and
// its containers say in their layers whose they are.
func wslHost(f *files) Host {
	root, _ := f.mounts().At("/")
	switch {
	case f.hasWSLC():
		return WSLC
	case distribution(f).Name == "Docker Desktop", distribution(f).PrettyName == "Docker Desktop",
		root.Type == "overlay" && strings.Contains(root.Options, "/desktop-containerd/"):
		return DockerDesktop
	}
	return Windows
}
