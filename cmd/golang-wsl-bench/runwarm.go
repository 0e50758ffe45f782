package main

import (
	"context"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
)

// What warming up may take where nobody says how many rounds: a program that takes a
// second has ten, one that takes a minute has one.
const (
	warmupTime = 10 * time.Second
	mostWarmup = 20
)

// warmUp runs each unit until it takes what it took before. Those runs are kept, with a
// mark. Of test binaries each benchmark has run once already, and within a process the
// testing package runs each until it has a time: for them there is none more, unless
// somebody asks.
func (g *gathering) warmUp(ctx context.Context, bar *progress) error {
	for _, u := range g.ev.units {
		bounds := prepare.Bounds{Most: mostWarmup, Time: warmupTime}
		switch {
		case g.plan.warmup == 0, g.plan.warmup < 0 && (u.binary != nil || g.plan.quick):
			continue
		case g.plan.warmup > 0:
			bounds = prepare.Bounds{Least: g.plan.warmup, Most: g.plan.warmup, Time: time.Duration(1 << 62)}
		}
		round := 0
		w, err := prepare.WarmUp(ctx, u.config.String(), bounds, nil, func(ctx context.Context) (float64, error) {
			round++
			bar.tell(bench.Progress{Config: bench.Config{Probe: "warming up", Name: u.config.String()}, Done: round - 1, Total: max(bounds.Least, round)})
			run, err := g.launch(ctx, u.config)
			if run == nil {
				return 0, err
			}
			run.Config = u.config.Name
			run.Marks = []bench.Mark{{Cause: bench.Warmup, Value: float64(round), Unit: "round"}}
			run.Partial = err != nil
			g.ev.set.Runs = append(g.ev.set.Runs, run)
			return run.Wall.Seconds(), err
		})
		w.Unit = "s"
		g.ev.prepared.Warmup = append(g.ev.prepared.Warmup, w)
		if err != nil && ctx.Err() == nil {
			// The runs that count will say so again, if that stays so.
			g.app.say(u.config.String() + ": warming up: " + oneLine(err.Error()))
		} else if err != nil {
			g.ev.set.Partial = true
			return ctx.Err()
		}
	}
	return nil
}
