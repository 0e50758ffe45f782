// Package doctor finds what is wrong with Go on a machine, says why it matters
// and names the cure. It is what "golang-wsl doctor" prints.
//
//	results, err := doctor.Run(ctx, machine, doctor.Checks(), 5*time.Second)
//	for _, r := range results {
//		fmt.Println(r.Status, r.ID, r.Finding, r.Cure)
//	}
//
// A [Check] is a value: what it reads, how it decides, why that matters, what to
// do. It looks at a [Machine] and at nothing else, so that a machine can be a
// directory tree, a bug report typed in, or this one.
//
// All checks run at the same time, and each has a deadline: a look at a Windows
// drive may never come back (microsoft/WSL#7883), and must not keep the others.
//
// A false alarm is a fault. What is merely good to know is [Info], and what a
// check has no business with, such as wsl.conf on plain Linux, is [Skipped].
// Nothing here changes anything, asks a server, or starts a program but by what the
// Machine has for that: Run, Try and Net. Where a check knows a cure that is safe,
// its finding carries a [Fix], which says exactly what it would touch and which the
// caller may do, or not.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Status is what a check comes to.
type Status string

// From best to worst, but that Skipped and Timeout say nothing of the machine.
const (
	OK      Status = "ok"
	Info    Status = "info"    // good to know; nothing to be done
	Warning Status = "warning" // Go works, but worse or otherwise than it should
	Error   Status = "error"   // something does not work
	Skipped Status = "skipped" // does not apply here
	Timeout Status = "timeout" // the check did not end in time
)

// IsProblem reports whether the status is something to look into.
func (s Status) IsProblem() bool { return s == Warning || s == Error || s == Timeout }

// A Check is one question about a machine.
type Check struct {
	ID      string // stable, for --only and for scripts
	Title   string // what is looked at
	Reads   string // which files, variables and programs
	Decides string // how it comes to its answer
	Why     string // why a problem matters to Go, in one line
	Cure    string // a command, or what to do; "" where there is no general one
	Safe    bool   // whether the cure loses nothing and asks for no password, so that findings may have a Fix
	// Deadline is for a check that needs another than the rest; 0 is that of Run.
	Deadline time.Duration
	Look     func(ctx context.Context, m *Machine) Finding
}

// A Finding is what one look came to.
type Finding struct {
	Status   Status
	Text     string   // one line
	Evidence []string // what was seen
	Cure     string   // the check's own, with the names of this machine filled in
	Fix      *Fix     // what does the cure, where that can be done from here
	// Because is the ID of the check that names the cause, "" if this one does. Where
	// that check was asked as well, and has found something as bad, this is but info.
	Because string
}

// A Result is the finding of a check with its explanation. Its JSON names are
// stable; docs/doctor.md describes them.
type Result struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Status   Status   `json:"status"`
	Finding  string   `json:"finding"`
	Evidence []string `json:"evidence"`
	Why      string   `json:"why"`       // "" where there is no problem
	Cure     string   `json:"cure"`      // "" where there is no problem, or no cure
	CureSafe bool     `json:"cure_safe"` // whether there is a Fix
	Fix      *Fix     `json:"-"`
}

// Checks are all there are, in the order in which results are shown.
func Checks() []Check {
	var all []Check
	for _, group := range [][]Check{
		troubleChecks(), wslChecks(), configChecks(), kernelChecks(), driveChecks(), scratchChecks(), pathChecks(), hookChecks(), asdfChecks(), installChecks(), managerChecks(),
		fileChecks(), goChecks(), buildChecks(), gitChecks(), networkChecks(), settingChecks(),
	} {
		all = append(all, group...)
	}
	return all
}

// An UnknownError says that no check is called so.
type UnknownError struct {
	ID   string
	Near string // the ID that is most like it, or ""
}

func (e *UnknownError) Error() string { return fmt.Sprintf("no check is called %q", e.ID) }

// Choose returns the checks with these IDs, in their own order. The error is an
// [*UnknownError].
func Choose(checks []Check, ids []string) ([]Check, error) {
	wanted := make(map[string]bool, len(ids))
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.ID
		wanted[c.ID] = false
	}
	for _, id := range ids {
		if _, ok := wanted[id]; !ok {
			return nil, &UnknownError{ID: id, Near: nearest(id, names)}
		}
		wanted[id] = true
	}
	var chosen []Check
	for _, c := range checks {
		if wanted[c.ID] {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// Run puts the questions, all at once, and returns the answers in the order of the
// checks. A check that takes longer than the deadline is reported as such and left
// behind: a system call on a file system that hangs cannot be ended from here. The
// error is that of ctx.
func Run(ctx context.Context, m *Machine, checks []Check, deadline time.Duration) ([]Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	findings := all(checks, func(c Check) Finding { return m.judged(m.asUser(c.ask(ctx, m, deadline))) })
	found := make(map[string]Finding, len(checks))
	for i, c := range checks {
		found[c.ID] = findings[i]
	}
	results := make([]Result, len(checks))
	for i, c := range checks {
		results[i] = c.result(findings[i].follows(found))
	}
	return results, ctx.Err()
}

// follows makes info of what the fault of another check comes to: one fault, one
// alarm. A cause that is less bad has another fault at least.
func (f Finding) follows(found map[string]Finding) Finding {
	cause := found[f.Because].Status
	if f.Because == "" || !f.Status.IsProblem() || rank(cause) < rank(f.Status) {
		return f
	}
	return Finding{Status: Info, Text: f.Text + "; see " + f.Because, Evidence: f.Evidence}
}

// ask prefers an answer that is there to a deadline that is over.
func (c Check) ask(ctx context.Context, m *Machine, deadline time.Duration) Finding {
	deadline = cmp.Or(c.Deadline, deadline)
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	answer := make(chan Finding, 1)
	go func() { answer <- c.Look(ctx, m) }()
	select {
	case f := <-answer:
		return f
	case <-ctx.Done():
	}
	select {
	case f := <-answer:
		return f
	default:
		return Finding{Status: Timeout, Text: fmt.Sprintf("no answer within %s", deadline)}
	}
}

func (c Check) result(f Finding) Result {
	r := Result{ID: c.ID, Title: c.Title, Status: f.Status, Finding: f.Text, Evidence: f.Evidence}
	if r.Evidence == nil {
		r.Evidence = []string{}
	}
	switch {
	case f.Status == Timeout:
		r.Why = "a file system or program that hangs hangs the go command as well"
		r.Cure = "look at what it reads, Windows drives first: " + c.Reads
	case f.Status.IsProblem() || f.Cure != "":
		r.Why, r.Cure, r.Fix = c.Why, f.Cure, f.Fix
		r.CureSafe = f.Fix != nil
		if r.Cure == "" {
			r.Cure = c.Cure
		}
	}
	return r
}

// Worst is the worst status of the results: Error, Warning (which a Timeout counts
// as), or else OK.
func Worst(results []Result) Status {
	worst := OK
	for _, r := range results {
		switch {
		case r.Status == Error:
			return Error
		case r.Status.IsProblem():
			worst = Warning
		}
	}
	return worst
}

func ok(format string, args ...any) Finding {
	return Finding{Status: OK, Text: fmt.Sprintf(format, args...)}
}

func skipped(why string) Finding { return Finding{Status: Skipped, Text: why} }
