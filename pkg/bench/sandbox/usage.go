package sandbox

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// Usage is what a cell has used up, by its control group. What this machine does not
// tell is in Absent, and not zero.
type Usage struct {
	MemoryPeak       int64         `json:"memory_peak,omitempty"` // bytes; no less than the shim's: see [Self]
	CPUTime          time.Duration `json:"cpu_ns,omitempty"`      // without the shim's
	Throttled        time.Duration `json:"throttled_ns,omitempty"`
	ThrottledPeriods int64         `json:"throttled_periods,omitempty"`
	// OOMKills is how many processes the kernel has killed for want of memory.
	OOMKills int64 `json:"oom_kills,omitempty"`
	// Events are those that there were: "memory.max", "memory.oom_kill", "pids.max".
	Events map[string]int64 `json:"events,omitempty"`
	// Pressure is for how long payloads waited: "cpu.some", "io.full", "memory.full".
	Pressure map[string]time.Duration `json:"pressure_ns,omitempty"`
	Absent   []string                 `json:"absent,omitempty"` // "memory.peak: why"
}

// OutOfMemory reports whether the kernel has killed for want of memory, which from
// outside looks like any SIGKILL.
func (u Usage) OutOfMemory() bool { return u.OOMKills > 0 }

// Usage reads what the cell has used up so far. There is no error where the machine does
// not tell.
func (c *Cell) Usage() (Usage, error) {
	if c.dir == "" {
		return Usage{Absent: []string{"memory.peak, cpu.stat, pressure, events: there is no control group"}}, nil
	}
	var u Usage
	g := c.box.machine.cgroups
	u.memory(g, c.dir, c.said.Self.MemoryPeak)
	u.cpu(g, c.dir, c.said.Self.GroupCPU)
	u.events(g, c.dir)
	u.pressure(g, c.dir)
	return u, nil
}

func (u *Usage) absent(name string, err error) {
	u.Absent = append(u.Absent, fmt.Sprintf("%s: %v", name, reason(err)))
}

// memory has the peak of the shim, too: a payload that needs less has none of its own.
func (u *Usage) memory(g cgroups, dir string, shim int64) {
	peak, err := g.number(dir, "memory.peak")
	if err != nil {
		u.absent("memory.peak", err)
	} else if peak <= shim {
		u.absent("memory.peak", errors.New("not above that of the shim, which was there before"))
	}
	u.MemoryPeak = peak
}

func (u *Usage) cpu(g cgroups, dir string, shim time.Duration) {
	stat, err := g.table(dir, "cpu.stat")
	if err != nil {
		u.absent("cpu.stat", err)
		return
	}
	u.CPUTime = max(time.Duration(stat["usage_usec"])*time.Microsecond-shim, 0)
	if _, ok := stat["throttled_usec"]; !ok {
		u.absent("throttled", errNoController("cpu"))
	}
	u.Throttled = time.Duration(stat["throttled_usec"]) * time.Microsecond
	u.ThrottledPeriods = stat["nr_throttled"]
}

// events takes memory.events, which counts for the groups below, too.
func (u *Usage) events(g cgroups, dir string) {
	u.Events = make(map[string]int64)
	for _, controller := range []string{"memory", "pids"} {
		events, err := g.table(dir, controller+".events")
		if err != nil {
			u.absent(controller+".events", err)
		}
		for name, n := range events {
			if n > 0 {
				u.Events[controller+"."+name] = n
			}
		}
	}
	// Where all of a group end with the one that was chosen, that one is killed twice.
	if kills := u.Events["memory.oom_kill"]; kills > 0 {
		u.OOMKills = max(kills-u.Events["memory.oom_group_kill"], 1)
	}
}

func (u *Usage) pressure(g cgroups, dir string) {
	u.Pressure = make(map[string]time.Duration)
	for _, what := range []string{"cpu", "io", "memory"} {
		text, err := g.Read(path.Join(dir, what+".pressure"))
		if err != nil {
			u.absent(what+".pressure", err)
		}
		for line := range strings.Lines(text) {
			// some avg10=0.00 avg60=0.00 avg300=0.00 total=6645135752
			kind, rest, _ := strings.Cut(line, " ")
			_, total, _ := strings.Cut(rest, "total=")
			if us, err := strconv.ParseInt(strings.TrimSpace(total), 10, 64); err == nil {
				u.Pressure[what+"."+kind] = time.Duration(us) * time.Microsecond
			}
		}
	}
}
