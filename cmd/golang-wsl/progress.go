package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar on a terminal and a line at the start elsewhere.
func (a *app) progress() toolchain.Progress {
	if f, ok := a.terminal(); ok {
		return &bar{w: f, color: a.env("NO_COLOR") == ""}
	}
	return &line{say: a.say}
}

// terminal is stderr, where that can be drawn on.
func (a *app) terminal() (*os.File, bool) {
	f, ok := a.std.err.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd())) && a.env("TERM") != "dumb"
}

// bar draws; it is erased when the work is done.
type bar struct {
	w     io.Writer
	color bool
	bar   *progressbar.ProgressBar
}

func (b *bar) Start(label string, total int64) {
	b.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(b.w),
		progressbar.OptionSetDescription(label),
		progressbar.OptionEnableColorCodes(b.color),
		progressbar.OptionShowBytes(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

func (b *bar) Add(n int64) { _ = b.bar.Add64(n) }
func (b *bar) Finish()     { _ = b.bar.Clear() }

// line says once what is being waited for.
type line struct{ say func(string) }

func (l *line) Start(label string, total int64) {
	if total > 0 {
		l.say(fmt.Sprintf("downloading %s (%.1f MB)", label, float64(total)/1e6))
		return
	}
	l.say("downloading " + label)
}

func (l *line) Add(int64) {}
func (l *line) Finish()   {}
