package doctor

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// What is enough. Linux itself gives 4096 files and 128 instances where nobody says
// otherwise. Until 5.11 it gave 8192 watches, one for each directory, which a large
// project uses up with an editor and a tool that reloads it.
const (
	enoughFiles     = 4096
	enoughWatches   = 16384
	enoughInstances = 128
)

// A ceiling is one limit of this machine.
type ceiling struct {
	what      string
	n, enough uint64
	status    Status // if it is not enough
	cure      string
}

func (c ceiling) String() string {
	if c.n == math.MaxUint64 {
		return "unlimited " + c.what
	}
	return fmt.Sprintf("%d %s", c.n, c.what)
}

func (m *Machine) ceilings() (list []ceiling) {
	if n, ok := m.openFiles(); ok {
		list = append(list, ceiling{
			"open files", n, enoughFiles, Warning,
			"sudo prlimit --pid $$ --nofile=65536:65536 for this shell; nofile in /etc/security/limits.conf for those to come",
		})
	}
	const inotify = "/proc/sys/fs/inotify/"
	if m.Report.Kind == wsl.WSL1 { // where these are stubs
		return list
	}
	if n, err := m.number(inotify + "max_user_watches"); err == nil {
		list = append(list, ceiling{"inotify watches", n, enoughWatches, Info, "sudo sysctl fs.inotify.max_user_watches=524288"})
	}
	if n, err := m.number(inotify + "max_user_instances"); err == nil {
		list = append(list, ceiling{"inotify instances", n, enoughInstances, Info, "sudo sysctl fs.inotify.max_user_instances=512"})
	}
	return list
}

func lookLimits(_ context.Context, m *Machine) Finding {
	f := Finding{Status: OK}
	var low []string
	for _, c := range m.ceilings() {
		f.Evidence = append(f.Evidence, c.String())
		if c.n >= c.enough {
			continue
		}
		low = append(low, "only "+c.String())
		if f.Status == OK {
			f.Status, f.Cure = c.status, c.cure
		}
	}
	if f.Text = strings.Join(low, ", "); f.Text == "" {
		f.Text = strings.Join(f.Evidence, ", ")
	}
	if f.Text == "" {
		return skipped("/proc does not tell")
	}
	return f
}

// openFiles is the hard limit. The soft one does not matter: since 1.19 Go raises
// it by itself.
func (m *Machine) openFiles() (n uint64, ok bool) {
	text, _ := m.read("/proc/self/limits")
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, "Max open files")
		fields := strings.Fields(rest)
		if !found || len(fields) < 2 {
			continue
		}
		if fields[1] == "unlimited" {
			return math.MaxUint64, true
		}
		n, err := strconv.ParseUint(fields[1], 10, 64)
		return n, err == nil
	}
	return 0, false
}

// number is a file of /proc/sys.
func (m *Machine) number(file string) (uint64, error) {
	text, _ := m.read(file)
	return strconv.ParseUint(strings.TrimSpace(text), 10, 64)
}

func lookPerf(_ context.Context, m *Machine) Finding {
	switch {
	case m.Report.Kind == wsl.WSL1:
		return skipped("WSL1 has none")
	case !m.exists("/proc/self"):
		return skipped(noProc)
	}
	text, there := m.read("/proc/sys/kernel/perf_event_paranoid")
	if !there {
		return Finding{Status: Info, Text: "this kernel has no perf"}
	}
	paranoid, _ := strconv.Atoi(strings.TrimSpace(text))
	f := ok("perf counts cycles of a CPU, and perf_event_paranoid is %d", paranoid)
	const file = "/sys/bus/event_source/devices"
	if sources := m.list(file); len(sources) > 0 && !hasCounters(sources) {
		f.Status, f.Text = Info, "no hardware counters for perf"
		f.Evidence = []string{file + ": " + strings.Join(sources, " ")}
		if m.Report.Kind == wsl.WSL2 {
			f.Text += "; hardwarePerformanceCounters below [wsl2] in .wslconfig is their switch, from WSL 0.50.2 on"
		}
	}
	if paranoid > 2 {
		f.Status = Info
		f.Text = fmt.Sprintf("perf is for root alone: perf_event_paranoid is %d", paranoid)
		f.Cure = "sudo sysctl kernel.perf_event_paranoid=2"
	}
	return f
}

// hasCounters reports whether a CPU is among the sources of events. It is called
// cpu, or by its architecture, and hybrid ones are two.
func hasCounters(sources []string) bool {
	for _, s := range sources {
		if s == "cpu" || strings.HasPrefix(s, "cpu_") || strings.HasPrefix(s, "armv") || strings.HasPrefix(s, "apple_") {
			return true
		}
	}
	return false
}
