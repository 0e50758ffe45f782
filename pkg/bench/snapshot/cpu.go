package snapshot

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// cpus are the processors: what they are, how they may be slowed down, and what runs
// below them.
func (t *taker) cpus() {
	t.cpuinfo()
	t.topology()
	t.caches()
	t.frequency()
	for _, file := range t.glob("/sys/module/haltpoll/parameters/*") {
		t.file("cpu", "haltpoll-"+path.Base(file), Setting, file)
	}
	for _, file := range t.glob("/sys/devices/system/cpu/vulnerabilities/*") {
		t.file("cpu", "vulnerability-"+path.Base(file), Setting, file)
	}
	t.file("cpu", "hypervisor", Setting, "/sys/hypervisor/type")
	t.file("cpu", "firmware-vendor", Setting, "/sys/class/dmi/id/sys_vendor")
	t.file("cpu", "firmware-product", Setting, "/sys/class/dmi/id/product_name")
}

// telling are the flags that decide about clocks and counters.
var telling = strings.Fields("constant_tsc nonstop_tsc tsc_reliable tsc_known_freq hypervisor aperfmperf arch_perfmon")

// cpuinfo reads the first processor of /proc/cpuinfo; the text of the others is left
// out. Those of ARM have other names.
func (t *taker) cpuinfo() {
	const file = "/proc/cpuinfo"
	text, err := t.read(file)
	first, _, _ := strings.Cut(text, "\n\n")
	t.add(Fact{Group: "cpu", Name: "cpuinfo", Kind: Gauge, Source: file, Raw: first, Value: "the first processor", Absent: absence(err, text)})
	if text == "" {
		return
	}
	info := fields(first)
	for _, f := range []struct{ fact, name, arm string }{
		{"model", "model name", "Model"}, {"vendor", "vendor_id", "CPU implementer"}, {"family", "cpu family", "CPU architecture"},
		{"model-number", "model", "CPU part"}, {"stepping", "stepping", "CPU revision"}, {"microcode", "microcode", "CPU variant"},
	} {
		value, ok := info[f.name]
		if !ok {
			value = info[f.arm]
		}
		t.add(Fact{Group: "cpu", Name: f.fact, Source: file, Value: line(value), Absent: "not said"})
	}
	t.add(Fact{Group: "cpu", Name: "mhz", Kind: Gauge, Source: file, Value: info["cpu MHz"], Absent: "not said"})
	flags := strings.Fields(info["flags"])
	there := slices.DeleteFunc(slices.Clone(telling), func(f string) bool { return !slices.Contains(flags, f) })
	t.add(Fact{Group: "cpu", Name: "clock-flags", Source: file, Value: strings.Join(there, " "), Absent: "none of " + strings.Join(telling, " ")})
}

// absence is why there is nothing where a text could not be read.
func absence(err error, text string) string {
	if err == nil || text != "" {
		return ""
	}
	return why(err)
}

// topology says how many of the processors are cores, and how many threads of one.
func (t *taker) topology() {
	packages, cores, threads := make(map[string]bool), make(map[string]bool), 0
	var raw []string
	for _, dir := range t.glob("/sys/devices/system/cpu/cpu[0-9]*") {
		socket, err := t.read(path.Join(dir, "topology/physical_package_id"))
		core, errCore := t.read(path.Join(dir, "topology/core_id"))
		if err != nil || errCore != nil {
			continue
		}
		siblings, _ := t.read(path.Join(dir, "topology/thread_siblings_list"))
		packages[socket], cores[socket+"/"+core], threads = true, true, threads+1
		raw = append(raw, fmt.Sprintf("%s: package %s, core %s, shared by %s", path.Base(dir), socket, core, siblings))
	}
	f := Fact{Group: "cpu", Name: "topology", Source: "/sys/devices/system/cpu/cpu*/topology", Absent: "no such file"}
	if threads > 0 {
		f.Value, f.Raw = fmt.Sprintf("%d packages, %d cores, %d threads", len(packages), len(cores), threads), strings.Join(raw, "\n")
	}
	t.add(f)
}

func (t *taker) caches() {
	var list []string
	for _, dir := range t.glob("/sys/devices/system/cpu/cpu0/cache/index*") {
		level, err := t.read(path.Join(dir, "level"))
		kind, errKind := t.read(path.Join(dir, "type"))
		size, errSize := t.read(path.Join(dir, "size"))
		if err == nil && errKind == nil && errSize == nil && kind != "" {
			list = append(list, fmt.Sprintf("L%s%s %s", level, strings.ToLower(strings.TrimPrefix(kind[:1], "U")), size))
		}
	}
	t.add(Fact{Group: "cpu", Name: "caches", Source: "/sys/devices/system/cpu/cpu0/cache", Value: strings.Join(list, ", "), Absent: "no such file"})
}

// frequency is who decides how fast the processors are. Where they share an answer
// it is said once.
func (t *taker) frequency() {
	const dir = "/sys/devices/system/cpu/cpufreq"
	for _, f := range []struct{ fact, file string }{
		{"governor", "scaling_governor"}, {"governors", "scaling_available_governors"}, {"frequency-driver", "scaling_driver"},
		{"khz-min", "scaling_min_freq"}, {"khz-max", "scaling_max_freq"}, {"energy-preference", "energy_performance_preference"},
	} {
		pattern := path.Join(dir, "policy*", f.file)
		var values []string
		for _, file := range t.glob(pattern) {
			if text, err := t.read(file); err == nil {
				values = append(values, line(text))
			}
		}
		raw := strings.Join(values, "\n")
		if slices.Sort(values); len(values) > 0 && values[0] == values[len(values)-1] {
			values, raw = values[:1], ""
		}
		t.add(Fact{Group: "cpu", Name: f.fact, Source: pattern, Value: strings.Join(slices.Compact(values), ", "), Raw: raw, Absent: "no such file, as in most VMs"})
	}
	t.file("cpu", "boost", Setting, path.Join(dir, "boost"))
	t.file("cpu", "no-turbo", Setting, "/sys/devices/system/cpu/intel_pstate/no_turbo")
}
