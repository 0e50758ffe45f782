// Package page writes what was measured as one page of HTML that a person reads: first
// the answer in words and how far it is to be believed, then every run as a dot, then
// what the machine was.
//
//	set, err := bench.Collect(ctx, plan)
//	comparison, err := bench.Compare(set.Of("go-test", "A"), set.Of("go-test", "B"), bench.Options{})
//	err = page.Write(file, page.Data{Command: os.Args, Set: set, Comparison: comparison})
//
// The page is one file: it has its style and its pictures in it, a policy that lets it
// load nothing from anywhere, and needs no JavaScript except for the flame graphs, which
// are pages of their own in a frame that may do nothing but draw. It is light or dark as
// the reader's system is, and readable on a phone and on paper. The same data make the
// same bytes, on machines of one architecture: others round some last bits differently.
//
// It says nothing of its own: sentences and tables are from the clean runs and from
// [bench.Comparison], and each picture has its numbers in a table below it.
package page

import (
	"embed"
	"html/template"
	"io"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

// Data is what a page is made of. Only Set must be there: what is nil or empty is left
// out, or said to be missing where a reader would look for it.
type Data struct {
	Command  []string  // what was run
	Compared []string  // what it was compared with: B; empty for another revision of the same
	Sides    [2]string // what A and B are, in words: "main", "work tree"; empty is "A" and "B"
	Tool     string    // what measured: "golang-wsl-bench v1.2.3"

	Set        *bench.Set        // all runs, those that do not count among them
	Comparison *bench.Comparison // nil where nothing was compared
	Refused    []bench.Reason    // why nothing was: those of a [*bench.IncomparableError]
	Failure    string            // why nothing was, where it has another reason: the text of the error

	GC     []*gc.Report // the heap over time, each of one process
	Flames []Flame
	Traces []Trace

	Sandbox       *sandbox.Report
	Usage         []sandbox.Usage // of the runs of Set, in its order
	Prepare       *prepare.Report
	Before, After *snapshot.Snapshot

	Bundle string // the file's name that the page is in: "audit.zip"
	Files  []File // of that bundle
}

// A Trace is an execution trace, of a run of its own.
type Trace struct {
	Name   string // what was traced, where there are several
	Report *trace.Report
}

// A Flame is one flame graph.
type Flame struct {
	Name string // "CPU", "memory"
	File string // the profile in the bundle that it was made of: "profiles/cpu.pprof"
	HTML []byte // a page that needs nothing but itself, as google/pprof's /flamegraph makes it
	Hot  []Hot  // the functions at the top, for those who cannot see the graph
}

// A Hot function is a row of what pprof calls top.
type Hot struct {
	Function string
	Flat     float64 // in the function itself, in Unit
	Cum      float64 // and in all that it calls
	Unit     string  // "ns", "B"
}

// A File is one of a bundle.
type File struct {
	Name   string
	Size   int64  // in bytes
	SHA256 string // hexadecimal
}

//go:embed templates
var files embed.FS

// Write writes the page. An error is one of w, or of a template.
func Write(w io.Writer, d Data) error {
	v, err := newView(d)
	if err != nil {
		return err
	}
	t, err := template.ParseFS(files, "templates/*.html")
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, "page.html", v)
}
