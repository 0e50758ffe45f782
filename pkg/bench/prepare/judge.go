package prepare

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// Facts are what is judged.
type Facts struct {
	Snapshot *snapshot.Snapshot
	Rate     *Rate // of the clock; nil is not measured
	CPUs     []int // on which what is measured is pinned; nil are all
	Tracing  bool  // whether the execution tracer of Go is to run while it is measured
	// Counters are those of the processor that perf_event_open(2) has here, and Missing
	// why it has not the others, by name.
	Counters []string
	Missing  map[string]string
}

// LoadLimit is how much of the processors others may need: a load of 0.2 for each, as
// golang.org/x/benchmarks has it.
const LoadLimit = 0.2

// Judge says of each thing that might disturb whether it does. It changes nothing.
func Judge(f Facts) (findings []Finding) {
	for _, rule := range rules() {
		if finding, ok := rule(f); ok {
			findings = append(findings, finding)
		}
	}
	return findings
}

// A rule looks at one thing. ok is false where the thing does not exist there, such as
// what WSL does on a machine that is none.
type rule func(Facts) (finding Finding, ok bool)

func rules() []rule {
	return []rule{
		load, pressure, governor, frequency, swap, hugePages, memoryReclaim, battery, powerPlan,
		clockSource, clockStep, clockRate, clockSlew, suspend, timerSlack,
		cpus, procs, throttled, tracing, tracer, loopback, counters,
	}
}

func (f Facts) value(group, name string) string { return f.Snapshot.Value(group, name) }

func (f Facts) number(group, name string) (float64, bool) {
	v, err := strconv.ParseFloat(f.value(group, name), 64)
	return v, err == nil
}

// said is a finding of a verdict.
func said(name, value string, verdict Verdict, format string, args ...any) (Finding, bool) {
	return Finding{Name: name, Value: value, Verdict: verdict, Text: fmt.Sprintf(format, args...)}, true
}

// unknown is a finding about something that the machine does not tell.
func (f Facts) unknown(name, group, fact string) (Finding, bool) {
	why := "not looked at"
	if found, ok := f.Snapshot.Get(group, fact); ok {
		why = found.Absent
	}
	return said(name, "", Unknown, "not known: %s", why)
}

func (f Facts) isWSL() bool { return strings.HasPrefix(f.value("identity", "kind"), "wsl") }

func load(f Facts) (Finding, bool) {
	load1, ok := f.number("scheduler", "load1")
	n, okCPUs := f.number("scheduler", "cpus")
	if !ok || !okCPUs {
		return f.unknown("load", "scheduler", "load1")
	}
	value := f.value("scheduler", "load1")
	if limit := LoadLimit * n; load1 >= limit {
		return said("load", value, Warn, "%s", busy(load1, limit))
	}
	return said("load", value, OK, "nobody else needs the processors")
}

func pressure(f Facts) (Finding, bool) {
	waits, ok := f.number("scheduler", "psi-cpu-some-avg10")
	if !ok {
		return f.unknown("pressure", "scheduler", "psi-cpu")
	}
	value := f.value("scheduler", "psi-cpu-some-avg10") + " %"
	if waits > 1 {
		return said("pressure", value, Warn, "for %.1f %% of the last ten seconds something waited for a processor", waits)
	}
	return said("pressure", value, OK, "nothing waits for a processor")
}

func governor(f Facts) (Finding, bool) {
	value := f.value("cpu", "governor")
	switch {
	case value == "" && f.value("cpu", "clock-flags") != "" && strings.Contains(f.value("cpu", "clock-flags"), "hypervisor"):
		return said("governor", "", Unknown, "not seen from inside a virtual machine: the host decides how fast the processors are")
	case value == "":
		return f.unknown("governor", "cpu", "governor")
	case value == "performance":
		return said("governor", value, OK, "the processors do not slow down to save power")
	}
	return said("governor", value, Warn, "the processors slow down when they have little to do, and need time to be fast again; as root: --governor performance")
}

// frequency is about what makes processors faster than they can stay.
func frequency(f Facts) (Finding, bool) {
	boost, no := f.value("cpu", "boost"), f.value("cpu", "no-turbo")
	switch {
	case boost == "" && no == "":
		return Finding{}, false
	case boost == "0" || no == "1":
		return said("boost", "off", OK, "the processors have one speed")
	}
	return said("boost", "on", OK, "the processors are faster while they are cool: long runs are slower than short ones")
}

func swap(f Facts) (Finding, bool) {
	total, ok := f.number("memory", "swap-total-kib")
	free, okFree := f.number("memory", "swap-free-kib")
	if !ok || !okFree {
		return f.unknown("swap", "memory", "meminfo")
	}
	used := fmt.Sprintf("%.0f of %.0f MiB used", (total-free)/1024, total/1024)
	switch {
	case total == 0:
		return said("swap", "none", OK, "there is none")
	case total-free >= 1024: // a megabyte is some page that nobody asks for
		return said("swap", used, Warn, "memory is swapped out: who needs it waits for the disk; a limit of memory has no swap")
	}
	return said("swap", used, OK, "there is, and it is not used")
}

// chosen is the word in brackets, as the kernel marks what is set.
func chosen(text string) string {
	_, rest, _ := strings.Cut(text, "[")
	word, _, _ := strings.Cut(rest, "]")
	return word
}

func hugePages(f Facts) (Finding, bool) {
	enabled, defrag := chosen(f.value("memory", "thp-enabled")), chosen(f.value("memory", "thp-defrag"))
	value := strings.TrimSpace(enabled + ", defrag " + defrag)
	switch {
	case enabled == "":
		return f.unknown("huge-pages", "memory", "thp-enabled")
	case enabled == "never":
		return said("huge-pages", enabled, OK, "memory comes in small pages only")
	case defrag == "always":
		return said("huge-pages", value, Warn, "who needs memory waits while the kernel makes room for a huge page")
	case enabled == "always":
		return said("huge-pages", value, OK, "memory turns into huge pages as the kernel finds time: early runs may be slower than late ones, and memory numbers larger")
	}
	return said("huge-pages", value, OK, "programs get huge pages where they ask for them, and Go does not by itself")
}

// memoryReclaim is how WSL gives memory back to Windows.
func memoryReclaim(f Facts) (Finding, bool) {
	if f.value("identity", "kind") != "wsl2" {
		return Finding{}, false
	}
	value := f.value("windows", "experimental.autoMemoryReclaim")
	switch mode := strings.ToLower(strings.Fields(value + " ?")[0]); mode {
	case "?":
		return f.unknown("memory-reclaim", "windows", ".wslconfig")
	case "disabled":
		return said("memory-reclaim", value, OK, "Windows gets no memory back while it is measured")
	default:
		return said("memory-reclaim", value, Warn, "WSL drops the page cache when the machine is idle for minutes: measure without pauses; autoMemoryReclaim=disabled below [experimental] in .wslconfig ends that")
	}
}

// battery is what Linux sees, or Windows, which has it for itself.
func battery(f Facts) (Finding, bool) {
	state, from := "", ""
	for _, fact := range f.Snapshot.Facts {
		if fact.Group == "power" && strings.HasSuffix(fact.Name, "-type") && fact.Value == "Battery" {
			from = strings.TrimSuffix(fact.Name, "-type")
			state = f.value("power", from+"-status")
		}
	}
	if from == "" && f.isWSL() {
		if state = f.value("power", "windows-battery"); state == "" {
			return f.unknown("battery", "power", "windows-battery")
		}
	}
	switch strings.ToLower(state) {
	case "discharging":
		return said("battery", "discharging", Warn, "it runs on battery: the processors are slowed down as the battery empties; connect it to mains")
	case "", "none":
		return said("battery", "none", OK, "there is none")
	}
	return said("battery", strings.ToLower(state), OK, "it is on mains")
}

func powerPlan(f Facts) (Finding, bool) {
	value := f.value("power", "windows-plan")
	if !f.isWSL() {
		if value = f.value("power", "profile"); value == "" {
			return Finding{}, false
		}
	}
	switch value {
	case "":
		return f.unknown("power-plan", "power", "windows-plan")
	case "power saver", "low-power", "quiet", "cool":
		return said("power-plan", value, Warn, "the machine is set to save power rather than to be fast")
	}
	return said("power-plan", value, OK, "the machine is not set to save power first")
}
