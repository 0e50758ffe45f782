// Package report makes of a measurement a bundle that a stranger can check: one zip
// with all that was measured, on what, and what follows from it.
//
//	err := report.Write(w, evidence, report.Options{Key: key})
//
//	bundle, err := report.Open(file, size)
//	v := bundle.Verify(report.Checks{Trusted: keys})
//	for _, f := range v.Findings {
//		fmt.Println(f)
//	}
//
// # What is in it
//
// What was measured and what follows from it are apart. Measured are the runs with all
// samples (runs.json), what each process wrote (raw/), the machine before and after,
// the sandbox, profiles. All else follows: tables, the verdict, flame graphs, the page.
// Whoever verifies a bundle makes it again from the first part, and compares.
//
// manifest.json has the SHA-256 of each file, and the zip has no byte that does not
// follow from the files in it (see [zipstore]): each changed byte is found, and mostly
// named. Hashes show damage and carelessness. Who wants to deceive computes them
// again; only a signature by a known key says who stands for the numbers, and no
// signature says that they are true.
//
// The same evidence gives the same bytes on each machine.
//
// [zipstore]: https://pkg.go.dev/github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore
package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore"
)

// Schema is the version of the form of a bundle.
const Schema = 1

// Most is how many bytes a bundle may have. It is read into memory, and nothing in it
// is compressed, so that no more than that is needed however hostile it is.
const Most = 256 << 20

// Errors of [Open] and [Write] that say what kind of file it is.
var (
	ErrForeign   = errors.New("no report of golang-wsl bench")
	ErrNotOurZip = errors.New("a zip, but not as golang-wsl bench writes it: packed again, or by another program")
	ErrNewer     = errors.New("written by a newer golang-wsl")
	ErrTooLarge  = errors.New("larger than 256 MB")
	ErrTruncated = errors.New("the end is missing")
	ErrDamaged   = errors.New("damaged, so that nothing can be said of the other files")
)

// Evidence is all that a bundle is made of. Only Tool, Command and Set must be there:
// what is nil was not looked at, and the bundle says so.
type Evidence struct {
	Tool    Tool
	Command Command
	Set     *bench.Set // all runs, those that do not count among them
	Raw     []Raw

	Sandbox *sandbox.Report
	Usage   []sandbox.Usage // by run, as in Set
	Prepare *prepare.Report
	Before  *snapshot.Snapshot
	After   *snapshot.Snapshot

	Profiles []Profile
	Traces   []Trace
	GC       []*gc.Report // the heap over time, each of one process
}

// A Tool is the program that measured.
type Tool struct {
	Name     string `json:"name"`     // "golang-wsl-bench"
	Version  string `json:"version"`  // "v1.2.3", or "(devel)"
	Revision string `json:"revision"` // of the sources; "" where the build does not say
	Go       string `json:"go"`       // what built it
	Platform string `json:"platform"` // "linux/amd64"
	SHA256   string `json:"sha256"`   // of its binary, hexadecimal
}

// String is what people call it.
func (t Tool) String() string {
	if t.Revision != "" {
		return fmt.Sprintf("%s %s (%.12s)", t.Name, t.Version, t.Revision)
	}
	return t.Name + " " + t.Version
}

// A Command is what was run, and how it was asked for.
type Command struct {
	Line  []string    `json:"line"`  // golang-wsl bench report ..., as it was typed
	Sides []Side      `json:"sides"` // one, or A and B
	Units []Unit      `json:"units"` // the programs that were measured
	Left  []string    `json:"left,omitempty"`
	Env   []bench.Key `json:"env"` // variables that matter to Go, of [Variables]; others are nobody's business
	// Order is in which order the runs began, "go-test sort A". [Write] fills it in.
	Order []string `json:"order"`
}

// A Side is one of two things that are compared, or the only one.
type Side struct {
	Name     string   `json:"name,omitempty"` // "A", "B"; it is the Config of its runs
	Words    []string `json:"words"`
	Dir      string   `json:"dir"`
	Revision string   `json:"revision,omitempty"`
	Note     string   `json:"note,omitempty"` // "the work tree, with changes that are not committed"
}

// A Unit is a program that was measured.
type Unit struct {
	Probe  string      `json:"probe"`
	Config string      `json:"config,omitempty"`
	SHA256 string      `json:"sha256"` // of the binary
	Keys   []bench.Key `json:"keys"`   // its version of Go, how it was built
}

// A Raw is what one process wrote.
type Raw struct {
	// Name ends in ".txt" for what a test binary wrote to stdout, in ".stderr.txt" for
	// stderr, in ".json" for the numbers of another command: a list of [bench.Value].
	Name string // "0007-A.txt"
	Run  int    // in Set.Runs; -1 where the process was of no run
	Data []byte
}

// A Profile is one in pprof's format.
type Profile struct {
	Name string // "cpu", "mem", "syscall", "sched"
	Side string // "", "A", "B"
	Unit string // the import path, or the command
	Data []byte
}

// Variables are those of the environment that change what Go does. Their values are
// part of a bundle, those of no other are.
func Variables() []string {
	return []string{
		"CGO_ENABLED", "GOAMD64", "GOARCH", "GOARM64", "GODEBUG", "GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GOGC",
		"GOMAXPROCS", "GOMEMLIMIT", "GOOS", "GORACE", "GOTOOLCHAIN", "GOTRACEBACK", "GOWORK", "LANG", "LC_ALL", "TZ",
	}
}

// Options are how a bundle is written.
type Options struct {
	Key    *signature.Key // to sign with; nil leaves it unsigned
	Redact Redactor       // for a bundle that names nobody; nil leaves all as it is
}

// Write writes a bundle. The same evidence gives the same bytes, but for the signature
// of a key that signs at random (ECDSA).
func Write(w io.Writer, e *Evidence, o Options) error {
	if o.Redact != nil {
		var err error
		if e, err = e.anonymous(o.Redact); err != nil {
			return err
		}
	}
	files, err := e.files()
	if err != nil {
		return err
	}
	all, err := seal(e, files, o)
	if err != nil {
		return err
	}
	if size(all) > Most {
		return ErrTooLarge
	}
	return zipstore.Write(w, all)
}

func size(files []zipstore.File) int64 {
	entries := make([]zipstore.Entry, len(files))
	for i, f := range files {
		entries[i] = zipstore.Entry{Name: f.Name, Size: int64(len(f.Data))}
	}
	return zipstore.Size(entries)
}
