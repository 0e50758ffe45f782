package bench

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A group is where this process is among the control groups: for each controller
// the directories of its group and those above, the own one first.
type group struct {
	v2          []string
	cpu, memory []string // of version 1
}

// ownGroup reads cgroups(7). A limit holds for all below, so that those above count
// as much as the own.
func (m *machine) ownGroup() (g group) {
	g.v2, g.cpu = m.groupOf("cpu")
	_, g.memory = m.groupOf("memory")
	return g
}

// groupOf are the groups of version 2, and those of version 1 with a controller.
func (m *machine) groupOf(controller string) (v2, v1 []string) {
	text, _ := m.read("proc/self/cgroup")
	mountinfo, _ := m.read("proc/self/mountinfo")
	mounts := wsl.ParseMounts(mountinfo)
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, mount := range mounts {
			switch {
			case parts[1] == "" && mount.Type == "cgroup2":
				v2 = upwards(mount, parts[2])
			case mount.Type == "cgroup" && has(parts[1], controller) && has(mount.Options, controller):
				v1 = upwards(mount, parts[2])
			}
		}
	}
	return v2, v1
}

func has(list, word string) bool {
	return strings.Contains(","+strings.ReplaceAll(list, " ", ",")+",", ","+word+",")
}

// upwards are the directories from a group to where its hierarchy is mounted.
func upwards(mount wsl.Mount, name string) (dirs []string) {
	if inside, ok := strings.CutPrefix(name, strings.TrimSuffix(mount.Root, "/")); ok {
		name = inside
	}
	for name = path.Clean("/" + name); ; name = path.Dir(name) {
		dirs = append(dirs, path.Join(mount.Point, name))
		if name == "/" {
			return dirs
		}
	}
}

// cpuMax is the least number of CPUs that the groups allow: "1.99999".
func (g group) cpuMax(m *machine) string {
	least, found := math.Inf(1), false
	for _, dir := range append(g.v2, g.cpu...) {
		text, err := m.read(path.Join(dir, "cpu.max"))
		if err != nil {
			quota, errQuota := m.read(path.Join(dir, "cpu.cfs_quota_us"))
			period, errPeriod := m.read(path.Join(dir, "cpu.cfs_period_us"))
			if errQuota != nil || errPeriod != nil {
				continue
			}
			text = quota + " " + period
		}
		var quota, period float64
		found = true
		if _, err := fmt.Sscan(text, &quota, &period); err == nil && quota > 0 && period > 0 {
			least = min(least, quota/period)
		}
	}
	return limitText(least, found)
}

// memoryMax is the least number of bytes that the groups allow.
func (g group) memoryMax(m *machine) string {
	least, found := math.Inf(1), false
	for _, dir := range append(g.v2, g.memory...) {
		text, err := m.read(path.Join(dir, "memory.max"))
		if err != nil {
			text, err = m.read(path.Join(dir, "memory.limit_in_bytes"))
		}
		if err != nil {
			continue
		}
		found = true
		// Version 1 says "no limit" with the largest number of whole pages.
		if bytes, err := strconv.ParseFloat(text, 64); err == nil && bytes < 1<<62 {
			least = min(least, bytes)
		}
	}
	return limitText(least, found)
}

func limitText(least float64, found bool) string {
	if !found {
		return Absent
	}
	if math.IsInf(least, 1) {
		return "max"
	}
	return strconv.FormatFloat(least, 'f', -1, 64)
}

// throttled is for how many microseconds the groups were out of CPU time.
func (g group) throttled(m *machine) (us float64, err error) {
	found := false
	for _, dir := range append(g.v2, g.cpu...) {
		text, err := m.read(path.Join(dir, "cpu.stat"))
		if err != nil {
			continue
		}
		if v, ok := field(text, "throttled_usec"); ok {
			us, found = us+v, true
		} else if v, ok := field(text, "throttled_time"); ok { // version 1, in ns
			us, found = us+v/1000, true
		}
	}
	if !found {
		return 0, errAbsent
	}
	return us, nil
}

// field is the number after a name at the beginning of a line.
func field(text, name string) (float64, bool) {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == name {
			v, err := strconv.ParseFloat(words[1], 64)
			return v, err == nil
		}
	}
	return 0, false
}
