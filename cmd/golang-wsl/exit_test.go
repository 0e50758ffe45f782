package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/plugin"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// Each kind of error, alone and inside others, comes out with its code; where
// two kinds meet, the graver one wins.
func TestExitCodes(t *testing.T) {
	line := &download.Error{URL: "https://go.dev/dl/", Tried: 5, Err: errors.New("no route to host")}
	forged := &checksumdb.SecurityError{DB: "sum.golang.org", Summary: "forged"}
	tests := map[string]struct {
		err  error
		want int
	}{
		"nothing":                 {nil, exitOK},
		"anything":                {errors.New("x"), exitFailed},
		"usage":                   {&usageError{"x", ""}, exitUsage},
		"callback":                {&plugin.UsageError{Text: "x"}, exitUsage},
		"not a version":           {&goversion.ParseError{Text: "x"}, exitUsage},
		"no such version":         {&goversion.NoMatchError{Query: "1.99"}, exitVersion},
		"nobody has it":           {&release.NotFoundError{}, exitVersion},
		"not installed":           {&missingError{"1.22"}, exitVersion},
		"another's directory":     {toolchain.ErrForeign, exitFailed},
		"network":                 {line, exitNetwork},
		"status":                  {&download.StatusError{URL: "x", Code: 500}, exitNetwork},
		"login page":              {&goproxy.AnswerError{}, exitNetwork},
		"all sources":             {&release.SourcesError{Failed: []release.SourceFailure{{Source: "official", Err: line}}}, exitNetwork},
		"changed under way":       {download.ErrChanged, exitNetwork},
		"no proxy to propose":     {errNoProxy, exitNetwork},
		"mismatch":                {&toolchain.MismatchError{}, exitVerify},
		"conflict of sums":        {&release.SumConflictError{}, exitVerify},
		"edited install":          {&changedError{[]string{"1.22.5"}}, exitVerify},
		"unsafe archive":          {&archive.UnsafeError{Name: "../x"}, exitVerify},
		"damaged archive":         {&archive.CorruptError{Err: errors.New("x")}, exitVerify},
		"forged":                  {forged, exitVerify},
		"forged, over a bad line": {errors.Join(line, forged), exitVerify},
		"forged, of a source":     {&release.SourcesError{Failed: []release.SourceFailure{{Source: "x", Err: forged}}}, exitVerify},
		"nobody could be asked":   {&toolchain.UnverifiedError{Err: line}, exitNetwork},
		"nobody knows":            {&toolchain.UnverifiedError{Err: checksumdb.ErrNotFound}, exitVerify},
		"disk full":               {&fs.PathError{Op: "write", Err: syscall.ENOSPC}, exitSystem},
		"no room":                 {&toolchain.SpaceError{}, exitSystem},
		"quota":                   {&fs.PathError{Op: "write", Err: syscall.EDQUOT}, exitSystem},
		"no permission":           {&fs.PathError{Op: "mkdir", Err: syscall.EACCES}, exitSystem},
		"read-only":               {&fs.PathError{Op: "mkdir", Err: syscall.EROFS}, exitSystem},
		"locked":                  {&toolchain.LockedError{}, exitLocked},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, err := range []error{test.err, fmt.Errorf("install 1.22.5: %w", test.err)} {
				if test.err == nil {
					err = nil
				}
				var stderr bytes.Buffer
				a := newApp(func(string) string { return "" }, streams{err: &stderr})
				require.Equal(t, test.want, a.report(context.Background(), err))
				lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
				if test.want == exitOK {
					require.Empty(t, stderr.String())
					continue
				}
				require.True(t, strings.HasPrefix(lines[0], "golang-wsl: error: "), lines[0])
				for _, more := range lines[1:] {
					require.True(t, strings.HasPrefix(more, "golang-wsl: hint: "), more)
				}
			}
		})
	}
}
