package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// A fixedCheck is what --fix did for one check, as the JSON has it.
type fixedCheck struct {
	ID    string   `json:"id"`
	Done  []string `json:"done"`  // as they were announced
	Error string   `json:"error"` // why not all was done, or ""
}

// passes is how often --fix looks at what it has made of the machine. A second one
// is for two cures of one file.
const passes = 3

// cure does what the problems have a Fix for, and nothing twice: what did not help,
// or could not be done, will not now. The results are those of what is there then.
func (v *visit) cure(ctx context.Context, m *doctor.Machine, results []doctor.Result) (_ *doctor.Machine, _ []doctor.Result, err error) {
	v.fixed = []fixedCheck{}
	tried := make(map[string]bool) // by what was announced
	for range passes {
		todo := doctor.Fixable(slices.DeleteFunc(slices.Clone(results), func(r doctor.Result) bool {
			return slices.ContainsFunc(announcements(r), func(line string) bool { return tried[line] })
		}))
		if len(todo) == 0 {
			break
		}
		if err := v.announce(todo); err != nil {
			return nil, nil, err
		}
		for _, r := range todo {
			for _, line := range announcements(r) {
				tried[line] = true
			}
			v.do(ctx, r)
		}
		if m, results, err = v.look(ctx); err != nil {
			return nil, nil, err
		}
	}
	return m, results, nil
}

// announcements are what a Fix will do, a line each.
func announcements(r doctor.Result) (lines []string) {
	if r.Fix == nil {
		return nil
	}
	for _, line := range r.Fix.Lines() {
		lines = append(lines, fmt.Sprintf("fix: %s: %s\n", r.ID, printable(line)))
	}
	return lines
}

// announce says all of what will be done, before any of it is. Who wants JSON on
// stdout reads it on stderr.
func (v *visit) announce(todo []doctor.Result) error {
	var b strings.Builder
	for _, r := range todo {
		b.WriteString(strings.Join(announcements(r), ""))
	}
	if v.asJSON {
		_, err := fmt.Fprint(v.std.err, b.String())
		return err
	}
	_, err := fmt.Fprintln(v.std.out, b.String())
	return err
}

// do does one Fix as far as that goes. What fails is said, and is no reason to leave
// the rest.
func (v *visit) do(ctx context.Context, r doctor.Result) {
	lines, done := r.Fix.Lines(), fixedCheck{ID: r.ID, Done: []string{}}
	steps := make([]func() error, 0, len(lines))
	for _, e := range r.Fix.Edits {
		steps = append(steps, func() error { return applyEdit(e) })
	}
	for _, c := range r.Fix.Commands {
		steps = append(steps, func() error { return v.command(ctx, c) })
	}
	var failed error
	for i, step := range steps {
		err := ctx.Err()
		if err == nil {
			err = step()
		}
		if failed = errors.Join(failed, err); err == nil {
			done.Done = append(done.Done, lines[i])
		}
	}
	if failed != nil && ctx.Err() == nil {
		done.Error = oneLine(failed.Error())
		v.say(fmt.Sprintf("%s is not fixed: %s", r.ID, printable(done.Error)))
	}
	v.fixed = append(v.fixed, done)
}

// applyEdit gives a file its new content, if it still is what the check has seen.
func applyEdit(e doctor.Edit) error {
	plan, err := shell.PlanWrite(e.File, e.New)
	if err != nil {
		return err
	}
	if plan.Target != e.File || plan.Create != (e.Old == nil) || !bytes.Equal(plan.Old, e.Old) {
		return fmt.Errorf("edit %s: it has changed meanwhile, and is left as it is", e.File)
	}
	return plan.Apply()
}

// command runs a command of this program as it would run if it were typed in this
// shell: in the data directory of the shell, where asdf runs the plugin of another.
// Its answers are not those that were asked for here, so all that it says goes to
// stderr.
func (v *visit) command(ctx context.Context, c doctor.Command) error {
	env := func(name string) string {
		if name == "GOLANG_WSL_PLUGIN_DIR" {
			return ""
		}
		return v.env(name)
	}
	code := run(ctx, c.Args, env, streams{in: strings.NewReader(""), out: v.std.err, err: v.std.err})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if code != exitOK {
		return fmt.Errorf("golang-wsl %s ended with exit code %d", strings.Join(c.Args, " "), code)
	}
	return nil
}
