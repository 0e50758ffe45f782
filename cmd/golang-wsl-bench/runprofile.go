package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
)

// A recorder is a pass in which a test binary records something, which costs: in a
// trace wake-ups take 2.3 times as long. No number of such a pass is counted.
type recorder struct {
	name string
	pass func(file string) gotest.Pass
}

func recorders() []recorder {
	return []recorder{
		{"cpu", func(file string) gotest.Pass { return gotest.Pass{CPUProfile: file} }},
		{"mem", func(file string) gotest.Pass { return gotest.Pass{MemProfile: file} }},
		{"trace", func(file string) gotest.Pass { return gotest.Pass{Trace: file} }},
	}
}

// profiles has each test binary record, each thing in a process of its own, after all
// that is measured. A pass that fails is said, and no reason to throw away the rest.
func (g *gathering) profiles(ctx context.Context) error {
	for _, u := range g.ev.units {
		if u.binary == nil {
			continue
		}
		for _, r := range recorders() {
			g.app.tellStep(r.name + " of " + u.config.String())
			err := g.profile(ctx, u, r)
			g.app.tellStep("")
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				g.app.say(fmt.Sprintf("%s: no %s profile: %s", u.config, r.name, oneLine(err.Error())))
			}
		}
		if err := g.collector(ctx, u); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			g.app.say(fmt.Sprintf("%s: nothing about its collector: %s", u.config, oneLine(err.Error())))
		}
	}
	return nil
}

func (g *gathering) profile(ctx context.Context, u *unit, r recorder) error {
	file := filepath.Join(g.scratch, fmt.Sprintf("profile-%d", g.serial))
	defer os.Remove(file)
	pass := r.pass(file)
	pass.BenchTime = g.benchTime()
	p, err := g.run(ctx, u, pass)
	if p != nil && p.out != nil {
		g.keep(p, r.name, -1)
	}
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the test binary wrote none")
	}
	if err == nil {
		g.ev.profiles = append(g.ev.profiles, profileFile{name: r.name, side: u.config.Name, unit: u.config.Probe, data: data})
	}
	return err
}

// collector has a test binary say what its garbage collector does, once.
func (g *gathering) collector(ctx context.Context, u *unit) error {
	godebug := "gctrace=1"
	if old := g.app.env("GODEBUG"); old != "" {
		godebug = old + "," + godebug
	}
	probe := gc.Of(gc.Program{
		Name:     strings.ReplaceAll(u.config.String(), " ", "_"),
		Settings: gc.Settings{GOGC: g.app.env("GOGC"), GOMEMLIMIT: g.app.env("GOMEMLIMIT")},
		Start: func(ctx context.Context, stderr io.Writer) error {
			p, err := g.run(ctx, u, gotest.Pass{BenchTime: g.benchTime()}, "GODEBUG="+godebug)
			if p == nil || p.out == nil {
				return err
			}
			g.keep(p, "gctrace", -1)
			_, werr := stderr.Write(p.moaned)
			return errors.Join(err, werr)
		},
	})
	err := probe.Measure(ctx, new(bench.Run))
	if errors.Is(err, gc.ErrNoCycle) {
		return nil // it has nothing to say, which is no fault
	}
	if report := probe.Report(); report != nil && report.NumGC > 0 {
		g.ev.collectors = append(g.ev.collectors, report)
	}
	return err
}
