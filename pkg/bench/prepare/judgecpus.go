package prepare

import (
	"slices"
	"strconv"
	"strings"
)

func cpus(f Facts) (Finding, bool) {
	affinity := f.value("scheduler", "affinity")
	if len(f.CPUs) == 0 {
		return said("cpus", affinity, OK, "it may run on each of them, and the kernel moves it")
	}
	value := words(f.CPUs)
	if other := f.siblings(); len(other) > 0 {
		return said("cpus", value, Warn, "it is pinned, but processor %s is a thread of the same core: who runs there slows it down", words(other))
	}
	return said("cpus", value, OK, "it is pinned there")
}

// siblings are processors that share a core with one that is pinned, and are not.
func (f Facts) siblings() (other []int) {
	topology, _ := f.Snapshot.Get("cpu", "topology")
	for l := range strings.Lines(topology.Raw) { // cpu0: package 0, core 0, shared by 0-1
		name, rest, _ := strings.Cut(strings.TrimSpace(l), ":")
		cpu, err := strconv.Atoi(strings.TrimPrefix(name, "cpu"))
		if err != nil || !slices.Contains(f.CPUs, cpu) {
			continue
		}
		_, list, _ := strings.Cut(rest, "shared by ")
		for _, c := range parseRanges(list) {
			if !slices.Contains(f.CPUs, c) && !slices.Contains(other, c) {
				other = append(other, c)
			}
		}
	}
	return other
}

// parseRanges reads a list of CPUs as the kernel writes it: "0-3,8".
func parseRanges(text string) (list []int) {
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(last)
		}
		for ; err == nil && from <= to && len(list) < 4096; from++ {
			list = append(list, from)
		}
	}
	return list
}

func words(numbers []int) string {
	var list []string
	for _, n := range numbers {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, ",")
}
