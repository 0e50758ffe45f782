package snapshot

import (
	"fmt"
	"strconv"
	"strings"
)

// scheduler is who gets a CPU, and who waits.
func (t *taker) scheduler(keys map[string]string) {
	t.key(keys, "scheduler", "preempt", Setting, "preempt", "/proc/version, /proc/cmdline, the kernel's configuration")
	cpus, err := t.Kernel.Affinity()
	t.say("scheduler", "affinity", Setting, "sched_getaffinity(2)", ranges(cpus), err)
	t.say("scheduler", "cpus", Setting, "sched_getaffinity(2)", strconv.Itoa(len(cpus)), err)
	policy, nice, err := t.Kernel.Scheduling()
	t.say("scheduler", "policy", Setting, "sched_getattr(2)", policy, err)
	t.say("scheduler", "nice", Setting, "sched_getattr(2)", strconv.Itoa(nice), err)
	t.load()
	for _, resource := range []string{"cpu", "memory", "io"} {
		t.pressure(resource)
	}
}

func (t *taker) load() {
	const file = "/proc/loadavg"
	text, ok := t.raw("scheduler", "loadavg", Gauge, file, "see load1")
	words := strings.Fields(text)
	if !ok || len(words) < 4 {
		return
	}
	for i, name := range []string{"load1", "load5", "load15"} {
		t.say("scheduler", name, Gauge, file, words[i], nil)
	}
	runnable, _, _ := strings.Cut(words[3], "/")
	t.say("scheduler", "runnable", Gauge, file, runnable, nil)
}

// pressure is for how much of the time something waited, see /proc/pressure.
func (t *taker) pressure(resource string) {
	file := "/proc/pressure/" + resource
	text, ok := t.raw("scheduler", "psi-"+resource, Gauge, file, "see psi-"+resource+"-some-avg10")
	if !ok {
		return
	}
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		for _, w := range words[min(1, len(words)):] {
			switch name, value, _ := strings.Cut(w, "="); name {
			case "avg10":
				t.say("scheduler", "psi-"+resource+"-"+words[0]+"-avg10", Gauge, file, value, nil)
			case "total":
				t.say("counters", "psi-"+resource+"-"+words[0]+"-us", Counter, file, value, nil)
			}
		}
	}
}

// ranges is a list of CPUs as the kernel writes it: "0-3,8".
func ranges(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		j := i
		for j+1 < len(cpus) && cpus[j+1] == cpus[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, strconv.Itoa(cpus[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", cpus[i], cpus[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}
