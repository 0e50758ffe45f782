package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// explain prints what gather would do, and does nothing of it: nothing is built,
// checked out or run.
func (a *app) explain(ctx context.Context, p *runPlan, output string) error {
	list, err := sides(p.words, p.vs, a.env)
	if err != nil {
		return err
	}
	if p.vsRev != "" && len(list) == 1 {
		other := list[0]
		other.note = "at " + p.vsRev + ", checked out in a temporary directory"
		list = append(list, other)
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	goTests := 0
	for i, s := range list {
		name := ""
		if len(list) > 1 {
			name = string(rune('A'+i)) + ": "
		}
		line("%s%s", name, s)
		if s.isGoTest(a.env) {
			goTests++
		}
	}
	if p.setup != "" {
		line("before: sh -c %s", shell.Word(p.setup))
	}
	if goTests > 0 {
		line("build: go test builds each test binary once; each of its benchmarks then runs for one iteration")
	}
	b.WriteString(p.prepare.explain(p.quick))
	text, err := a.explainSandbox(ctx, p)
	if err != nil {
		return err
	}
	b.WriteString(text)
	b.WriteString(p.turns(len(list), goTests))
	if output != "" && output != "-" {
		line("write: %s", output)
	}
	_, err = io.WriteString(a.std.out, b.String())
	return err
}

// turns says what runs how often.
func (p *runPlan) turns(sides, goTests int) string {
	var b strings.Builder
	switch {
	case p.warmup > 0:
		fmt.Fprintf(&b, "warm-up: %d runs of each, kept apart\n", p.warmup)
	case p.warmup < 0 && goTests < sides && !p.quick:
		fmt.Fprintf(&b, "warm-up: runs that are kept apart, until they take what they took before, %s at most\n", warmupTime)
	}
	what := fmt.Sprintf("%d processes", p.runs*sides)
	if p.runs*sides == 1 {
		what = "1 process"
	}
	if goTests > 0 {
		what += " for each test binary"
		if sides > 1 {
			what = fmt.Sprintf("%d processes for each test binary and side", p.runs)
		}
	}
	if sides > 1 {
		what += ", in turn: A B, B A"
	}
	fmt.Fprintf(&b, "measure: %s", what)
	if p.retries() > 0 {
		fmt.Fprintf(&b, "; those that something disturbs are repeated, up to %d times each", p.retries())
	}
	b.WriteString("\n")
	if p.profile && goTests > 0 {
		b.WriteString("record: a CPU profile, a heap profile, a trace and the collector's log of each test binary, in a process each\n")
	}
	return b.String()
}

func (p *runPlan) retries() int {
	if p.quick {
		return 0
	}
	return (p.runs + 1) / 2
}

// explainSandbox says which rung of the ladder there would be, and what for.
func (a *app) explainSandbox(ctx context.Context, p *runPlan) (string, error) {
	if p.noSandbox {
		return "sandbox: none\n", nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	plan, err := sandbox.Explain(ctx, sandbox.Options{Limits: p.limits, Settings: p.settings, Shim: shimArgs(exe)})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "sandbox: %s\n", plan.Rung)
	for _, t := range plan.Tried {
		fmt.Fprintf(&b, "  not %s: %s\n", t.Rung, t.Why)
	}
	for _, step := range plan.Steps {
		fmt.Fprintf(&b, "  %s\n", step)
	}
	for _, e := range plan.Limits {
		if e.Missing() {
			fmt.Fprintf(&b, "  %s: %s is NOT to be had: %s\n", e.Name, effectText(e, e.Requested, a.style()), e.Note)
		} else {
			fmt.Fprintf(&b, "  %s: %s, by %s\n", e.Name, effectText(e, e.Requested, a.style()), e.By)
		}
	}
	aslr := p.settings.ASLR
	if aslr == "" {
		aslr = "on, or off where A and B are one program"
	}
	fmt.Fprintf(&b, "  aslr: %s; timer slack: %s\n", aslr, p.settings.TimerSlack)
	return b.String(), nil
}
