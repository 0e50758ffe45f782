package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gotest"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// The exit codes are those of golang-wsl, as far as they can happen here. The README
// has them all.
const (
	exitOK     = 0
	exitFailed = 1 // anything else
	exitUsage  = 2 // the call cannot be understood
	exitSystem = 6 // no space, or no permission
)

// diagnose finds what an error means to the user: an exit code and the cure.
func diagnose(err error) (code int, hint string) {
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		return exitUsage, usage.hint
	}
	if flag := (*gotest.FlagError)(nil); errors.As(err, &flag) {
		return exitUsage, "leave it out; --profile records profiles and a trace, after what is measured"
	}
	measured := errors.As(err, new(*runError))
	incomparable, format, version := (*bench.IncomparableError)(nil), (*bench.FormatError)(nil), (*trace.VersionError)(nil)
	key := (*keyError)(nil)
	switch {
	case errors.As(err, &incomparable):
		return exitFailed, "measure again where these are alike; --force compares all the same, and says so"
	case errors.As(err, &key):
		return exitFailed, key.hint()
	case reportHint(err) != "":
		return exitFailed, reportHint(err)
	case errors.Is(err, bench.ErrForeign):
		return exitFailed, `compare reads what "golang-wsl bench ... -o FILE" has written`
	case errors.Is(err, bench.ErrNewer):
		return exitFailed, "update golang-wsl"
	case errors.As(err, &version) && version.Newer():
		return exitFailed, "update golang-wsl; keep the trace"
	case errors.As(err, &version):
		return exitFailed, "record it again, of a program that is built with Go 1.22 or later"
	case errors.Is(err, trace.ErrForeign), errors.Is(err, trace.ErrEmpty):
		return exitFailed, "trace reads what runtime/trace, go test -trace or /debug/pprof/trace has written"
	case errors.Is(err, trace.ErrTruncated), errors.Is(err, trace.ErrDamaged):
		return exitFailed, "a part of a trace is not analysed: record it again, up to trace.Stop, or copy it again"
	case errors.As(err, &format):
		return exitFailed, "the file is damaged, and a part of it is not compared: measure again, or copy it again"
	case measured && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)):
		return exitSystem, "make room there, or measure in another directory"
	case measured && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		return exitSystem, "check who owns it, and whether it may be written there"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return exitSystem, "make room, or have another file system: -o FILE"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return exitSystem, "check who owns that file and its directory"
	}
	return exitFailed, ""
}

// report prints an error the way the README promises and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		a.errorLine("interrupted")
		return exitFailed
	}
	code, hint := diagnose(err)
	a.errorLine(oneLine(err.Error()))
	if hint != "" {
		fmt.Fprintf(a.std.err, "golang-wsl: hint: %s\n", hint)
	}
	return code
}

func (a *app) errorLine(text string) { fmt.Fprintf(a.std.err, "golang-wsl: error: %s\n", text) }

// say tells the user one thing. It goes to stderr: stdout is for answers.
func (a *app) say(line string) { fmt.Fprintf(a.std.err, "golang-wsl: %s\n", line) }

// oneLine joins the lines that errors.Join makes.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
