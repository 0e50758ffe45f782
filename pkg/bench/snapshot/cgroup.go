package snapshot

import (
	"fmt"
	"path"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// groupFiles are the limits of a control group, by the controller that has them:
// version 2 first, then version 1.
var groupFiles = []struct{ controller, files string }{
	{"cpu", "cpu.max cpu.weight cpu.cfs_quota_us cpu.cfs_period_us cpu.shares"},
	{"cpuset", "cpuset.cpus.effective cpuset.cpus.partition cpuset.cpus"},
	{"memory", "memory.max memory.high memory.swap.max memory.limit_in_bytes"},
	{"pids", "pids.max"},
}

// groups are the limits that hold for this process: its own and those of every
// ancestor, as Go 1.26 reads the own ones only where it sets GOMAXPROCS.
func (t *taker) groups(keys map[string]string) {
	t.file("cgroup", "membership", Setting, "/proc/self/cgroup")
	t.add(Fact{Group: "cgroup", Name: "version", Source: "/proc/self/mountinfo", Value: t.groupVersion(), Absent: "nothing is mounted"})
	t.key(keys, "cgroup", "cpu-max", Setting, "cgroup-cpu-max", "the least of all ancestors")
	t.key(keys, "cgroup", "memory-max", Setting, "cgroup-memory-max", "the least of all ancestors")
	for _, g := range groupFiles {
		t.upwards(g.controller, func(depth int, dir string) {
			for name := range strings.FieldsSeq(g.files) {
				t.limit(depth, path.Join(dir, name))
			}
		})
	}
	t.upwards("", func(depth int, dir string) {
		t.limit(depth, path.Join(dir, "cgroup.controllers"))
		t.limit(depth, path.Join(dir, "cgroup.subtree_control"))
	})
	t.throttling()
}

// upwards calls see for the group that has a controller, which is 0 above the own, and
// for each above it. A machine may have two hierarchies, with a controller in one of
// them.
func (t *taker) upwards(controller string, see func(depth int, dir string)) {
	depth, below := 0, ""
	for _, dir := range bench.Groups(t.Root, controller) {
		if depth++; path.Dir(below) != dir || below == dir {
			depth = 0
		}
		see(depth, dir)
		below = dir
	}
}

// limit adds a file of a group, if the group has it: the uppermost has few.
func (t *taker) limit(depth int, file string) {
	text, err := t.read(file)
	if err != nil {
		return
	}
	t.add(Fact{Group: "cgroup", Name: above(path.Base(file), depth), Source: file, Value: line(text)})
}

// above is the name of a fact of the group that is so many above the own.
func above(name string, depth int) string {
	if depth == 0 {
		return name
	}
	return fmt.Sprintf("%s, %d above", name, depth)
}

func (t *taker) groupVersion() string {
	var v1, v2 []string
	for _, m := range t.report.Mounts {
		switch m.Type {
		case "cgroup":
			v1 = append(v1, path.Base(m.Point))
		case "cgroup2":
			v2 = append(v2, m.Point+" "+m.Options)
		}
	}
	switch {
	case len(v1) > 0 && len(v2) > 0:
		return "hybrid: v1 " + strings.Join(v1, " ") + "; v2 at " + strings.Join(v2, "; ")
	case len(v1) > 0:
		return "v1: " + strings.Join(v1, " ")
	case len(v2) > 0:
		return "v2 at " + strings.Join(v2, "; ")
	}
	return ""
}

// throttling is what the groups did when a limit was reached.
func (t *taker) throttling() {
	t.upwards("cpu", func(depth int, dir string) {
		t.counts(depth, path.Join(dir, "cpu.stat"), "nr_throttled throttled_usec throttled_time")
	})
	t.upwards("memory", func(depth int, dir string) {
		t.counts(depth, path.Join(dir, "memory.events"), "high max oom oom_kill")
	})
}

func (t *taker) counts(depth int, file, names string) {
	text, err := t.read(file)
	if err != nil {
		return
	}
	for l := range strings.Lines(text) {
		if words := strings.Fields(l); len(words) == 2 && strings.Contains(" "+names+" ", " "+words[0]+" ") {
			t.say("counters", above(path.Base(file)+" "+words[0], depth), Counter, file, words[1], nil)
		}
	}
}
