package prepare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// quick are clock sources that a program reads without a system call, and slow those
// that ask a device.
var (
	quick = strings.Fields("tsc kvm-clock hyperv_clocksource_tsc_page hyperv_clocksource_msr arch_sys_counter")
	slow  = strings.Fields("hpet acpi_pm jiffies refined-jiffies pit xen")
)

func clockSource(f Facts) (Finding, bool) {
	value := f.value("time", "clocksource")
	cost, _ := f.number("time", "clock-cost-ns")
	switch {
	case value == "":
		return f.unknown("clock-source", "time", "clocksource")
	case slices.Contains(slow, value) || cost > 500:
		return said("clock-source", value, Warn, "reading the clock takes %.0f ns: what is timed by itself is too long by that", cost)
	case slices.Contains(quick, value):
		return said("clock-source", value, OK, "reading the clock takes %.0f ns", cost)
	}
	return said("clock-source", value, Unknown, "it is not one of the usual ones; reading it takes %.0f ns", cost)
}

// clockStep is 100 ns where Hyper-V's page is the clock (microsoft/WSL#77).
func clockStep(f Facts) (Finding, bool) {
	step, ok := f.number("time", "clock-step-ns")
	if !ok {
		return f.unknown("clock-step", "time", "clock-step-ns")
	}
	value := fmt.Sprintf("%.0f ns", step)
	if step >= 100 {
		finding, ok := said("clock-step", value, Warn, "the clock has steps of %.0f ns: what takes less than 20 of them cannot be timed one by one", step)
		finding.Done = "the probes time batches; go test does so anyway"
		return finding, ok
	}
	return said("clock-step", value, OK, "the clock tells short times apart")
}

func clockRate(f Facts) (Finding, bool) {
	const name = "clock-rate"
	if f.Rate == nil {
		return said(name, "", Unknown, "not measured")
	}
	r := *f.Rate
	if r.Absent != "" {
		return said(name, "", Unknown, "not known: %s; clocks of WSL have been 7 %% fast (microsoft/WSL#11790)", r.Absent)
	}
	value := r.String()
	switch {
	case r.certainlyAbove(bench.MaxClockRate):
		return said(name, value, Fail, "a second here is not one elsewhere: these numbers must not be compared with those of another machine, nor believed as times")
	case r.certainlyBelow(bench.MaxClockRate):
		return said(name, value, OK, "a second here is one elsewhere")
	}
	return said(name, value, Unknown, "it was held against %s too briefly, or too roughly, to tell %d ppm", r.Against, bench.MaxClockRate)
}

// clockSlew is how much somebody bends the clock right now.
func clockSlew(f Facts) (Finding, bool) {
	bent, ok := f.number("time", "rate-correction-ppm")
	tick, okTick := f.number("time", "tick-us")
	if !ok {
		return f.unknown("clock-slew", "time", "rate-correction-ppm")
	}
	if okTick && tick > 0 {
		bent += (tick/10000 - 1) * 1e6 // of a machine with a USER_HZ of 100
	}
	value := fmt.Sprintf("%+.1f ppm", bent)
	if bent > bench.MaxClockRate || bent < -bench.MaxClockRate {
		return said("clock-slew", value, Warn, "something corrects the clock by so much: the length of a second changes while it is measured")
	}
	return said("clock-slew", value, OK, "nothing corrects the clock by much")
}

func suspend(f Facts) (Finding, bool) {
	ns, ok := f.number("time", "suspended-ns")
	switch {
	case !ok:
		return f.unknown("suspend", "time", "suspended-ns")
	case ns < 1e9:
		return said("suspend", "never", OK, "it has not slept since it was started; a run in which it sleeps is marked and repeated")
	}
	return said("suspend", fmt.Sprintf("%.0f s", ns/1e9), OK, "it sleeps at times; a run in which it does is marked and repeated")
}

// standardSlack is what Linux gives where nobody sets it. It doubles wake-ups.
const standardSlack = 50000

func timerSlack(f Facts) (Finding, bool) {
	slack, ok := f.number("time", "timerslack-ns")
	value := fmt.Sprintf("%.0f ns", slack)
	switch {
	case !ok:
		return f.unknown("timer-slack", "time", "timerslack-ns")
	case slack != standardSlack:
		return said("timer-slack", value, Warn, "it is usually %d ns: with another, wake-ups cannot be compared; --timer-slack sets it", standardSlack)
	}
	return said("timer-slack", value, OK, "as everywhere")
}

func procs(f Facts) (Finding, bool) {
	procs, ok := f.number("go", "gomaxprocs")
	allowed, okCPUs := f.number("scheduler", "cpus")
	if !ok || !okCPUs {
		return f.unknown("gomaxprocs", "go", "gomaxprocs")
	}
	if len(f.CPUs) > 0 {
		allowed = float64(len(f.CPUs))
	}
	value := fmt.Sprintf("%.0f of %.0f", procs, allowed)
	if procs > allowed && f.value("go", "GOMAXPROCS") != "" {
		return said("gomaxprocs", value, Warn, "there are more Ps than processors: threads of Go take turns on one")
	}
	return said("gomaxprocs", value, OK, "%s", f.value("go", "gomaxprocs-because"))
}

// throttled is about the group that the tool itself is in.
func throttled(f Facts) (Finding, bool) {
	limit := f.value("cgroup", "cpu-max")
	if limit == "" {
		return Finding{}, false
	}
	for _, fact := range f.Snapshot.Facts {
		if fact.Group == "counters" && strings.HasPrefix(fact.Name, "cpu.stat throttled") && fact.Value != "0" {
			return said("group", limit+" CPUs", Warn, "the group of this program, or one above, has been out of CPU time before; runs in which it is are marked and repeated")
		}
	}
	if limit == "max" {
		return said("group", "no limit", OK, "no group of this program limits CPU time")
	}
	return said("group", limit+" CPUs", OK, "groups of this program have that much CPU time; it has never been too little")
}

func tracing(f Facts) (Finding, bool) {
	if !f.Tracing {
		return Finding{}, false
	}
	return said("tracing", "on", Fail, "the execution tracer makes wake-ups 2.3 times as long: trace in a run of its own")
}

func tracer(f Facts) (Finding, bool) {
	if value := f.value("security", "tracer"); value != "" && value != "nop" {
		return said("kernel-tracer", value, Warn, "somebody traces the kernel, which makes system calls slower")
	}
	return Finding{}, false
}

// loopback is about packets that are delayed on purpose, as somebody may have left them.
func loopback(f Facts) (Finding, bool) {
	for queue := range strings.FieldsSeq(f.value("network", "queues")) {
		if device, kind, _ := strings.Cut(queue, ":"); device == "lo" && slices.Contains([]string{"netem", "tbf"}, kind) {
			return said("loopback", queue, Warn, "packets on the loopback are delayed on purpose: tc qdisc del dev lo root")
		}
	}
	return Finding{}, false
}

func counters(f Facts) (Finding, bool) {
	if f.Counters == nil && f.Missing == nil {
		return Finding{}, false
	}
	var missing []string
	for name, why := range f.Missing {
		missing = append(missing, name+": "+why)
	}
	slices.Sort(missing)
	value := strings.Join(f.Counters, " ")
	if len(missing) > 0 {
		return said("perf", value, Unknown, "not here: %s; what is missing is left out of the result", strings.Join(missing, "; "))
	}
	return said("perf", value, OK, "the processor's counters are there")
}
