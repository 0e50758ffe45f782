package main

import (
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// An evidence is all that came of running programs: what a page, a file or a bundle is
// made of.
type evidence struct {
	sides      []side
	units      []*unit // what was measured
	left       []string
	set        *bench.Set        // all runs, also those that do not count
	comparison *bench.Comparison // of A and B; nil where there is none
	refused    error             // why there is none
	raw        []rawFile
	sandbox    sandbox.Report
	usage      []sandbox.Usage // by run, as in set
	prepared   *prepare.Report
	before     *snapshot.Snapshot
	after      *snapshot.Snapshot
	profiles   []profileFile
	collectors []*gc.Report
}

// A rawFile is what a process wrote.
type rawFile struct {
	name string // "0007-A.txt"
	run  int    // in set; -1 where the process was of no run
	data []byte
}

// A profileFile is what a pass of its own has recorded.
type profileFile struct {
	name string // "cpu", "mem" or "trace"
	side string // "", "A", "B"
	unit string // the import path, or the command
	data []byte
}
