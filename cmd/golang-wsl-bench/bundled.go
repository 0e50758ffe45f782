package main

import (
	"bytes"
	"context"
	"os"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// bundled is evidence as a report has it.
func (a *app) bundled(ctx context.Context, ev *evidence) (*report.Evidence, error) {
	tool, err := thisTool()
	if err != nil {
		return nil, err
	}
	e := &report.Evidence{
		Tool: tool, Command: a.reportedCommand(ev), Set: ev.set, Usage: ev.usage, Prepare: ev.prepared,
		Before: ev.before, After: ev.after, GC: ev.collectors,
	}
	if ev.sandbox.Rung != "" {
		e.Sandbox = &ev.sandbox
	}
	for _, r := range ev.raw {
		e.Raw = append(e.Raw, report.Raw{Name: r.name, Run: r.run, Data: r.data})
	}
	for _, p := range ev.profiles {
		unit := strings.TrimPrefix(p.unit, goTestProbe+" ")
		if p.name != "trace" {
			e.Profiles = append(e.Profiles, report.Profile{Name: p.name, Side: p.side, Unit: unit, Data: p.data})
			continue
		}
		said, err := trace.Analyze(ctx, bytes.NewReader(p.data), trace.Options{})
		if err != nil {
			a.say("the trace of " + unit + " is left out: " + oneLine(err.Error()))
			continue
		}
		e.Traces = append(e.Traces, report.Trace{Side: p.side, Unit: unit, Report: said})
	}
	return e, nil
}

func (a *app) reportedCommand(ev *evidence) report.Command {
	c := report.Command{Line: append(strings.Fields(calledAs), os.Args[1:]...), Left: ev.left}
	for _, s := range ev.sides {
		c.Sides = append(c.Sides, report.Side{Name: s.name, Words: s.words, Dir: s.dir, Revision: s.rev, Note: s.note})
	}
	for _, u := range ev.units {
		c.Units = append(c.Units, report.Unit{Probe: u.config.Probe, Config: u.config.Name, SHA256: u.hash, Keys: u.keys})
	}
	for _, name := range report.Variables() {
		if value := a.env(name); value != "" {
			c.Env = append(c.Env, bench.Key{Name: name, Value: value})
		}
	}
	return c
}
