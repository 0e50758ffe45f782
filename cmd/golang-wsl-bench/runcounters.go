package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/perf"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/program"
)

// counted begins the names of what was counted. The watch's are no rows of a table, and
// neither are these: they explain others.
const counted = "Watch/perf-"

// count has the shim of the sandbox open counters of what it becomes. done is for the
// end of the process, or of the attempt to start it.
func (p *process) count(c *program.Command) (done func(), err error) {
	reader, socket, err := perf.Pair()
	if err != nil {
		return nil, err
	}
	c.Extra = append(c.Extra, socket) // file 4 of the shim
	started := c.Started
	c.Started = func(pid int) error {
		err := errors.Join(started(pid), socket.Close())
		if err == nil {
			p.counters, err = perf.Receive(reader)
		}
		return err
	}
	return func() { _, _ = socket.Close(), reader.Close() }, nil
}

// counts are what the counters say, as values of the run.
func (p *process) counts() {
	if p.counters == nil {
		return
	}
	for _, c := range p.counters.Read() {
		if c.Absent != "" {
			p.run.NotFound("perf-" + c.Name)
			continue
		}
		unit := c.Unit
		if unit == "" {
			unit = "count"
		}
		p.run.AddValue(bench.Value{Name: counted + c.Name, Unit: unit, Role: bench.Diagnostic, Number: float64(c.Value)})
	}
	_ = p.counters.Close()
}

// countedFoot is the median of each counter over the clean runs.
func countedFoot(set *bench.Set, style bench.Style) string {
	var b strings.Builder
	for _, config := range configs(set) {
		values := make(map[string][]float64)
		var names []bench.Value
		for _, r := range set.Of(config.Probe, config.Name).Runs {
			if !r.Clean() {
				continue
			}
			for _, v := range r.Values {
				if strings.HasPrefix(v.Name, counted) {
					if values[v.Name] == nil {
						names = append(names, v)
					}
					values[v.Name] = append(values[v.Name], v.Number)
				}
			}
		}
		for _, v := range names {
			slices.Sort(values[v.Name])
			middle := values[v.Name][len(values[v.Name])/2]
			text := fmt.Sprintf("%.0f", middle)
			if v.Unit != "count" {
				text = style.Number(middle, v.Unit)
			}
			fmt.Fprintf(&b, "  %s: %s: %s\n", config, strings.TrimPrefix(v.Name, counted), text)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\ncounted, medians:\n" + b.String()
}
