package bench

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// steal is the share of all CPU time that the hypervisor gave to somebody else. A
// hypervisor that does not tell says 0.
func steal(m *machine) (func(time.Duration) (float64, error), error) {
	stolen, all, err := m.ticksSpent()
	return func(time.Duration) (float64, error) {
		stolenThen, allThen, err := m.ticksSpent()
		if err != nil || allThen == all {
			return 0, err
		}
		return 100 * (stolenThen - stolen) / (allThen - all), nil
	}, err
}

func (m *machine) ticksSpent() (stolen, all float64, err error) {
	_, spent, err := m.cpuTime()
	for _, v := range spent {
		all += v
	}
	return spent[7], all, err
}

// cpuTime reads the lines of CPUs in /proc/stat: how many there are, and what all of
// them have spent, in units of USER_HZ: user, nice, system, idle, iowait, irq,
// softirq, steal. Time of guests, at its end, is in user and nice already.
func (m *machine) cpuTime() (cpus int, spent [8]float64, err error) {
	text, err := m.read("proc/stat")
	if err != nil {
		return 0, spent, err
	}
	all := false
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) < 1+len(spent) || !strings.HasPrefix(line, "cpu"):
			continue
		case words[0] != "cpu":
			cpus++
			continue
		}
		for i := range spent {
			if spent[i], err = strconv.ParseFloat(words[1+i], 64); err != nil {
				return 0, spent, err
			}
		}
		all = true
	}
	if !all {
		return 0, spent, errAbsent
	}
	return cpus, spent, nil
}

// A task is a thread: for how long it ran, and for how long it was ready and did not
// run, in nanoseconds.
type task struct{ ran, waited float64 }

// tasks reads the schedstat of each thread. That of the process is only its main
// thread's.
func (m *machine) tasks() (map[string]task, error) {
	entries, err := fs.ReadDir(m.root, "proc/self/task")
	if err != nil {
		return nil, err
	}
	list := make(map[string]task, len(entries))
	for _, e := range entries {
		text, err := m.read(path.Join("proc/self/task", e.Name(), "schedstat"))
		if words := strings.Fields(text); err == nil && len(words) >= 2 {
			ran, errRan := strconv.ParseFloat(words[0], 64)
			waited, errWaited := strconv.ParseFloat(words[1], 64)
			if errRan == nil && errWaited == nil {
				list[e.Name()] = task{ran, waited}
			}
		}
	}
	if len(list) == 0 {
		return nil, errAbsent
	}
	return list, nil
}

// runDelay is for how much of the time our threads were ready and had no CPU, added
// up over them: more than 100 % can be.
//
// A thread that ends takes its numbers with it. The runtime ends one only when a
// goroutine returns that has locked it, so that most live as long as the process.
// What a thread had waited before the run is known, but not what it waited until it
// ended in the middle: that is missing, and the delay is too small rather than too
// large. A number that shrank is that of a new thread.
func runDelay(m *machine) (func(time.Duration) (float64, error), error) {
	before, err := m.tasks()
	return func(wall time.Duration) (float64, error) {
		after, err := m.tasks()
		if err != nil {
			return 0, err
		}
		var ran, waited float64
		for id, t := range after {
			if old := before[id]; old.ran <= t.ran && old.waited <= t.waited {
				t.ran, t.waited = t.ran-old.ran, t.waited-old.waited
			}
			ran, waited = ran+t.ran, waited+t.waited
		}
		if ran == 0 { // a kernel that does not count: all numbers are 0
			return 0, errAbsent
		}
		return 100 * waited / float64(wall), nil
	}, err
}
