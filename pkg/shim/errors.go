package shim

import (
	"errors"
	"strings"
)

// ErrLegacy says that a go.mod or its like decides, and that the [Request] has no
// Legacy to read it.
var ErrLegacy = errors.New("a file that is not .tool-versions chooses the version")

// A NotSetError says that nothing asks for a version. asdf exits with 126.
type NotSetError struct {
	Command, Plugin string
	Variable        string // that could have asked
	File            string // the name of the files that could have
	Dir, Home       string // where they were looked for
}

func (e *NotSetError) Error() string {
	return "no version is set for " + e.Command + ": there is no " + e.Variable + ", and no " + e.File +
		" from " + e.Dir + " upwards or in " + e.Home + " has a line for " + e.Plugin
}

// A NotInstalledError says that no version that is asked for is installed. asdf
// exits with 126.
type NotInstalledError struct {
	Command string
	Words   []string // as they were asked for; none where a variable holds only blanks
	Source  string   // the file or variable that asks
	DataDir string
	Broken  string // an install that is there, but without the command; "" for none
}

func (e *NotInstalledError) Error() string {
	asked := " (asked for by " + e.Source + ")"
	switch {
	case len(e.Words) == 0:
		return e.Source + " names no version"
	case e.Broken != "":
		return e.Broken + " has no executable bin/" + e.Command + asked
	case len(e.Words) > 1:
		return "none of go " + strings.Join(e.Words, ", ") + " is installed in " + e.DataDir + asked
	}
	return "go " + e.Words[0] + " is not installed in " + e.DataDir + asked
}

// A NotExecutableError says that "system" or "path:DIR" leads to no binary. asdf
// exits with 1.
type NotExecutableError struct {
	Command, Word, Source string
}

func (e *NotExecutableError) Error() string {
	if e.Word == TypeSystem {
		return "no other " + e.Command + " is on PATH (system, asked for by " + e.Source + ")"
	}
	return "no executable " + e.Command + " in bin of " + e.Word + " (asked for by " + e.Source + ")"
}

// An UnreadableError says that a file that could decide cannot be read. asdf
// does not go on to the next one either, and exits with 126.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *UnreadableError) Unwrap() error { return e.Err }

// A SetupError says that asdf or golang-wsl is not set up right. Where asdf would
// trip over the same, it exits with 1.
type SetupError struct {
	File string // that is not as it should be; "" if it is no file
	Text string
}

func (e *SetupError) Error() string {
	if e.File != "" {
		return "read " + e.File + ": " + e.Text
	}
	return e.Text
}
