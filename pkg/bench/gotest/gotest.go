// Package gotest is what "go test -bench" is, in parts: which words mean it, how its
// test binaries are had without running them, how one is called for a pass, and what
// its output says.
//
//	words := []string{"go", "test", "-bench=.", "./..."}
//	if gotest.Is(words, os.Getenv("GOFLAGS")) {
//		words, err := gotest.Recording(words, "/path/to/recorder", "DIR") // run these
//	}
//
// The go command itself builds the binaries and says how it would call each: by its
// -exec it runs a recorder in place of each binary, which keeps the binary and a
// [Binary] that says where it is to run and with what. So there is no second opinion
// here on what a flag of go test means, where packages begin, or what GOFLAGS adds.
//
// The package starts nothing and prints nothing.
package gotest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// goName is how go commands are called: "go1.22.3" and "go1.27rc1" are those of
// golang.org/dl.
var goName = regexp.MustCompile(`^go(1\.\d+(\.\d+)?((rc|beta)\d+)?)?$|^gotip$`)

// Is reports whether the words are a go test that runs benchmarks. goflags is what
// the environment has as GOFLAGS.
func Is(words []string, goflags string) bool {
	if len(words) < 2 || !goName.MatchString(filepath.Base(words[0])) || words[1] != "test" {
		return false
	}
	return flagAmong(words[2:], "bench") || flagAmong(strings.Fields(goflags), "bench")
}

// flagAmong reports whether a flag is among the words, up to -args.
func flagAmong(words []string, name string) bool {
	for _, w := range words {
		if w == "-args" || w == "--args" {
			return false
		}
		if flagName(w) == name {
			return true
		}
	}
	return false
}

// flagName is the name of a flag without "test.": "bench" of --test.bench=. ; "" is
// for what is no flag.
func flagName(word string) string {
	rest, ok := strings.CutPrefix(word, "-")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(rest, "-"), "=")
	return strings.TrimPrefix(name, "test.")
}

// A FlagError is a flag that go test has and that cannot be had here.
type FlagError struct{ Flag, Why string }

func (e *FlagError) Error() string { return fmt.Sprintf("-%s: %s", e.Flag, e.Why) }

// ofTheCommand are flags of the go command that would leave nothing to be recorded,
// or are used up by recording.
var ofTheCommand = []FlagError{
	{"exec", "the test binary is built once and run from here, by nothing else"},
	{"c", "it would only build"},
	{"o", "the test binary is kept for the time of the measurement only"},
	{"json", "the output of the benchmarks is read as they write it"},
	{"cover", "counters in the code would be measured, too"},
	{"coverprofile", "counters in the code would be measured, too"},
	{"fuzz", "a fuzz target is no benchmark"},
	{"list", "it would only list"},
}

// ofTheBinary are flags of the test binary that cost in the pass that is measured.
var ofTheBinary = []FlagError{
	{"cpuprofile", "profiles are passes of their own: they cost"},
	{"memprofile", "profiles are passes of their own: they cost"},
	{"blockprofile", "it costs in the pass that is measured"},
	{"mutexprofile", "it costs in the pass that is measured"},
	{"trace", "a trace is a pass of its own: with it wake-ups take 2.3 times as long"},
	{"coverprofile", "counters in the code would be measured, too"},
	{"fuzz", "a fuzz target is no benchmark"},
	{"list", "it would only list"},
}

// Recording are the words of a go test that runs recorder in place of each test
// binary, with the path of that binary and its arguments after its own.
func Recording(words []string, recorder ...string) ([]string, error) {
	for _, f := range ofTheCommand {
		if flagAmong(words[2:], f.Flag) {
			return nil, &f
		}
	}
	at := 2
	if len(words) > at && flagName(words[at]) == "C" { // which must be first
		if at++; !strings.Contains(words[2], "=") {
			at++
		}
	}
	var quoted []string
	for _, w := range recorder {
		quoted = append(quoted, quote(w))
	}
	return slices.Insert(slices.Clone(words), min(at, len(words)), "-exec="+strings.Join(quoted, " ")), nil
}

// quote is a word of a list of words as the go command splits one: by blanks, with
// quotes around a word that has some (cmd/internal/quoted). There is no escape.
func quote(word string) string {
	switch {
	case !strings.ContainsAny(word, " \t\n\r'\""):
		return word
	case !strings.Contains(word, "'"):
		return "'" + word + "'"
	}
	return `"` + word + `"`
}
