package doctor

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// confKeys are those of /etc/wsl.conf (microsoft/WSL,
// src/linux/init/WslDistributionConfig.h).
var confKeys = strings.Fields(`automount.enabled automount.root automount.options automount.mountFsTab automount.ldconfig
	automount.cgroups interop.enabled interop.appendWindowsPath boot.systemd boot.command boot.initTimeout
	boot.protectBinfmt network.generateHosts network.generateResolvConf network.hostname user.default
	filesystem.umask time.useWindowsTimezone gpu.enabled gpu.appendLibPath`)

// wslconfigKeys are those of .wslconfig (src/windows/common/WslCoreConfig.cpp and
// Microsoft's page about it).
var wslconfigKeys = strings.Fields(`wsl2.memory wsl2.processors wsl2.swap wsl2.swapFile wsl2.kernel wsl2.kernelCommandLine
	wsl2.kernelModules wsl2.networkingMode wsl2.dnsTunneling wsl2.dnsProxy wsl2.firewall wsl2.autoProxy
	wsl2.localhostForwarding wsl2.nestedVirtualization wsl2.guiApplications wsl2.gpuSupport wsl2.debugConsole
	wsl2.hardwarePerformanceCounters wsl2.vmIdleTimeout wsl2.virtiofs wsl2.isolateDistroCgroup wsl2.defaultVhdSize
	wsl2.safeMode wsl2.maxCrashDumpCount wsl2.pageReporting wsl2.virtio9p wsl2.earlyBootLogging
	wsl2.kernelDebugPort wsl2.debugConsoleLogFile wsl2.systemDistro wsl2.telemetry wsl2.kernelBootTimeout
	wsl2.distributionStartTimeout wsl2.mountDeviceTimeout wsl2.hostFileSystemAccess wsl2.loadKernelModules
	wsl2.vmSwitch wsl2.macAddress wsl2.dhcp wsl2.dhcpTimeout wsl2.ipv6 general.distributionInstallPath
	general.instanceIdleTimeout experimental.autoMemoryReclaim experimental.sparseVhd
	experimental.bestEffortDnsParsing experimental.hostAddressLoopback experimental.ignoredPorts
	experimental.dnsTunnelingIpAddress experimental.initialAutoProxyTimeout experimental.networkingMode
	experimental.dnsTunneling experimental.firewall experimental.autoProxy experimental.useWindowsDnsCache`)

func configChecks() []Check {
	return []Check{
		{
			ID: "wsl-conf", Title: "/etc/wsl.conf", Look: lookConf,
			Reads:   "`/etc/wsl.conf`",
			Decides: "Windows line ends, a byte order mark, and keys that are nearly ones that WSL knows are warnings; keys that look like none are info",
			Why:     "WSL silently ignores what it cannot read (microsoft/WSL#12502): no systemd, no metadata, the Windows PATH back",
			Cure:    "correct the keys in /etc/wsl.conf, then wsl.exe --shutdown",
		},
		{
			ID: "wslconfig", Title: ".wslconfig of the Windows user", Look: lookWslconfig,
			Reads:   "`Users/*/.wslconfig` on the drives of Windows, or below `USERPROFILE`",
			Decides: "keys that are nearly ones that WSL knows are warnings; what the settings mean to builds and benchmarks is info",
			Why:     "WSL silently ignores what it does not know, and the VM keeps its defaults: half of the memory, all processors",
			Cure:    "correct the keys in .wslconfig, then wsl.exe --shutdown",
		},
	}
}

func lookConf(_ context.Context, m *Machine) Finding {
	if !m.isWSL() {
		return skipped("only WSL reads it")
	}
	text, there := m.read("/etc/wsl.conf")
	if !there {
		return ok("no /etc/wsl.conf: all defaults")
	}
	var bad, cures []string
	if strings.HasPrefix(text, "\ufeff") {
		bad = append(bad, "a byte order mark")
		cures = append(cures, `1s/^\xEF\xBB\xBF//`)
	}
	if strings.Contains(text, "\r\n") {
		bad = append(bad, "Windows line ends")
		cures = append(cures, `s/\r$//`)
	}
	f := lookKeys(wsl.ParseSettings(text), confKeys)
	if len(bad) > 0 {
		f.Evidence = append(f.Evidence, f.Text)
		f.Status, f.Text = Warning, "it has "+strings.Join(bad, " and ")
		f.Cure = fmt.Sprintf("sudo sed -i '%s' /etc/wsl.conf, then wsl.exe --shutdown", strings.Join(cures, "; "))
	}
	return f
}

// lookKeys judges the names of settings.
func lookKeys(settings wsl.Settings, known []string) Finding {
	wrong, strange := misspelt(settings, known)
	f := ok("%d settings, all known", len(settings))
	if len(strange) > 0 {
		f.Status, f.Text = Info, "not known here, perhaps to a newer WSL: "+strings.Join(strange, ", ")
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		texts = append(texts, fmt.Sprintf("%s is not known, %s is", name, wrong[name]))
	}
	if len(texts) > 0 {
		f.Status, f.Text = Warning, strings.Join(texts, "; ")
	}
	return f
}

// meanings are what settings of .wslconfig do to builds and benchmarks.
var meanings = []struct{ key, means string }{
	{"wsl2.memory", "builds that link large programs are killed when it is used up; the Windows default is half of the memory"},
	{"wsl2.processors", "GOMAXPROCS and go build -p follow it"},
	{"wsl2.networkingMode", "mirrored makes loopback addresses those of Windows; it falls back to nat without a word where it cannot be had"},
	{"experimental.autoMemoryReclaim", "dropCache empties the page cache while idle, so that the next build or benchmark starts cold; gradual takes it back bit by bit"},
	{"experimental.sparseVhd", "the disk gives the space of a cleaned module cache back to Windows"},
	{"wsl2.hardwarePerformanceCounters", "false takes the counters from perf"},
}

func lookWslconfig(_ context.Context, m *Machine) Finding {
	if m.Report.Kind != wsl.WSL2 {
		return skipped("only WSL2 has a VM to configure")
	}
	files := m.wslconfigs()
	if len(files) == 0 {
		return ok("no .wslconfig to be seen: all defaults")
	}
	var f Finding
	for _, file := range files {
		text, _ := m.read(file)
		settings := wsl.ParseSettings(text)
		g := lookKeys(settings, wslconfigKeys)
		said := 0
		for _, meaning := range meanings {
			if s, ok := settings.Get(meaning.key); ok {
				g.Evidence = append(g.Evidence, fmt.Sprintf("%s: %s=%s: %s", file, meaning.key, s.Value, meaning.means))
				said++
			}
		}
		if g.Status == OK && said > 0 {
			g.Status, g.Text = Info, strconv.Itoa(said)+" settings that builds and benchmarks feel"
		}
		g.Text = file + ": " + g.Text
		if f.Status == "" || g.Status == Warning && f.Status != Warning {
			g.Evidence, f.Evidence = append(f.Evidence, g.Evidence...), nil
			f = g
		} else {
			f.Evidence = append(f.Evidence, g.Evidence...)
		}
	}
	return f
}

// wslconfigs are the files of the Windows users, of one if USERPROFILE is shared
// through WSLENV, which translates it with /p.
func (m *Machine) wslconfigs() (files []string) {
	if home := absolute(m.Env("USERPROFILE")); home != "" {
		if file := path.Join(home, ".wslconfig"); m.exists(file) {
			return []string{file}
		}
		return nil
	}
	for _, mount := range m.Report.Mounts {
		if !mount.Windows {
			continue
		}
		for _, user := range m.list(path.Join(mount.Point, "Users")) {
			if user == "All Users" || user == "Default User" {
				continue // junctions to other users
			}
			if file := path.Join(mount.Point, "Users", user, ".wslconfig"); m.exists(file) && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files
}
