package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// usualSlack is the kernel's own default. It is set all the same: slack is inherited,
// and part of each wake-up, so that what measures must not be what somebody has left
// behind in a shell.
const usualSlack = 50 * time.Microsecond

// runFlags are the flags of a plan, and of what becomes of it.
type runFlags struct {
	measurement
	plan    runPlan
	explain bool
}

func (a *app) runCommand() *cobra.Command {
	f := new(runFlags)
	cmd := &cobra.Command{
		Use:   "run [FLAG...] -- COMMAND [ARG...] [--vs COMMAND]",
		Short: "Measure any command or go test -bench, or one against another",
		Long: `Run a command ten times, each in a process of its own, and say what it takes. Of
"go test -bench" the test binaries are built once, and run in turn; the numbers are
those of the benchmarks. The command runs in a sandbox with the limits that are asked
for, of which each is read back. Its stdin is empty, and what it writes is kept.

With --vs, or --vs-rev, two are measured that take turns: another command, or the same
at another revision of git. What is a difference is what chance does not explain, what
is more than runs of one side differ, and what is more than 2 %.

A word --vs after "--" ends the first command; one word after it is read as a shell
would, several are the command as they are. To hand --vs to the program itself, write
\--vs (in quotes, so that the shell leaves the backslash). docs/bench.md has the rest.`,
		Example: "  " + calledAs + " run --cpu 50% --mem 512M --cpus 0 -- go test -bench=. ./...\n" +
			"  " + calledAs + " run --vs-rev main -- go test -bench=Encode ./codec\n" +
			"  " + calledAs + " run -o run.txt -- ./old --size 10 --vs './new --size 10'\n" +
			"  " + calledAs + " run --explain --mem 1G -- ./server",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.plan.words = args
			return a.runPrograms(cmd.Context(), f)
		},
	}
	f.add(a, cmd)
	return cmd
}

// add is for each command that runs programs: its flags and arguments, and what
// completes them.
func (f *runFlags) add(a *app, cmd *cobra.Command) {
	cmd.Args = cobra.ArbitraryArgs
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	flags, p := cmd.Flags(), &f.plan
	flags.SetInterspersed(false) // what follows the command is the command's
	flags.SortFlags = false
	p.warmup = -1
	flags.StringVar(&p.vs, "vs", "", "compare with another `command`; or: -- A --vs B")
	flags.StringVar(&p.vsRev, "vs-rev", "", "compare with a `revision` of git, checked out elsewhere")
	flags.StringVar(&p.setup, "setup", "", "run this `command` first, in the directory of each side")
	flags.Var(cpuFlag{&p.limits.CPU}, "cpu", "CPU time it may have: 50%, or 1.5 CPUs")
	flags.Var(memoryFlag{&p.limits.Memory}, "mem", "memory it may have: 512M; no swap then")
	flags.Var(cpusFlag{&p.limits.CPUs}, "cpus", "CPUs it may run on: 0,2-3")
	flags.IntVar(&p.limits.Tasks, "tasks", 0, "threads and processes it may have")
	flags.Var(wordFlag{&p.settings.ASLR, []string{"on", "off"}}, "aslr", "whether the kernel moves code and data in memory")
	flags.DurationVar(&p.settings.TimerSlack, "timer-slack", usualSlack, "how late its timers may be")
	flags.IntVar(&p.settings.Nice, "nice", 0, "its priority, from -20 to 19")
	flags.BoolVar(&p.noSandbox, "no-sandbox", false, "run it as this shell would: no limits, no settings")
	flags.IntVar(&f.runs, "runs", 0, fmt.Sprintf("clean runs of each, each a process (%d)", usualRuns))
	flags.Var(warmupFlag{&p.warmup}, "warmup", "runs that come before and do not count")
	flags.BoolVar(&f.quick, "quick", false, "a first look: one run, benchmarks of 100 ms")
	p.prepare.add(flags)
	flags.BoolVar(&p.profile, "profile", false, "then record profiles and a trace, in passes of their own")
	flags.BoolVar(&p.ignoreExit, "ignore-exit", false, "count runs that end with an error, too")
	flags.DurationVar(&f.deadline, "deadline", 10*time.Minute, "how long one run may take")
	flags.StringVarP(&f.out, "output", "o", "", "write the runs to a file, .json as JSON; - is stdout")
	flags.BoolVar(&f.json, "json", false, "print all of it as JSON in place of the table")
	flags.BoolVar(&f.explain, "explain", false, "say what would be done, and do nothing of it")
	_ = cmd.MarkFlagFilename("output")
	for flag, complete := range map[string]cobra.CompletionFunc{
		"aslr": fixed([]string{"on", "off"}), "warmup": fixed([]string{"auto", "0", "3"}), "vs-rev": a.completeRevisions,
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, complete)
	}
}

// completeRevisions has the branches and tags that there are.
func (a *app) completeRevisions(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	text, err := a.runAside(cmd.Context(), ".", []string{"git", "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags"})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return strings.Fields(text), cobra.ShellCompDirectiveNoFileComp
}

// runPrograms measures, and shows and writes what came of it, also where it was ended
// early.
func (a *app) runPrograms(ctx context.Context, f *runFlags) error {
	if err := f.ready(); err != nil {
		return err
	}
	p := &f.plan
	if f.explain {
		return a.explain(ctx, p, f.out)
	}
	ev, err := a.gather(ctx, p)
	tellBuild(a.std.err, err)
	if len(ev.set.Runs) == 0 {
		return err // there is nothing to show or to keep
	}
	if werr := errors.Join(a.write(f.out, ev.set), a.showEvidence(f, ev)); werr != nil {
		return werr
	}
	if ev.set.Partial && f.out != "" && f.out != "-" {
		a.say(f.out + " has what there was until then, and says so")
	}
	return err
}

// ready completes the plan by what was asked for, or says what is wrong with that.
func (f *runFlags) ready() error {
	out := f.out
	if f.explain {
		f.out = "" // it is not even tried whether that can be written
	}
	err := f.check()
	if f.out = out; err != nil {
		return err
	}
	p := &f.plan
	p.runs, p.quick, p.deadline = f.runs, f.quick, f.deadline
	if p.noSandbox && (p.limits.CPU != 0 || p.limits.Memory != 0 || p.limits.CPUs != nil || p.limits.Tasks != 0 || p.settings.ASLR != "" || p.settings.Nice != 0 || p.prepare.counters) {
		return &usageError{"--no-sandbox excludes limits, settings and counters", ""}
	}
	return nil
}

// tellBuild shows what a compiler had to say.
func tellBuild(w io.Writer, err error) {
	if build := (*buildError)(nil); errors.As(err, &build) {
		_, _ = io.WriteString(w, build.output)
	}
}

func (a *app) showEvidence(f *runFlags, ev *evidence) (err error) {
	switch {
	case f.json:
		err = json.NewEncoder(a.std.out).Encode(ev.document())
	case f.out != "-":
		_, err = io.WriteString(a.std.out, a.evidencePage(ev))
	}
	return err
}

// A document is evidence as JSON. It is a set of runs, with more beside it, so that
// compare reads it.
type document struct {
	*bench.Set
	Commands   []documentSide    `json:"commands"`
	LeftOut    []string          `json:"without_benchmarks,omitempty"`
	Comparison *bench.Comparison `json:"comparison,omitempty"`
	Sandbox    sandbox.Report    `json:"sandbox"`
	Usage      []sandbox.Usage   `json:"usage"` // of each run
	Prepare    *prepare.Report   `json:"prepare"`
}

type documentSide struct {
	Name    string   `json:"name,omitempty"`
	Command []string `json:"command"`
	Dir     string   `json:"dir"`
	Commit  string   `json:"commit,omitempty"`
	Note    string   `json:"note,omitempty"`
}

func (ev *evidence) document() document {
	d := document{Set: ev.set, LeftOut: ev.left, Comparison: ev.comparison, Sandbox: ev.sandbox, Usage: ev.usage, Prepare: ev.prepared}
	for _, s := range ev.sides {
		d.Commands = append(d.Commands, documentSide{s.name, s.words, s.dir, s.rev, s.note})
	}
	return d
}
