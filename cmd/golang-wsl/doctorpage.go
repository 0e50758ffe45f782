package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// doctorSchema is the version of the JSON. What is added does not change it; what
// is renamed, removed or means something else does.
const doctorSchema = 1

// doctorReport is what "golang-wsl doctor --json" writes. docs/doctor.md has it.
type doctorReport struct {
	Schema  int                   `json:"schema"`
	Version string                `json:"golang_wsl"`
	Kind    wsl.Kind              `json:"kind"`
	Exit    int                   `json:"exit"`
	Counts  map[doctor.Status]int `json:"counts"`
	Results []doctor.Result       `json:"results"`
	Fixed   []fixedCheck          `json:"fixed,omitzero"` // with --fix
}

func newDoctorReport(m *doctor.Machine, results []doctor.Result) *doctorReport {
	return &doctorReport{
		Schema: doctorSchema, Version: buildVersion(), Kind: m.Report.Kind,
		Exit: doctorCode(results), Counts: countStatuses(results), Results: results,
	}
}

// countStatuses has every status, those that are not there with 0.
func countStatuses(results []doctor.Result) map[doctor.Status]int {
	counts := map[doctor.Status]int{doctor.OK: 0, doctor.Info: 0, doctor.Warning: 0, doctor.Error: 0, doctor.Skipped: 0, doctor.Timeout: 0}
	for _, r := range results {
		counts[r.Status]++
	}
	return counts
}

// writeResults writes the page: what is wrong, the worst first, then what is worth
// knowing, then by their IDs alone the checks that found nothing.
func (a *app) writeResults(results []doctor.Result) error {
	var b strings.Builder
	for _, status := range []doctor.Status{doctor.Error, doctor.Timeout, doctor.Warning} {
		for _, r := range results {
			if r.Status == status {
				writeProblem(&b, r)
			}
		}
	}
	for _, r := range results {
		if r.Status == doctor.Info {
			fmt.Fprintf(&b, "info: %s: %s\n", r.ID, printable(r.Finding))
			writeEvidence(&b, r)
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	writeFine(&b, results)
	counts := countStatuses(results)
	fmt.Fprintf(&b, "%s fine", plural(counts[doctor.OK], "check is", "checks are"))
	if n := counts[doctor.Skipped]; n > 0 {
		fmt.Fprintf(&b, ", %s to this machine", plural(n, "does not apply", "do not apply"))
	}
	b.WriteString(".\n")
	_, err := fmt.Fprint(a.std.out, b.String())
	return err
}

func writeProblem(b *strings.Builder, r doctor.Result) {
	fmt.Fprintf(b, "%s: %s: %s\n", r.Status, r.ID, printable(r.Finding))
	writeEvidence(b, r)
	fmt.Fprintf(b, "  why:  %s\n", printable(r.Why))
	fmt.Fprintf(b, "  cure: %s\n", printable(r.Cure))
	if r.Fix != nil {
		fmt.Fprintf(b, "  fix:  golang-wsl doctor --fix --only %s\n", r.ID)
	}
}

// writeEvidence writes what a finding goes by and does not say itself, unless that
// fills a screen: the JSON has all of it.
func writeEvidence(b *strings.Builder, r doctor.Result) {
	const most = 6
	lines := slices.DeleteFunc(slices.Clone(r.Evidence), func(line string) bool { return strings.Contains(r.Finding, line) })
	for i, line := range lines {
		if i == most-1 && len(lines) > most {
			fmt.Fprintf(b, "  seen: %d more, which --json shows\n", len(lines)-i)
			return
		}
		fmt.Fprintf(b, "  seen: %s\n", printable(line))
	}
}

// writeFine writes the IDs of what is fine, in lines that fit a terminal.
func writeFine(b *strings.Builder, results []doctor.Result) {
	const width, indent = 80, "     "
	line := "fine:"
	for _, r := range results {
		if r.Status != doctor.OK {
			continue
		}
		if len(line)+1+len(r.ID) > width {
			b.WriteString(line + "\n")
			line = indent
		}
		line += " " + r.ID
	}
	if line != "fine:" {
		b.WriteString(line + "\n")
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
