package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
)

// reportFlags are those of run, and what becomes of the evidence.
type reportFlags struct {
	runFlags
	sign      string
	anonymous bool
}

func (a *app) reportCommand() *cobra.Command {
	f := new(reportFlags)
	cmd := &cobra.Command{
		Use:   "report -o FILE [FLAG...] -- COMMAND [ARG...] [--vs COMMAND]",
		Short: "Measure like run, and write all of it as a bundle that can be checked",
		Long: `Measure a command, or two, like "run" does, and write one zip with all of it: what was
run and on what, what each process wrote, tables, profiles and flame graphs, how to
measure it again, and index.html, a page to begin with. "verify" checks the bundle,
and "compare" holds two of them against each other.

--sign takes a private key of SSH, a public one of which the agent (SSH_AUTH_SOCK) has
the private part, or a key for signed notes. --anonymous takes out the names of the
machine and of its users, paths, and addresses of network cards. What a program
prints itself may still tell who you are: look at raw/ before you send it.`,
		Example: "  " + calledAs + " report -o audit.zip -- go test -bench=. ./pkg/...\n" +
			"  " + calledAs + " report -o a.zip --sign key --vs-rev main -- go test -bench=.\n" +
			"  " + calledAs + " report -o audit.zip --anonymous -- ./server --selftest",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.plan.words = args
			return a.reportPrograms(cmd.Context(), f)
		},
	}
	f.add(a, cmd)
	flags := cmd.Flags()
	flags.Lookup("output").Usage = "the file to write, a zip"
	profile := flags.Lookup("profile")
	profile.Usage, profile.DefValue, f.plan.profile = "profiles and a trace, in passes of their own", "true", true
	flags.StringVar(&f.sign, "sign", "", "sign it with this key: a file")
	flags.BoolVar(&f.anonymous, "anonymous", false, "take out names, paths and addresses")
	_ = cmd.MarkFlagFilename("sign")
	_ = cmd.MarkFlagFilename("output", "zip")
	return cmd
}

// reportPrograms measures, and writes what came of it, also where it was ended early.
func (a *app) reportPrograms(ctx context.Context, f *reportFlags) error {
	if f.out == "" || f.out == "-" {
		return &usageError{"a report needs a file: -o FILE", calledAs + " report -o audit.zip -- COMMAND"}
	}
	if err := f.ready(); err != nil {
		return err
	}
	if f.explain {
		return a.explain(ctx, &f.plan, f.out)
	}
	var o report.Options
	var err error
	if f.sign != "" { // now, and not after minutes
		if o.Key, err = a.signingKey(f.sign); err != nil {
			return err
		}
	}
	if f.anonymous {
		o.Redact = a.redactor(ctx)
	}
	ev, err := a.gather(ctx, &f.plan)
	tellBuild(a.std.err, err)
	if len(ev.set.Runs) == 0 {
		return err // there is nothing to show or to keep
	}
	e, berr := a.bundled(context.WithoutCancel(ctx), ev)
	if berr != nil {
		return berr
	}
	return errors.Join(err, a.writeReport(f, ev, e, o))
}

// writeReport writes the bundle, whole or not at all, and says what is in it.
func (a *app) writeReport(f *reportFlags, ev *evidence, e *report.Evidence, o report.Options) error {
	var bundle bytes.Buffer
	if err := report.Write(&bundle, e, o); err != nil {
		return errors.Join(fmt.Errorf("make %s: %w", f.out, err), a.rescue(f.out+".json", ev.set))
	}
	if err := a.writeWhole(f.out, func(w io.Writer) error { _, err := bundle.WriteTo(w); return err }); err != nil {
		return err
	}
	if err := a.showEvidence(&f.runFlags, ev); err != nil || f.json {
		return err
	}
	text := f.out + " has all of it; index.html in it is for people"
	if ev.set.Partial {
		text = f.out + " has what there was until then, and says so"
	}
	_, err := fmt.Fprintln(a.std.out, text)
	return err
}

// rescue keeps the runs where there can be no bundle: they may have taken an hour.
func (a *app) rescue(path string, set *bench.Set) error {
	err := a.write(path, set)
	if err == nil {
		a.say("the runs are in " + path)
	}
	return err
}

// signingKey reads a private key, or finds the agent that has the private part of a
// public one.
func (a *app) signingKey(file string) (*signature.Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key, err := signature.ParseKey(text, a.passphrase(file))
	if errors.Is(err, signature.ErrPublic) {
		return a.agentKey(file, text)
	}
	if err != nil {
		return nil, &keyError{file, err}
	}
	return key, nil
}

// redactor knows the names of this machine, and where is measured.
func (a *app) redactor(ctx context.Context) *snapshot.Redactor {
	secrets := a.machine().Secrets(ctx)
	secrets.Dirs = append(secrets.Dirs, snapshot.Dir{Path: workingDir(), As: "dir", Keep: true})
	if temp := os.TempDir(); strings.Count(temp, "/") > 1 { // /tmp is everybody's
		secrets.Dirs = append(secrets.Dirs, snapshot.Dir{Path: temp, As: "temp", Keep: true})
	}
	return snapshot.NewRedactor(secrets)
}

func workingDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return dir
}
