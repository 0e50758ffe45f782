package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// A Plan is what Open would do.
type Plan struct {
	Rung   string    `json:"rung"`
	Tried  []Attempt `json:"tried,omitempty"` // those above that are not to be had
	Steps  []string  `json:"steps"`
	Limits []Effect  `json:"limits,omitempty"` // what would hold each; nothing is effective yet
}

// Explain finds the rung that Open would try first, and says what it would do. It reads,
// and changes nothing. Open may still find that something fails, and go further down.
func Explain(ctx context.Context, o Options) (Plan, error) {
	if err := o.check(); err != nil {
		return Plan{}, err
	}
	m := o.Machine.open()
	var p Plan
	var errs []error
	for _, r := range ladder() {
		if o.Rung != "" && o.Rung != r.name {
			continue
		}
		steps, err := r.look(ctx, m, o)
		if err != nil {
			p.Tried = append(p.Tried, Attempt{r.name, err.Error()})
			errs = append(errs, fmt.Errorf("%s: %w", r.name, err))
			continue
		}
		p.Rung, p.Steps, p.Limits = r.name, steps, o.planned(r.name)
		return p, nil
	}
	return p, &UnavailableError{o.Rung, errors.Join(errs...)}
}

// planned says by what each limit would be held.
func (o Options) planned(rung string) []Effect {
	l := o.Limits
	if rung == Process {
		list, shim := ungrouped(l)
		if shim.Memory > 0 {
			list = append(list, Effect{Name: "memory", Requested: strconv.FormatInt(l.Memory, 10), By: "RLIMIT_DATA", Note: noteData})
		}
		if len(shim.CPUs) > 0 {
			list = append(list, Effect{Name: "cpus", Requested: listText(l.CPUs), By: "sched_setaffinity"})
		}
		return list
	}
	var list []Effect
	add := func(asked bool, name, requested, by string) {
		if asked {
			list = append(list, Effect{Name: name, Requested: requested, By: by})
		}
	}
	add(l.CPU > 0, "cpu", cpuText(l.CPU), "cpu.max")
	add(l.Memory > 0, "memory", strconv.FormatInt(l.Memory, 10), "memory.max")
	add(l.Memory > 0, "swap", "0", "memory.swap.max")
	add(l.Tasks > 0, "tasks", strconv.Itoa(l.Tasks), "pids.max")
	add(len(l.CPUs) > 0, "cpus", listText(l.CPUs), "cpuset.cpus, else sched_setaffinity")
	return list
}
