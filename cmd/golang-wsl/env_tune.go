package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func (a *app) envTuneCommand() *cobra.Command {
	var apply, asJSON bool
	cmd := &cobra.Command{
		Use:   "tune",
		Short: "Measure module proxies and checksum databases from here, and propose the best",
		Long: `Tune asks the proxies and checksum databases of this kind's settings, of the go
command's default, of the profiles and a few that are well known, in three rounds:
each proxy for one module of 0.2 MB, whose sum is known, and for its record in the
checksum database, whose signature and proof are checked. It shows what that took,
and proposes GOPROXY and GOSUMDB with the reasons. What does not verify is never
proposed, and verification is never turned off.

A server that does not connect, or does not answer, within 3 seconds counts as down,
and a module that takes more than 10 as well. If nobody answers one round is enough.

--apply writes the proposal for this kind of Linux, as the profile tuned. It keeps
all else of the profile that was chosen; "golang-wsl env unset" takes it back.
docs/network.md has the rules, and the fields of --json.`,
		Example: `  golang-wsl env tune
  golang-wsl env tune --apply`,
		Args: wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			if name, where := a.configured(store); apply && name != "" {
				return &usageError{fmt.Sprintf("env tune --apply: %s chooses %s, which outranks it", where, name), "change it there"}
			}
			t, err := a.measure(cmd.Context(), store)
			if err != nil {
				return err
			}
			if err := a.showTuning(t, apply, asJSON); err != nil {
				return err
			}
			if t.proposal.GOPROXY == "" {
				return errNoProxy
			}
			if apply && !t.holds() {
				return a.applyTuning(cmd.Context(), store, t)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&apply, "apply", false, "write what is proposed, for this kind of Linux")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// errNoProxy is for the end of a page that has said why.
var errNoProxy = errors.New("env tune: there is no proxy to propose")

// A tuning is what was measured, and what to make of it.
type tuning struct {
	now      tune.Setting
	report   *tune.Report
	proposal tune.Proposal
	took     time.Duration
}

// holds reports whether the proposal is what is set already.
func (t *tuning) holds() bool {
	return t.now.Same(t.proposal.GOPROXY) && (t.proposal.GOSUMDB == "" || t.proposal.GOSUMDB == t.now.Database)
}

func (a *app) measure(ctx context.Context, store toolchain.Store) (*tuning, error) {
	values, err := a.file()
	if err != nil {
		return nil, err
	}
	now, err := networkSetting(a.goVariable(store, "GOPROXY").Value, a.goVariable(store, "GOSUMDB").Value)
	if err != nil {
		return nil, err
	}
	standard, err := networkSetting(a.goDefault(store, "GOPROXY"), a.goDefault(store, "GOSUMDB"))
	if err != nil {
		return nil, err
	}
	candidates := tune.Candidates(now, standard, values.Profiles())
	relayed := now.Database
	if relayed == "off" {
		relayed = standard.Database
	}
	progress, done := a.counter(fmt.Sprintf("measuring %s, in three rounds", plural(len(candidates), "server", "servers")))
	begin := time.Now()
	report, err := tune.Measure(ctx, tune.Options{
		Candidates: candidates,
		Database:   relayed,
		Transport:  download.NewTransport(http.ProxyFromEnvironment),
		UserAgent:  "golang-wsl/" + buildVersion(),
		Progress:   progress,
	})
	done()
	if err != nil {
		return nil, err
	}
	t := &tuning{now, report, tune.Propose(report, now), time.Since(begin)}
	patterns := goenv.Var{Name: "GONOSUMDB", Value: a.goVariable(store, "GONOSUMDB").Value}
	if (profile.Profile{Vars: []goenv.Var{patterns}}).Unverified() {
		t.proposal.Reasons = append(t.proposal.Reasons, fmt.Sprintf("GONOSUMDB=%s is for all modules: whatever GOSUMDB says, none is verified", patterns.Value))
	}
	return t, nil
}

func networkSetting(proxies, database string) (s tune.Setting, err error) {
	s.Database = database
	if s.Proxies, err = goproxy.Parse(proxies); err != nil {
		return s, goproxyError(err)
	}
	if _, err := checksumdb.ParseGOSUMDB(database); err != nil {
		return s, gosumdbError(err)
	}
	return s, nil
}

// counter says what is being done: once, or on a terminal with how far it is.
func (a *app) counter(what string) (progress func(done, of int), end func()) {
	f, ok := a.terminal()
	if !ok {
		a.say(what)
		return nil, func() {}
	}
	bar := progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetDescription(what),
		progressbar.OptionEnableColorCodes(a.env("NO_COLOR") == ""),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)
	progress = func(done, of int) {
		bar.ChangeMax(of)
		_ = bar.Set(done)
	}
	return progress, func() { _ = bar.Clear() }
}

// applyTuning makes the proposal the profile of this kind. What the profile before
// it says beside GOPROXY and GOSUMDB stays.
func (a *app) applyTuning(ctx context.Context, store toolchain.Store, t *tuning) error {
	c := readChoice(store)
	if c.name != profile.Tuned {
		c.base, c.name = cmp.Or(c.name, profile.Default), profile.Tuned
	}
	c.goproxy, c.gosumdb = t.proposal.GOPROXY, cmp.Or(t.proposal.GOSUMDB, c.gosumdb)
	if err := a.chooseProfile(ctx, store, c, false); err != nil {
		return err
	}
	for _, v := range []goenv.Var{{Name: "GOPROXY", Value: c.goproxy}, {Name: "GOSUMDB", Value: t.proposal.GOSUMDB}} {
		if value, origin := a.findGo(v.Name); origin == fromEnvironment && v.Value != "" && value != v.Value {
			a.say(fmt.Sprintf("%s of this shell outranks it: unset %[1]s", v.Name))
		}
	}
	return nil
}
