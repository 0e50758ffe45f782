package bench

import (
	"context"
	"errors"
	"fmt"
)

// A Config is what is run, in a process of its own.
type Config struct {
	Probe string // as [Probe.Name] has it
	Name  string // what sets it apart: "slack=1ns"; it may be empty
}

func (c Config) String() string {
	if c.Name == "" {
		return c.Probe
	}
	return c.Probe + " " + c.Name
}

// A Plan is what [Collect] does.
type Plan struct {
	Configs []Config
	Runs    int // clean runs of each that are wanted; 0 is 10
	// Retries is how many runs more each configuration may have in place of those
	// that something disturbed. 0 is half of Runs; less than 0 is none.
	Retries int
	// Launch starts a process that measures once, as [Once] does, and returns its
	// run. With an error there may be a run as well, a partial one.
	Launch   func(context.Context, Config) (*Run, error)
	Progress func(Progress) // called before each run and after it; nil calls nobody
}

// Progress says how far it is.
type Progress struct {
	Config  Config
	Done    int   // runs that have ended, in all
	Total   int   // runs as far as is known; disturbed ones make it grow
	Retry   bool  // this one is in place of another
	Run     *Run  // the run that has just ended; nil where one begins
	Failure error // why it did not measure
}

// errInARow of one configuration end its turns: the next would fail, too.
const errInARow = 2

// Collect has processes measure, one at a time, the configurations in turn: A B C,
// B C A, C A B. What changes on the machine over the minutes then meets all of them
// alike.
//
// Runs that something disturbed stay in the set and are repeated. Where ctx ends
// first, the set has what there is so far, is partial, and the error is that of
// ctx. A configuration that has not measured once is an error as well.
func Collect(ctx context.Context, plan Plan) (*Set, error) {
	c := newCollector(plan)
	for round := range c.plan.Runs {
		if err := c.round(ctx, round, false); err != nil {
			return c.set, err
		}
	}
	c.mark()
	for round := range c.plan.Retries {
		if err := c.round(ctx, round, true); err != nil {
			return c.set, err
		}
		c.mark()
	}
	return c.set, c.missing()
}

// A collector is a plan that is being carried out.
type collector struct {
	plan   Plan
	set    *Set
	errors map[Config][]error // in a row, up to now
	turns  map[Config]int
	done   int
}

func newCollector(plan Plan) *collector {
	if plan.Runs == 0 {
		plan.Runs = 10
	}
	if plan.Retries == 0 {
		plan.Retries = (plan.Runs + 1) / 2
	}
	plan.Retries = max(plan.Retries, 0)
	if plan.Progress == nil {
		plan.Progress = func(Progress) {}
	}
	return &collector{
		plan: plan, set: &Set{Schema: Schema},
		errors: make(map[Config][]error), turns: make(map[Config]int),
	}
}

// round gives each configuration a turn, each round begins with another. A retry
// is for those that have too few clean runs.
func (c *collector) round(ctx context.Context, round int, retry bool) error {
	for i := range c.plan.Configs {
		config := c.plan.Configs[(i+round)%len(c.plan.Configs)]
		if c.over(config) || retry && c.lacks(config) == 0 {
			continue
		}
		if err := c.run(ctx, config, retry); err != nil {
			c.set.Partial = true
			return err
		}
	}
	return nil
}

// run has one process measure. The error is that of ctx only: another one is noted.
func (c *collector) run(ctx context.Context, config Config, retry bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	progress := Progress{Config: config, Done: c.done, Total: c.total(), Retry: retry}
	c.plan.Progress(progress)
	run, err := c.plan.Launch(ctx, config)
	if run != nil {
		run.Probe, run.Config = config.Probe, config.Name
		run.Partial = run.Partial || err != nil
		c.set.Runs = append(c.set.Runs, run)
	}
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	if err == nil && run == nil {
		err = errors.New("the process said nothing")
	}
	if c.errors[config] = append(c.errors[config], err); err == nil {
		delete(c.errors, config)
	} else {
		c.set.Failed = append(c.set.Failed, Failure{config.Probe, config.Name, err.Error()})
	}
	c.done, c.turns[config] = c.done+1, c.turns[config]+1
	progress.Done, progress.Total, progress.Run, progress.Failure = c.done, c.total(), run, err
	c.plan.Progress(progress)
	return nil
}

// over reports whether a configuration has failed too often.
func (c *collector) over(config Config) bool { return len(c.errors[config]) >= errInARow }

// lacks is how many clean runs a configuration should still have.
func (c *collector) lacks(config Config) int {
	clean, _, _ := c.set.Of(config.Probe, config.Name).Count()
	return max(c.plan.Runs-clean, 0)
}

// total is how many runs there will be if nothing disturbs those to come.
func (c *collector) total() int {
	total := c.done
	for _, config := range c.plan.Configs {
		if !c.over(config) {
			left := c.plan.Runs + c.plan.Retries - c.turns[config]
			total += max(min(c.lacks(config), left), 0)
		}
	}
	return total
}

// mark holds the runs of each configuration against each other.
func (c *collector) mark() {
	for _, config := range c.plan.Configs {
		markSwitches(c.set.Of(config.Probe, config.Name).Runs)
	}
}

// missing is why a configuration has no run at all.
func (c *collector) missing() error {
	for _, config := range c.plan.Configs {
		if of := c.set.Of(config.Probe, config.Name); len(of.Runs) == 0 {
			return fmt.Errorf("measure %s: %w", config, errors.Join(c.errors[config]...))
		}
	}
	return nil
}
