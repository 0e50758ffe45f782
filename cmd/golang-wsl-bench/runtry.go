package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
)

// tryOnce runs each test binary with one iteration of each benchmark: it says which
// there are, brings files into memory, and fails now where it would fail later.
func (g *gathering) tryOnce(ctx context.Context) error {
	var units []*unit
	for _, u := range g.ev.units {
		if u.binary == nil {
			units = append(units, u)
			continue
		}
		g.app.tellStep("each benchmark of " + u.binary.Package + " once")
		r, err := g.run(ctx, u, gotest.Pass{Once: true})
		g.app.tellStep("")
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r == nil || r.out == nil { // it could not be started
			g.failed(u, err)
			continue
		}
		g.keep(r, "once", -1)
		switch {
		case err != nil && (r.tests.Lines == 0 || !g.plan.ignoreExit):
			g.failed(u, err)
		case r.tests.Lines == 0:
			g.ev.left = append(g.ev.left, u.binary.Package)
		default:
			units = append(units, u)
		}
	}
	g.ev.units = units
	return g.nothingLeft()
}

func (g *gathering) failed(u *unit, err error) {
	g.ev.set.Failed = append(g.ev.set.Failed, bench.Failure{Probe: u.config.Probe, Config: u.config.Name, Error: err.Error()})
	g.app.say(u.config.String() + ": " + oneLine(err.Error()))
}

// nothingLeft is why there is nothing to measure.
func (g *gathering) nothingLeft() error {
	switch failed := g.ev.set.Failed; {
	case len(g.ev.units) > 0:
		return nil
	case len(failed) > 0:
		return fmt.Errorf("measure %s: %s", bench.Config{Probe: failed[0].Probe, Name: failed[0].Config}, failed[0].Error)
	}
	return fmt.Errorf("no benchmark is named like that in %s", strings.Join(g.ev.left, ", "))
}
