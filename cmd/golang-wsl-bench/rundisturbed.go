package main

import (
	"math"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// disturbances are those of the process that was run, in place of this one's.
func (p *process) disturbances() {
	r, wall := p.run, math.Max(p.out.Wall.Seconds(), 1e-9)
	limits := bench.DefaultLimits()
	for cause, limit := range p.g.app.watch.Limits {
		limits[cause] = limit
	}
	r.Found(bench.Mark{Cause: bench.Nivcsw, Value: float64(p.out.Nivcsw) / wall, Limit: limits[bench.Nivcsw], Unit: "1/s"})
	if p.out.Seen.Ran > 0 {
		r.Found(bench.Mark{Cause: bench.RunDelay, Value: 100 * p.out.Seen.Delay.Seconds() / wall, Limit: limits[bench.RunDelay], Unit: "%"})
	} else {
		r.NotFound(bench.RunDelay) // the kernel does not count it, or it was over too soon
	}
	if p.g.box == nil {
		return
	}
	// Being throttled is what a limit of CPU time is for; without one it is somebody
	// else's.
	if p.g.plan.limits.CPU > 0 {
		limits[bench.Throttled] = math.Inf(1)
	}
	if p.usage.CPUTime > 0 {
		r.Found(bench.Mark{Cause: bench.Throttled, Value: float64(p.usage.Throttled.Microseconds()), Limit: limits[bench.Throttled], Unit: "us"})
	}
	if p.usage.OutOfMemory() {
		r.Found(bench.Mark{Cause: outOfMemory, Value: float64(p.usage.OOMKills), Unit: "kills"})
	}
}
