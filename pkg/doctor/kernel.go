package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

func kernelChecks() []Check {
	return []Check{
		{
			ID: "systemd", Title: "systemd", Look: lookSystemd,
			Reads:   "`/run/systemd/system`, `/etc/wsl.conf`",
			Decides: "asked for in wsl.conf, but not running, is a warning on WSL2; not running is info",
			Why:     "without it there are no user services and no cgroup of one's own to limit a build or a benchmark with",
			Cure:    "wsl.exe --shutdown, then a new shell; systemd needs WSL 0.67.6 or later (wsl.exe --update)",
		},
		{
			ID: "cgroup", Title: "cgroup v2 and its controllers", Look: lookCgroup,
			Reads:   "the mounts, `/sys/fs/cgroup/cgroup.controllers`",
			Decides: "no cgroup v2, or one without cpu and memory, is info",
			Why:     "Go 1.25 and later set GOMAXPROCS by the CPU limit of the cgroup; tools read memory limits there",
		},
		{
			ID: "psi", Title: "pressure stall information", Look: lookPSI,
			Reads:   "`/proc/pressure`",
			Decides: "absent is info",
			Why:     "without it nothing tells that a benchmark waited for CPU, memory or disk",
		},
		{
			ID: "limits", Title: "limits of open files and inotify", Look: lookLimits,
			Reads:   "`/proc/self/limits`, `/proc/sys/fs/inotify`",
			Decides: "a hard limit below 4096 open files is a warning; fewer than 16384 inotify watches, or 128 instances, is info, but on WSL1, which does not count them",
			Why:     "large builds and servers under test run out of files; editors and tools that reload run out of watches and miss changes",
		},
		{
			ID: "perf", Title: "perf and hardware counters", Look: lookPerf,
			Reads:   "`/proc/sys/kernel/perf_event_paranoid`, `/sys/bus/event_source/devices`",
			Decides: "no perf, no hardware counters, or perf for root alone, is info",
			Why:     "benchmarks can be told apart by instructions and cache misses only with perf; pprof and PGO need none of it",
		},
	}
}

// noProc is so in a chroot: nothing follows from what is not there then.
const noProc = "/proc is not mounted"

func lookSystemd(_ context.Context, m *Machine) Finding {
	if m.Report.Kind != wsl.WSL2 || m.Report.Container != "" {
		return skipped("matters on WSL2 only, outside of containers")
	}
	if m.exists("/run/systemd/system") {
		return ok("runs")
	}
	text, _ := m.read("/etc/wsl.conf")
	if s, ok := wsl.ParseSettings(text).Get("boot.systemd"); ok && strings.EqualFold(s.Value, "true") {
		return Finding{Status: Warning, Text: "wsl.conf asks for systemd, but it does not run"}
	}
	return Finding{Status: Info, Text: "does not run; [boot] systemd=true in /etc/wsl.conf would start it"}
}

func lookCgroup(_ context.Context, m *Machine) Finding {
	switch {
	case m.Report.Kind == wsl.WSL1:
		return skipped("WSL1 has none")
	case !m.exists("/proc/self"):
		return skipped(noProc)
	}
	i := slices.IndexFunc(m.Report.Mounts, func(mount wsl.Mount) bool { return mount.Type == "cgroup2" })
	if i < 0 {
		f := Finding{Status: Info, Text: "no cgroup v2 is mounted"}
		if m.isWSL() {
			f.Text += "; WSL has v2 alone from 2.5 on"
		}
		return f
	}
	point := m.Report.Mounts[i].Point
	text, _ := m.read(point + "/cgroup.controllers")
	controllers := strings.Fields(text)
	f := ok("v2 on %s with %s", point, strings.Join(controllers, " "))
	for _, want := range []string{"cpu", "memory"} {
		if !slices.Contains(controllers, want) {
			f.Status = Info
			f.Text = "v2 on " + point + " without the controllers for cpu or memory"
			f.Evidence = []string{"cgroup.controllers: " + strings.TrimSpace(text)}
		}
	}
	return f
}

func lookPSI(_ context.Context, m *Machine) Finding {
	switch {
	case m.Report.Kind == wsl.WSL1:
		return skipped("WSL1 has none")
	case !m.exists("/proc/self"):
		return skipped(noProc)
	case m.exists("/proc/pressure/cpu"):
		return ok("there is /proc/pressure")
	case m.Report.Kind == wsl.WSL2:
		return Finding{Status: Info, Text: "no /proc/pressure; kernels of WSL have it from 6.18 on, with kernelCommandLine=psi=1 below [wsl2] in .wslconfig"}
	}
	return Finding{Status: Info, Text: "no /proc/pressure"}
}
