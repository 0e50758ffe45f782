// Package prepare says what would disturb a measurement on a machine, and does what
// can be done about it without leaving a trace.
//
//	findings := prepare.Judge(prepare.Facts{Snapshot: before}) // only says
//
//	report, undo, err := prepare.Prepare(ctx, prepare.Options{
//		Facts: prepare.Facts{Snapshot: before}, Wait: time.Minute, Journal: journal,
//	})
//	defer undo()
//
// It never writes a sysctl, and never sets a clock or starts what does: those are
// the whole machine's, and others use it too. What it changes is named in the
// [Report] with what was there before, is announced to a [Journal] before it is done,
// and is undone by the function that Prepare returns, or by whoever reads the journal
// where the program died.
//
// [WarmUp] runs a thing until what it measures has stopped to change.
package prepare

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A Verdict is what a finding means for a measurement.
type Verdict string

// Verdicts, from best to worst.
const (
	OK      Verdict = "ok"
	Unknown Verdict = "unknown" // the machine does not tell; that is not ok
	Warn    Verdict = "warn"    // numbers may be worse or more scattered than they should be
	Fail    Verdict = "fail"    // numbers will be wrong, or not those that were asked for
)

// A Finding is one thing that might disturb, and what was done about it.
type Finding struct {
	Name    string  `json:"name"` // stable: "load", "governor", "clock-rate"
	Value   string  `json:"value,omitempty"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`           // for people, one line
	Done    string  `json:"done,omitempty"` // what was done about it; "" is nothing
}

// A Change is something that Prepare has changed.
type Change struct {
	What     string `json:"what"` // a file
	Old      string `json:"old,omitempty"`
	New      string `json:"new"`
	Restored bool   `json:"restored"` // whether it is as before again, read back
	Error    string `json:"error,omitempty"`
}

// A Report is what was found and what was done. What undo does is in it, too.
type Report struct {
	Findings []Finding     `json:"findings"`
	Waited   time.Duration `json:"waited_ns"` // for the machine to calm down
	Changes  []Change      `json:"changes,omitempty"`
	Warmup   []Warmup      `json:"warmup,omitempty"` // of each thing that is measured
}

// Worst is the worst verdict of the findings.
func (r *Report) Worst() Verdict { return Worst(r.Findings) }

// Options are what Prepare may do.
type Options struct {
	Facts
	Files Files // of this machine, or of a test
	// Lock is the name by which benchmarks keep out of each other's way, for [Exclude].
	Lock string
	// Found is what the caller has come to before: that of Exclude.
	Found []Finding
	// Wait is how long to wait for the machine to calm down, and Exclude for the lock; 0
	// does not wait.
	Wait time.Duration
	// Governor is the one that the processors are to have, as root: "performance". ""
	// leaves theirs.
	Governor string
	// Awake keeps the processors from deep sleep, as root. What is measured is then not
	// what users have: it is for comparing two programs.
	Awake   bool
	Journal Journal       // is told before anything is changed; nil is nobody
	Clocks  *Clocks       // to find the clock's rate; nil does not
	RateFor time.Duration // at least; 0 is 5 s
	// Progress is called each second while something is waited for; nil is nobody.
	Progress func(Waiting)
	Now      func() time.Time                           // nil is the clock
	Sleep    func(context.Context, time.Duration) error // nil is a timer
}

// Prepare waits for a calm machine, does what may be done, and says
// what is left. undo gives all of it back and completes the report; it is never nil and
// may be called twice. The error is that of ctx.
func Prepare(ctx context.Context, o Options) (report *Report, undo func() error, err error) {
	p := newPreparer(o)
	if err := p.prepare(ctx); err != nil {
		return p.report, p.back, errors.Join(err, p.back())
	}
	return p.report, p.back, nil
}

// A preparer carries out options.
type preparer struct {
	changes
	o   Options
	own []Finding // those that Prepare itself comes to
}

func newPreparer(o Options) *preparer {
	if o.Journal == nil {
		o.Journal = nobody{}
	}
	if o.Progress == nil {
		o.Progress = func(Waiting) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.RateFor == 0 {
		o.RateFor = 5 * time.Second
	}
	p := &preparer{changes: changes{report: new(Report), files: o.Files, journal: o.Journal}, o: o}
	p.own = slices.Clone(o.Found)
	return p
}

func (p *preparer) now() time.Time { return p.o.Now() }

func (p *preparer) prepare(ctx context.Context) error {
	if p.o.Governor != "" {
		p.own = append(p.own, p.govern(p.o.Governor))
	}
	if p.o.Awake {
		p.own = append(p.own, p.awake())
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	p.report.Findings = merge(Judge(p.o.Facts), p.own)
	return ctx.Err()
}

// look is what takes time: the rate of the clock, while the machine calms down.
func (p *preparer) look(ctx context.Context) error {
	begin := p.now()
	runs := false
	if p.o.Clocks != nil {
		var rate func() Rate
		rate, runs = BeginRate(ctx, *p.o.Clocks)
		defer func() {
			r := rate()
			p.o.Rate = &r
		}()
	}
	if n, ok := p.o.number("scheduler", "cpus"); ok && p.o.Wait > 0 {
		f, err := p.calm(ctx, LoadLimit*n)
		if err != nil {
			return err
		}
		p.own = append(p.own, f)
	}
	if left := p.o.RateFor - p.now().Sub(begin); runs && left > 0 {
		return p.o.Sleep(ctx, left)
	}
	return nil
}

// merge has what Prepare did in place of what Judge saw before.
func merge(judged, own []Finding) []Finding {
	for _, f := range own {
		if i := slices.IndexFunc(judged, func(o Finding) bool { return o.Name == f.Name }); i >= 0 {
			judged[i] = f
		} else {
			judged = append(judged, f)
		}
	}
	return judged
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Worst is the worst verdict there is.
func Worst(findings []Finding) Verdict {
	order := []Verdict{OK, Unknown, Warn, Fail}
	worst := 0
	for _, f := range findings {
		for i, v := range order {
			if f.Verdict == v {
				worst = max(worst, i)
			}
		}
	}
	return order[worst]
}
