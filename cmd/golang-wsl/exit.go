package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/plugin"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// The exit codes. Scripts may rely on them; the README has the same table.
const (
	exitOK      = 0
	exitFailed  = 1 // anything else
	exitUsage   = 2 // the call cannot be understood
	exitVersion = 3 // no such version, or it is not installed
	exitNetwork = 4 // a server could not be reached or gave no usable answer
	exitVerify  = 5 // something is not what the Go project released
	exitSystem  = 6 // no space, or no permission
	exitLocked  = 7 // another process kept a lock for too long
)

// A fault is what an error means to the user: an exit code and, where there is
// one, the cure.
type fault struct {
	code int
	hint string
}

// diagnose finds the first kind of error in the table that err is one of. The
// order matters: a forged answer is a forgery although it came by the network.
func (a *app) diagnose(err error) fault {
	for _, kind := range []func(error) (fault, bool){
		a.usageFault, verifyFault, a.versionFault, systemFault, lockFault, networkFault,
	} {
		if f, ok := kind(err); ok {
			return f
		}
	}
	return fault{code: exitFailed}
}

func is[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func (a *app) usageFault(err error) (fault, bool) {
	var usage *usageError
	if errors.As(err, &usage) {
		return fault{exitUsage, usage.hint}, true
	}
	if is[*goversion.ParseError](err) {
		return fault{exitUsage, `"golang-wsl list all" shows what there is`}, true
	}
	return fault{code: exitUsage}, is[*plugin.UsageError](err)
}

func verifyFault(err error) (fault, bool) {
	var changed *changedError
	switch {
	case is[*toolchain.AdoptError](err): // each has had a line that says what to do
		return fault{exitVerify, ""}, true
	case is[*toolchain.MismatchError](err):
		return fault{exitVerify, "nothing was installed; if it happens again, another mirror or source may help (GOLANG_WSL_MIRROR, GOLANG_WSL_SOURCE)"}, true
	case errors.As(err, &changed):
		names := strings.Join(changed.names, " ")
		return fault{exitVerify, fmt.Sprintf("golang-wsl uninstall %s && golang-wsl install %[1]s", names)}, true
	case is[*release.SumConflictError](err):
		return fault{exitVerify, "one of the two is wrong, so nothing is installed; update golang-wsl, and report it if that does not help"}, true
	case is[*checksumdb.SecurityError](err):
		return fault{exitVerify, "the checksum database or something between it and this machine is lying; do not go on from this network"}, true
	case is[*archive.UnsafeError](err), is[*archive.CorruptError](err):
		return fault{exitVerify, "the server sent something that is not a Go release; another source may help (GOLANG_WSL_SOURCE)"}, true
	case is[*toolchain.UnverifiedError](err) && !is[*download.Error](err) && !is[*download.StatusError](err):
		return fault{exitVerify, ""}, true
	}
	return fault{}, false
}

func (a *app) versionFault(err error) (fault, bool) {
	var noMatch *goversion.NoMatchError
	if errors.As(err, &noMatch) && len(noMatch.Near) > 0 {
		names := make([]string, len(noMatch.Near))
		for i, v := range noMatch.Near {
			names[i] = v.String()
		}
		return fault{exitVersion, "there is " + strings.Join(names, ", ")}, true
	}
	var missing *missingError
	if errors.As(err, &missing) {
		return fault{exitVersion, fmt.Sprintf("golang-wsl install %s", missing.query)}, true
	}
	var inUse *toolchain.DefaultError
	if errors.As(err, &inUse) {
		return fault{exitFailed, "golang-wsl default VERSION chooses another, golang-wsl uninstall default does without"}, true
	}
	if is[*noBenchError](err) {
		return fault{exitFailed, "in a clone of golang-wsl: ./scripts/build DIR, where the clone stays; or copy golang-wsl-bench, too"}, true
	}
	if is[*noDefaultError](err) {
		return fault{exitVersion, "golang-wsl default latest"}, true
	}
	if errors.Is(err, toolchain.ErrForeign) {
		return fault{exitFailed, "move that directory away, or let asdf uninstall it, and install again"}, true
	}
	if noMatch != nil || is[*release.NotFoundError](err) {
		return fault{exitVersion, `"golang-wsl list all" shows what there is for this platform`}, true
	}
	return fault{}, false
}

func systemFault(err error) (fault, bool) {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault{exitSystem, "make room, for instance with \"golang-wsl cache clean\""}, true
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault{exitSystem, "check who owns that file and its directory; ASDF_DATA_DIR and GOLANG_WSL_CACHE_DIR choose others"}, true
	}
	return fault{}, false
}

func lockFault(err error) (fault, bool) {
	return fault{exitLocked, "wait for it, or end it; GOLANG_WSL_LOCK_TIMEOUT says how long to wait (10m)"}, is[*toolchain.LockedError](err)
}

func networkFault(err error) (fault, bool) {
	network := is[*download.Error](err) || is[*download.StatusError](err) || is[*goproxy.AnswerError](err) ||
		is[*release.SourcesError](err) || errors.Is(err, download.ErrTooLarge) || errors.Is(err, download.ErrChanged) ||
		errors.Is(err, errNoProxy)
	return fault{exitNetwork, "check the network and HTTPS_PROXY; GOPROXY and GOLANG_WSL_MIRROR choose other servers, GOLANG_WSL_BUNDLE needs none"}, network
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
	var said *verdict
	if errors.As(err, &said) {
		return said.code
	}
	f := a.diagnose(err)
	a.errorLine(oneLine(err.Error()))
	if f.hint != "" {
		fmt.Fprintf(a.std.err, "golang-wsl: hint: %s\n", f.hint)
	}
	var forged *checksumdb.SecurityError
	if errors.As(err, &forged) && forged.Evidence != "" {
		fmt.Fprintln(a.std.err, forged.Evidence) // two signed heads that exclude each other are worth showing to others
	}
	return f.code
}

func (a *app) errorLine(text string) { fmt.Fprintf(a.std.err, "golang-wsl: error: %s\n", text) }

// oneLine joins the lines that errors.Join makes.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
