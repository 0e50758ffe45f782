package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// Names of files in a bundle. Each is what its name says; docs/bench.md has the table.
const (
	commandName   = "command.json"
	runsName      = "runs.json"
	rawIndex      = "raw/index.json"
	sandboxName   = "sandbox.json"
	prepareName   = "prepare.json"
	beforeName    = "snapshot-before.json"
	afterName     = "snapshot-after.json"
	profilesIndex = "profiles/index.json"
	gcName        = "gc.json"
	tracesName    = "trace/traces.json"

	benchName      = "bench.txt"
	tablesText     = "tables.txt"
	tablesName     = "tables.json"
	verdictName    = "verdict.json"
	differenceName = "snapshot-diff.json"
	reproduceName  = "REPRODUCE.md"
	pageName       = "index.html"
)

// A maker collects the files of a bundle.
type maker struct {
	files []made
	err   error // the first
}

func (m *maker) add(name string, derived bool, data []byte, err error) {
	if err != nil && m.err == nil {
		m.err = fmt.Errorf("make %s: %w", name, err)
	}
	m.files = append(m.files, made{name, data, derived})
}

func (m *maker) json(name string, derived bool, v any) {
	data, err := indented(v)
	m.add(name, derived, data, err)
}

// files are all files of a bundle but its manifest, by name.
func (e *Evidence) files() ([]made, error) {
	m := new(maker)
	e.measured(m)
	e.follows(m)
	slices.SortFunc(m.files, func(a, b made) int { return cmp.Compare(a.name, b.name) })
	return m.files, m.err
}

// A rawEntry is a line of the list of what processes wrote.
type rawEntry struct {
	File string `json:"file"`
	Run  int    `json:"run"` // in runs.json, from 0; -1 where the process was of no run
}

// A boxed is what the sandbox had to say.
type boxed struct {
	Report *sandbox.Report `json:"report"`
	Usage  []sandbox.Usage `json:"usage"` // by run, as in runs.json
}

// measured adds what was measured, from which all else follows.
func (e *Evidence) measured(m *maker) {
	command := e.Command
	command.Order = e.order()
	m.json(commandName, false, command)
	var runs bytes.Buffer
	err := bench.WriteJSON(&runs, e.Set)
	m.add(runsName, false, runs.Bytes(), err)

	var list []rawEntry
	for _, r := range e.Raw {
		m.add("raw/"+r.Name, false, r.Data, e.checkRaw(r))
		list = append(list, rawEntry{"raw/" + r.Name, r.Run})
	}
	m.json(rawIndex, false, list)
	if e.Sandbox != nil {
		m.json(sandboxName, false, boxed{e.Sandbox, e.Usage})
	}
	if e.Prepare != nil {
		m.json(prepareName, false, e.Prepare)
	}
	for name, s := range map[string]*snapshot.Snapshot{beforeName: e.Before, afterName: e.After} {
		if s != nil {
			m.json(name, false, s)
		}
	}
	if len(e.GC) > 0 {
		m.json(gcName, false, e.GC)
	}
	if len(e.Profiles) > 0 {
		m.json(profilesIndex, false, e.profiles())
	}
	for i, p := range e.profiles() {
		m.add(p.File, false, e.Profiles[i].Data, nil)
	}
	e.traces(m)
}

func (e *Evidence) checkRaw(r Raw) error {
	if r.Run < -1 || r.Run >= len(e.Set.Runs) {
		return fmt.Errorf("there is no run %d", r.Run)
	}
	return nil
}

// order is which run began when.
func (e *Evidence) order() []string {
	runs := slices.Clone(e.Set.Runs)
	slices.SortStableFunc(runs, func(a, b *bench.Run) int { return a.Begin.Compare(b.Begin) })
	order := make([]string, len(runs))
	for i, r := range runs {
		order[i] = bench.Config{Probe: r.Probe, Name: r.Config}.String()
	}
	return order
}

// follows adds what follows from what was measured.
func (e *Evidence) follows(m *maker) {
	var text bytes.Buffer
	err := bench.Write(&text, e.Set)
	m.add(benchName, true, text.Bytes(), err)
	t := e.tables()
	m.json(tablesName, true, t)
	m.add(tablesText, true, []byte(e.tablesText(t)), nil)
	m.json(verdictName, true, e.verdict())
	if e.Before != nil && e.After != nil {
		m.json(differenceName, true, snapshot.Diff(e.Before, e.After))
	}
	m.add(reproduceName, true, []byte(e.reproduce()), nil)
	flames := append(e.flames(m), e.traceFlames(m)...)
	page, err := e.page(m.files, t, flames)
	m.add(pageName, true, page, err)
}
