package snapshot

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// counters only grow: their difference is what happened while something was measured.
func (t *taker) counters() {
	t.stat()
	t.vmstat()
	t.perCPU("interrupts", "/proc/interrupts")
	t.perCPU("softirqs", "/proc/softirqs")
	t.schedstat()
	t.usage()
	for _, f := range t.glob("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count") {
		cpu := path.Base(path.Dir(path.Dir(f)))
		t.file("counters", cpu+"-"+strings.ReplaceAll(path.Base(f), "_", "-"), Counter, f)
	}
}

// stat reads /proc/stat, the times in hundredths of a second (USER_HZ).
func (t *taker) stat() {
	const file = "/proc/stat"
	text, _ := t.raw("counters", "stat", Gauge, file, "see cpu-steal and others")
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		switch {
		case len(words) < 2:
		case words[0] == "cpu":
			for i, name := range []string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"} {
				if i+1 < len(words) {
					t.say("counters", "cpu-"+name, Counter, file, words[i+1], nil)
				}
			}
		case words[0] == "ctxt", words[0] == "processes":
			t.say("counters", words[0], Counter, file, words[1], nil)
		case words[0] == "procs_running", words[0] == "procs_blocked":
			t.say("scheduler", strings.ReplaceAll(words[0], "_", "-"), Gauge, file, words[1], nil)
		}
	}
}

// disturbing are the rows of /proc/vmstat that say why memory was slow.
var disturbing = strings.Fields(`pswpin pswpout pgmajfault pgsteal_kswapd pgsteal_direct allocstall_normal
	thp_fault_alloc thp_fault_fallback thp_collapse_alloc thp_split_page compact_stall compact_success
	numa_pte_updates numa_hint_faults numa_pages_migrated drop_pagecache drop_slab oom_kill`)

func (t *taker) vmstat() {
	const file = "/proc/vmstat"
	text, _ := t.raw("counters", "vmstat", Gauge, file, "see pswpin and others")
	for l := range strings.Lines(text) {
		if words := strings.Fields(l); len(words) == 2 && slices.Contains(disturbing, words[0]) {
			t.say("counters", words[0], Counter, file, words[1], nil)
		}
	}
}

// perCPU reads tables with a column for each CPU, and adds them up.
func (t *taker) perCPU(name, file string) {
	text, _ := t.raw("counters", name, Gauge, file, "see "+name+"-... ")
	first, rest, _ := strings.Cut(text, "\n")
	columns := len(strings.Fields(first))
	for l := range strings.Lines(rest) {
		row, numbers, ok := strings.Cut(l, ":")
		if !ok {
			continue
		}
		var sum int64
		words := strings.Fields(numbers)
		for _, w := range words[:min(columns, len(words))] {
			n, err := strconv.ParseInt(w, 10, 64)
			if err != nil {
				break
			}
			sum += n
		}
		t.say("counters", name+"-"+strings.TrimSpace(row), Counter, file, number(sum), nil)
	}
}

// schedstat is for how long threads ran on each CPU, and for how long they waited
// for it: the 7th and the 8th number (Documentation/scheduler/sched-stats.rst).
func (t *taker) schedstat() {
	const file = "/proc/schedstat"
	text, ok := t.raw("counters", "schedstat", Gauge, file, "see run-delay-ns")
	if !ok {
		return
	}
	var ran, waited int64
	for l := range strings.Lines(text) {
		if words := strings.Fields(l); len(words) > 8 && strings.HasPrefix(words[0], "cpu") {
			r, errRan := strconv.ParseInt(words[7], 10, 64)
			w, errWaited := strconv.ParseInt(words[8], 10, 64)
			if errRan == nil && errWaited == nil {
				ran, waited = ran+r, waited+w
			}
		}
	}
	t.say("counters", "run-time-ns", Counter, file, number(ran), nil)
	t.say("counters", "run-delay-ns", Counter, file, number(waited), nil)
}

// usage is of this process.
func (t *taker) usage() {
	var u unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &u)
	for _, f := range []struct {
		name  string
		value int64
	}{{"own-nvcsw", int64(u.Nvcsw)}, {"own-nivcsw", int64(u.Nivcsw)}, {"own-majflt", int64(u.Majflt)}} {
		t.say("counters", f.name, Counter, "getrusage(2)", number(f.value), err)
	}
}
