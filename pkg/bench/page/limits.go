package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// A section is words, and tables of which the later ones are folded.
type section struct {
	Words  []string
	Tables []table // shown
	Folded []table
}

// limits is what was asked of the sandbox and what was read back.
func (v *view) limits() *section {
	r := v.data.Sandbox
	if r == nil {
		return nil
	}
	s := &section{Words: []string{rungWords(r)}}
	for _, t := range r.Tried {
		s.Words = append(s.Words, fmt.Sprintf("Not to be had: %s: %s.", rungName(t.Rung), strings.TrimSuffix(t.Why, ".")))
	}
	asked := table{Caption: "Limits and settings, asked for and read back", Head: []string{"", "asked for", "in effect", "by", ""}}
	for _, e := range slices.Concat(r.Limits, r.Settings) {
		row := textRow(e.Name, cmp.Or(quantity(e.Name, e.Requested), "–"), quantity(e.Name, e.Effective), e.By, e.Note)
		row.Cells[4].Class = "prose"
		switch {
		case e.Missing():
			row.Class = "lost"
		case e.Requested == "":
			row.Class = "muted"
		}
		asked.Rows = append(asked.Rows, row)
	}
	if len(asked.Rows) > 0 {
		s.Tables = append(s.Tables, asked)
	}
	if used := v.used(); len(used.Rows) > 0 {
		s.Folded = append(s.Folded, used)
	}
	return s
}

// quantity is a limit as a person reads it. What is no number stays as it is.
func quantity(name, text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return text
	}
	switch name {
	case "memory", "swap", "file-size", "address-space":
		return short(number(n, "B"))
	case "timer-slack":
		return short(number(n, "ns"))
	case "cpu-time":
		return short(number(n*1e9, "ns"))
	case "cpu":
		return strings.TrimPrefix(signed(n), "+") + " of a CPU"
	}
	return text
}

func rungName(rung string) string {
	switch rung {
	case sandbox.SystemScope:
		return "a scope of systemd"
	case sandbox.UserScope:
		return "a scope of the user's systemd"
	case sandbox.Cgroupfs:
		return "a control group without systemd"
	case sandbox.Premade:
		return "the control group made for it"
	case sandbox.Process:
		return "process settings only, no control group"
	}
	return rung
}

func rungWords(r *sandbox.Report) string {
	text := "Each run had " + rungName(r.Rung)
	if r.Group != "" {
		text += ", " + r.Group
	}
	return text + "."
}

// used is what each run has used up, as its control group counts it.
func (v *view) used() table {
	t := table{Caption: "What each run used up", Head: []string{"run", "most memory", "CPU time", "throttled", "killed for memory", "waited for a CPU"}}
	for i, u := range v.data.Usage {
		t.Rows = append(t.Rows, row{Cells: []cell{
			{Text: fmt.Sprint(i + 1), Number: true}, {Text: known(u.MemoryPeak > 0, number(float64(u.MemoryPeak), "B")), Number: true},
			{Text: known(u.CPUTime > 0, duration(u.CPUTime)), Number: true}, {Text: duration(u.Throttled), Number: true},
			{Text: fmt.Sprint(u.OOMKills), Number: true}, {Text: duration(u.Pressure["cpu.some"]), Number: true},
		}})
	}
	var absent []string
	for _, u := range v.data.Usage {
		for _, a := range u.Absent {
			if !slices.Contains(absent, a) {
				absent = append(absent, a)
			}
		}
	}
	if len(absent) > 0 {
		t.Note = "This machine does not tell " + strings.Join(absent, "; ") + "."
	}
	return t
}

func known(ok bool, text string) string {
	if ok {
		return text
	}
	return "–"
}

func duration(d time.Duration) string { return number(float64(d), "ns") }

// limitRemarks are what the sandbox takes from the numbers.
func (v *view) limitRemarks() (list []remark) {
	if r := v.data.Sandbox; r != nil {
		for _, e := range r.Missing() {
			l := care
			if slices.Contains(r.Limits, e) {
				l = bad
			}
			list = append(list, remark{l, fmt.Sprintf("%s was asked for (%s) and is not in effect. %s", e.Name, quantity(e.Name, e.Requested), e.Note)})
		}
		for _, e := range slices.Concat(r.Limits, r.Settings) {
			if e.Requested != "" && !e.Missing() && e.Requested != e.Effective {
				list = append(list, remark{care, fmt.Sprintf("%s is %s, and not %s as asked for. %s", e.Name, quantity(e.Name, e.Effective), quantity(e.Name, e.Requested), e.Note)})
			}
		}
	}
	killed := 0
	for _, u := range v.data.Usage {
		if u.OutOfMemory() {
			killed++
		}
	}
	if killed > 0 {
		list = append(list, remark{bad, fmt.Sprintf("In %s the kernel killed for want of memory.", count(killed, "run"))})
	}
	return list
}
