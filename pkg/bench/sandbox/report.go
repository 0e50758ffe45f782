package sandbox

import (
	"strconv"
	"strings"
)

// None is the effective value of a limit that is not there.
const None = "none"

// An Effect is one limit or setting: what was asked for, and what was read back.
type Effect struct {
	Name      string `json:"name"`                // "cpu", "memory", "swap", "tasks", "cpus", "aslr" ...
	Requested string `json:"requested,omitempty"` // in CPUs, bytes, tasks, a list of CPUs, ns, "on"; "" where nobody asked
	Effective string `json:"effective"`           // the same, or "none"
	By        string `json:"by,omitempty"`        // what does it: "memory.max", "sched_setaffinity"
	Note      string `json:"note,omitempty"`      // what a reader must know
}

// Missing reports whether something was asked for and is not there at all.
func (e Effect) Missing() bool { return e.Requested != "" && e.Effective == None }

// An Attempt is a rung that was not to be had.
type Attempt struct {
	Rung string `json:"rung"`
	Why  string `json:"why"`
}

// A Report says what became of what was asked for.
type Report struct {
	Rung     string    `json:"rung"`
	Tried    []Attempt `json:"tried,omitempty"` // those above it, the highest first
	Group    string    `json:"group,omitempty"` // the control group that the cells are in
	Limits   []Effect  `json:"limits,omitempty"`
	Settings []Effect  `json:"settings,omitempty"`
}

// Missing are the limits and settings that were asked for and are not there.
func (r Report) Missing() (list []Effect) {
	for _, effects := range [][]Effect{r.Limits, r.Settings} {
		for _, e := range effects {
			if e.Missing() {
				list = append(list, e)
			}
		}
	}
	return list
}

// listText is a set of CPUs as the kernel writes it: "0-2,5". The list is in order.
func listText(cpus []int) string {
	var b strings.Builder
	for i := 0; i < len(cpus); {
		end := i
		for end+1 < len(cpus) && cpus[end+1] == cpus[end]+1 {
			end++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(cpus[i]))
		if end > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(cpus[end]))
		}
		i = end + 1
	}
	return b.String()
}

// cpuText is a number of CPUs: "0.5".
func cpuText(cpus float64) string { return strconv.FormatFloat(cpus, 'f', -1, 64) }
