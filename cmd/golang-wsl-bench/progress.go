package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// progress says how far it is, on a terminal. It draws between the runs only: while
// one measures, this process sleeps.
type progress struct {
	app *app
	bar *progressbar.ProgressBar // nil where there is no terminal
}

func (a *app) progress() *progress {
	return &progress{app: a, bar: a.bar(progressbar.OptionShowCount())}
}

// bar is drawn on a terminal; nil is none.
func (a *app) bar(options ...progressbar.Option) *progressbar.ProgressBar {
	f, ok := a.std.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || a.env("TERM") == "dumb" {
		return nil
	}
	theme := progressbar.ThemeUnicode
	if !a.utf8() {
		theme = progressbar.ThemeASCII
	}
	return progressbar.NewOptions(1, append(options,
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetTheme(theme),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)...)
}

// tellStep says on a terminal what is done now that is no run; "" is nothing any more.
func (a *app) tellStep(text string) {
	if f, ok := a.std.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) && a.env("TERM") != "dumb" {
		fmt.Fprintf(f, "\r\x1b[K%s", text)
	}
}

// tell is the Progress of a [bench.Plan].
func (p *progress) tell(now bench.Progress) {
	if now.Failure != nil && now.Done < now.Total { // with the last one it ends: that is said then
		p.finish()
		p.app.say(now.Config.String() + ": a run failed: " + oneLine(now.Failure.Error()))
	}
	if p.bar == nil {
		return
	}
	label := now.Config.String()
	if now.Retry {
		label += " (again, as something disturbed it)"
	}
	p.bar.Describe(strings.TrimSpace(label))
	p.bar.ChangeMax(max(now.Total, 1))
	_ = p.bar.Set(now.Done)
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
