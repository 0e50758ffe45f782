package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
)

// Ends of the names of files with what a process wrote.
const (
	stderrEnd  = ".stderr.txt" // no numbers
	numbersEnd = ".json"       // of a command that prints none
)

// errNoNumbers is a run of which there is nothing to hold its numbers against.
var errNoNumbers = errors.New("there is no file with what the process wrote")

// cutMark is in what a process wrote where a part of it was too much to keep.
const cutMark = "\n[golang-wsl: "

// holdRaw holds the numbers of each run against what its process wrote.
func (e *Evidence) holdRaw(v *Verification) {
	for i, run := range e.Set.Runs {
		raw, ok := e.wrote(i)
		if !ok {
			if run.Clean() {
				v.find(runsName, "run %d (%s): %v", i, run.Probe, errNoNumbers)
			}
			continue
		}
		raw.hold(v, i, run)
	}
}

// wrote is the file that has the numbers of a run.
func (e *Evidence) wrote(run int) (Raw, bool) {
	best := -1
	for i, r := range e.Raw {
		if r.Run != run || strings.HasSuffix(r.Name, stderrEnd) {
			continue
		}
		if best < 0 || strings.HasSuffix(r.Name, numbersEnd) {
			best = i
		}
	}
	if best < 0 {
		return Raw{}, false
	}
	return e.Raw[best], true
}

type quantity struct{ name, unit string }

// hold holds one run against the file of its process.
func (r Raw) hold(v *Verification, i int, run *bench.Run) {
	name := "raw/" + r.Name
	values, err := r.values()
	if err != nil {
		v.find(name, "%v", err)
		return
	}
	wrote := make(map[quantity]float64, len(values))
	for _, w := range values {
		wrote[quantity{w.Name, w.Unit}] = w.Number
	}
	for _, said := range run.Values {
		key := quantity{said.Name, said.Unit}
		number, ok := wrote[key]
		delete(wrote, key)
		switch {
		case ok && number != said.Number:
			v.find(runsName, "run %d (%s): %s is %v %s, and the process wrote %v (%s)", i, run.Probe, said.Name, said.Number, said.Unit, number, name)
		case !ok && !r.cut() && !said.Watched():
			v.find(runsName, "run %d (%s): %s %s is not in what the process wrote (%s)", i, run.Probe, said.Name, said.Unit, name)
		}
	}
	for _, w := range values {
		if _, left := wrote[quantity{w.Name, w.Unit}]; left && !run.Partial {
			v.find(runsName, "run %d (%s): %s %s is missing, and the process wrote %v (%s)", i, run.Probe, w.Name, w.Unit, w.Number, name)
		}
	}
	if r.cut() {
		v.doubt(name, "the process wrote more than was kept, so that not all numbers can be held against it")
	}
}

// values are the numbers that a process wrote.
func (r Raw) values() (values []bench.Value, err error) {
	if strings.HasSuffix(r.Name, numbersEnd) {
		err = json.Unmarshal(r.Data, &values)
		return values, err
	}
	out, err := gotest.Parse(bytes.NewReader(r.Data))
	if err != nil {
		return nil, err
	}
	return out.Values, nil
}

func (r Raw) cut() bool { return bytes.Contains(r.Data, []byte(cutMark)) }
