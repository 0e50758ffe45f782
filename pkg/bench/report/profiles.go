package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/flame"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/page"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// A profiled is a line of the list of profiles.
type profiled struct {
	File  string `json:"file"`
	Flame string `json:"flame"`
	Name  string `json:"name"`
	Side  string `json:"side,omitempty"`
	Unit  string `json:"unit,omitempty"`
}

// profiles is where each profile is, and its flame graph.
func (e *Evidence) profiles() []profiled {
	list := make([]profiled, len(e.Profiles))
	seen := make(map[string]int)
	for i, p := range e.Profiles {
		base := uniqueName(seen, p.Name, p.Side, p.Unit)
		list[i] = profiled{"profiles/" + base + ".pprof", "flame/" + base + ".html", p.Name, p.Side, p.Unit}
	}
	return list
}

// uniqueName is a name for files that no other has.
func uniqueName(seen map[string]int, words ...string) string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	base := plainName(strings.Join(words, "-"))
	if seen[base]++; seen[base] > 1 {
		return fmt.Sprintf("%s-%d", base, seen[base])
	}
	return base
}

// plainName is a text as part of a file's name.
func plainName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, text)
	return strings.Trim(name[:min(len(name), 100)], ".-")
}

// flames adds the flame graphs of the profiles.
func (e *Evidence) flames(m *maker) (list []page.Flame) {
	for i, p := range e.profiles() {
		parsed, err := flame.Parse(e.Profiles[i].Data)
		list = append(list, drawn(m, p, parsed, err))
	}
	return list
}

// drawn adds one flame graph.
func drawn(m *maker, p profiled, parsed *profile.Profile, err error) page.Flame {
	f := page.Flame{Name: joined(p.Name, p.Side, p.Unit), File: p.File}
	if err == nil {
		f.HTML, err = flame.Page(parsed)
	}
	if m.add(p.Flame, true, f.HTML, err); err != nil {
		return f
	}
	hottest, unit := flame.Hottest(parsed, mostHot)
	for _, h := range hottest {
		f.Hot = append(f.Hot, page.Hot{Function: h.Function, Flat: float64(h.Flat), Cum: float64(h.Cum), Unit: shortUnit(unit)})
	}
	return f
}

// joined are those words that there are.
func joined(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// mostHot functions are on the page; the graph has all.
const mostHot = 10

// shortUnit is a unit of pprof as benchmarks have it.
func shortUnit(unit string) string {
	switch unit {
	case "nanoseconds":
		return "ns"
	case "bytes":
		return "B"
	}
	return unit
}

// A Trace is what an execution trace said. The trace itself is too large for a bundle.
type Trace struct {
	Side   string        `json:"side,omitempty"` // "", "A", "B"
	Unit   string        `json:"unit,omitempty"` // the import path, or the command
	Report *trace.Report `json:"report"`
}

// traces adds what traces said: it was measured, as the trace is not there to say it
// again.
func (e *Evidence) traces(m *maker) {
	if len(e.Traces) > 0 {
		m.json(tracesName, false, e.Traces)
	}
}

// traceFlames adds the verdict of each trace, and its profiles, which go tool pprof
// reads as well.
func (e *Evidence) traceFlames(m *maker) (list []page.Flame) {
	seen := make(map[string]int)
	for _, t := range e.Traces {
		if t.Report == nil {
			continue
		}
		base := uniqueName(seen, t.Side, t.Unit, "trace")
		m.add("trace/"+base+".txt", true, []byte(strings.Join(t.Report.Verdict(), "\n")+"\n"), nil)
		for _, of := range []struct {
			name string
			p    *profile.Profile
		}{{"syscall", t.Report.SyscallProfile()}, {"sched", t.Report.SchedulerProfile()}} {
			name := of.name + "-" + base
			p := profiled{"trace/" + name + ".pprof", "flame/" + name + ".html", of.name, t.Side, t.Unit}
			var data bytes.Buffer
			err := of.p.WriteUncompressed(&data) // what a compressor makes changes with its version
			m.add(p.File, true, data.Bytes(), err)
			list = append(list, drawn(m, p, of.p, err))
		}
	}
	return list
}
